// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/Graph.h"
#include "equivariant/Model.h"

#include <memory>
#include <vector>

namespace equivariant {

/// What an evaluator returns for one structure, eV and Å.
struct Evaluation {
    double energy = 0;                   ///< with isolated-atom energies
    double interactionEnergy = 0;        ///< without them
    std::vector<double> atomEnergies;    ///< [atoms], sum to energy
    std::vector<Eigen::Vector3d> forces; ///< [atoms]; empty if not asked for
    /// W = -dE/d(strain), not symmetrised: its antisymmetric part vanishes for a rotation-invariant
    /// energy and measures the net torque otherwise. stress = -W/V.
    Eigen::Matrix3d virial = Eigen::Matrix3d::Zero();
    int numEdges = 0;
};

/// Evaluates a model in double precision, one loop per formula. It is the oracle for the fast
/// evaluators, written to be read.
class ReferenceEvaluator {
public:
    explicit ReferenceEvaluator(std::shared_ptr<const Model> model);

    /// Energies and, if asked for, forces and virial (both left out of an energy-only call).
    /// @param head  index into the model's heads
    /// Throws Error for an element the model does not know and whatever buildGraph() refuses.
    Evaluation evaluate(const Structure& structure, int head = 0, bool computeForces = true) const;

private:
    std::shared_ptr<const Model> model;
};

} // namespace equivariant
