// SPDX-License-Identifier: MIT
#include "LaunchCount.h"

#include "equivariant/Orientations.h"

namespace EquivariantPlugin {

int countLaunches(const equivariant::Model& model, bool withForces) {
    constexpr int edgesAndOutput = 3, forward = 2, reverse = 2;
    const int perLayer = forward + (withForces ? reverse : 0);
    if (const auto* ponita = std::get_if<equivariant::PonitaParameters>(&model.getParameters()))
        return edgesAndOutput + (ponita->isPointCloud() ? 1 : 0) +
               static_cast<int>(equivariant::rotationsOf(ponita->rotationAverage).size() *
                                ponita->layers.size()) *
                   perLayer;
    const auto& mace = std::get<equivariant::MaceParameters>(model.getParameters());
    return edgesAndOutput + (mace.zbl ? 1 : 0) + mace.numLayers * perLayer;
}

} // namespace EquivariantPlugin
