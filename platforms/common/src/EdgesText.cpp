// SPDX-License-Identifier: MIT
#include "EdgesText.h"

#include "KernelSources.h"
#include "equivariant/Lattice.h"
#include "internal/EquivariantUnits.h"

#include <algorithm>

namespace EquivariantPlugin {

Defines getEdgesDefines() {
    return {{"ATOM_COUNT", std::to_string(EdgeStatus::AtomCount)},
            {"AGED", std::to_string(EdgeStatus::Aged)},
            {"STALE", std::to_string(EdgeStatus::Stale)},
            {"OVERFLOW", std::to_string(EdgeStatus::Overflow)},
            {"NOT_FINITE", std::to_string(EdgeStatus::NotFinite)},
            {"COINCIDENT", std::to_string(EdgeStatus::Coincident)},
            {"COINCIDENT_WITH", std::to_string(EdgeStatus::CoincidentWith)},
            {"NOT_PLANAR", std::to_string(EdgeStatus::NotPlanar)},
            {"NOT_PLANAR_WITH", std::to_string(EdgeStatus::NotPlanarWith)},
            {"NUM_FLAGS", std::to_string(EdgeStatus::NumFlags)},
            {"CAPACITY", std::to_string(EdgeStatus::Capacity)}};
}

EdgesOptions makeEdgesOptions(const equivariant::Model& model, bool periodic) {
    EdgesOptions options;
    options.cutoff = model.getInfo().cutoff;
    options.periodic = periodic;
    if (const auto* ponita = std::get_if<equivariant::PonitaParameters>(&model.getParameters())) {
        if (ponita->hasGrid())
            options.parts = static_cast<int>(ponita->orientations.size());
        options.planar = ponita->getDimension() == 2;
    }
    return options;
}

KernelText makeEdgesText(const EdgesOptions& options, DevicePrecision precision, int derivative,
                         int numDerivatives) {
    const auto literal = [&](double value) { return toLiteral(value, precision.mixedIsDouble); };
    const double cutoff = options.cutoff, range = cutoff + skin;
    Defines defines = getEdgesDefines();
    // Pairs may come closer by the skin until the list no longer serves.
    const double farthest = skin / 2, aged = 0.8 * farthest;
    defines["MAX_SQUARED_MOVE"] = literal(farthest * farthest);
    defines["AGED_SQUARED_MOVE"] = literal(aged * aged);
    defines["SQUARED_RANGE"] = literal(std::min(range * range, 1e30));
    defines["SQUARED_CUTOFF"] = literal(std::min(cutoff * cutoff, 1e30));
    defines["CLOSEST_APPROACH"] = literal(equivariant::closestApproach);
    defines["KILOJOULES_PER_ELECTRON_VOLT"] = literal(kilojoulesPerElectronVolt);
    defines["FORCE_UNIT"] = literal(openmmForcePerModelForce);
    defines["EDGE_GROUP"] = std::to_string(edgeGroup);
    defines["CELL_GROUP"] = std::to_string(cellGroup);
    if (precision.mixedIsDouble && !precision.realIsDouble)
        defines["USE_MIXED_PRECISION"] = "";
    defines["PARTS"] = std::to_string(options.parts);
    if (options.periodic)
        defines["PERIODIC"] = "";
    if (options.planar)
        defines["PLANAR"] = "";
    if (derivative >= 0) {
        defines["HAS_DERIVATIVE"] = "";
        defines["NUM_DERIVATIVES"] = std::to_string(numDerivatives);
        defines["DERIVATIVE"] = std::to_string(derivative);
    }
    return {"gatherPositions", getKernelSource("neighbors"), defines};
}

} // namespace EquivariantPlugin
