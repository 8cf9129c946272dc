// SPDX-License-Identifier: MIT
#include "MaceWeights.h"

namespace EquivariantPlugin {

template <class Real>
MaceWeights<Real>::MaceWeights(const equivariant::PreparedMace<Real>& prepared, int t)
    : size(std::size_t(prepared.model.numChannels) * prepared.model.numChannels) {
    const auto& layer = prepared.layers[t];
    const auto count = [this] { return static_cast<int>(forward.size() / size); };
    for (const auto& groups : layer.mix)
        for (const auto& map : groups)
            add(map);
    mixStride = layer.mix.size() > 1 ? static_cast<int>(layer.plan.groups.size()) : 0;
    product = count();
    for (const auto& map : layer.productLinear)
        add(map);
    up = count();
    if (t + 1 < prepared.model.numLayers)
        for (const auto& map : prepared.layers[t + 1].linearUp)
            add(map);
    skip = count();
    if (layer.layer.isResidual && t == 0) // rows
        forward.insert(forward.end(), prepared.firstSkip.data.begin(),
                       prepared.firstSkip.data.end());
    for (const auto& maps : layer.skip)
        for (const auto& map : maps)
            add(map);
    if (!layer.skip.empty())
        skipStride = static_cast<int>(layer.skip[0].size());
}

template <class Real> void MaceWeights<Real>::add(const equivariant::MapPair<Real>& map) {
    const auto append = [this](std::vector<Real>& to, const auto& from) {
        to.insert(to.end(), from.weight.begin(), from.weight.begin() + size);
    };
    append(forward, map.forward);
    append(reverse, map.reverse);
}

template <class Real>
std::vector<Real> getRepulsionArray(const equivariant::PreparedMace<Real>& prepared) {
    const auto& model = prepared.model;
    const auto& zbl = *model.zbl;
    std::vector<Real> constants;
    for (const int s1 : prepared.speciesInUse)
        for (const int s2 : prepared.speciesInUse) {
            const int z1 = model.atomicNumbers[s1], z2 = model.atomicNumbers[s2];
            constants.push_back(static_cast<Real>(0.5 * zbl.coulomb * z1 * z2));
            constants.push_back(static_cast<Real>(1 / zbl.getScreeningLength(z1, z2)));
            constants.push_back(
                static_cast<Real>(model.covalentRadii[s1] + model.covalentRadii[s2]));
            constants.push_back(0);
        }
    return constants;
}

template struct MaceWeights<float>;
template struct MaceWeights<double>;
template std::vector<float> getRepulsionArray(const equivariant::PreparedMace<float>&);
template std::vector<double> getRepulsionArray(const equivariant::PreparedMace<double>&);

} // namespace EquivariantPlugin
