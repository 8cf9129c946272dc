// SPDX-License-Identifier: MIT
#pragma once

#include "KernelText.h"
#include "equivariant/Model.h"

namespace EquivariantPlugin {

/// Places in the status array of DeviceEdges. The first ones are flags, cleared after every
/// evaluation; an atom is stored as its number plus one.
struct EdgeStatus {
    enum Place {
        Aged,  ///< the list serves, but should be made again soon
        Stale, ///< the list does not serve
        Overflow,
        NotFinite,
        Coincident,
        CoincidentWith,
        NotPlanar,
        NotPlanarWith,
        NumFlags,
        AtomCount = NumFlags,
        Capacity,
        StatusSize
    };
};

constexpr double skin = 1;     ///< Å, beyond the cutoff
constexpr int edgeGroup = 32;  ///< threads of a work-group that has one atom's edges
constexpr int cellGroup = 128; ///< threads of the one that sorts atoms into cells

/// What kernels need to read the arrays of DeviceEdges.
Defines getEdgesDefines();

struct EdgesOptions {
    double cutoff = 0; ///< Å, may be infinite
    bool periodic = false;
    int parts = 1;       ///< in how many parts a network gives energies and gradients
    bool planar = false; ///< edges have to lie in the plane z = 0
};

/// @param periodic  whether the force uses periodic boundary conditions
EdgesOptions makeEdgesOptions(const equivariant::Model& model, bool periodic);

/// The program of the list and of what goes to OpenMM. @param derivative  index of the scale's
/// derivative among those of the Context, or -1
KernelText makeEdgesText(const EdgesOptions& options, DevicePrecision precision, int derivative,
                         int numDerivatives);

} // namespace EquivariantPlugin
