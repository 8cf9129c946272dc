// SPDX-License-Identifier: MIT
#pragma once

#include "EquivariantKernels.h"
#include "equivariant/ReferenceEvaluator.h"

#include <memory>
#include <string>
#include <vector>

namespace EquivariantPlugin {

/// The kernel of the Reference platform: copies positions in, calls the reference evaluator, copies
/// forces out. Nothing is kept from one call to the next.
class ReferenceCalcEquivariantForceKernel : public CalcEquivariantForceKernel {
public:
    using CalcEquivariantForceKernel::CalcEquivariantForceKernel;

    void initialize(const OpenMM::System& system, const EquivariantForce& force) override;
    double execute(OpenMM::ContextImpl& context, bool includeForces, bool includeEnergy) override;
    void copyParametersToContext(OpenMM::ContextImpl& context,
                                 const EquivariantForce& force) override;
    std::vector<double> getAtomEnergies(OpenMM::ContextImpl& context) override;
    std::vector<OpenMM::Vec3> getVirial(OpenMM::ContextImpl& context) override;

private:
    void readParameters(const EquivariantForce& force);
    equivariant::Evaluation evaluate(OpenMM::ContextImpl& context, bool includeForces) const;

    std::shared_ptr<const equivariant::Model> model;
    std::vector<int> particles, atomicNumbers;
    std::string scaleParameter;
    std::vector<std::string> derivatives;
    bool periodic = false, totalEnergy = false;
    int head = 0;
};

} // namespace EquivariantPlugin
