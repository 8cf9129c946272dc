// SPDX-License-Identifier: MIT
//
// What the platforms that keep positions and forces in the memory of the host have in common.
#pragma once

#include "EquivariantKernels.h"
#include "equivariant/ReferenceEvaluator.h"

#include <memory>
#include <openmm/KernelFactory.h>
#include <openmm/OpenMMException.h>
#include <openmm/reference/ReferencePlatform.h>
#include <string>
#include <vector>

namespace EquivariantPlugin {

/// Data of a Context of the Reference platform or of one derived from it.
OpenMM::ReferencePlatform::PlatformData& getHostData(OpenMM::ContextImpl& context);

/// Copies positions in, has an evaluator do the work, copies forces out. A platform says which
/// evaluator.
class HostEquivariantKernel : public CalcEquivariantForceKernel {
public:
    using CalcEquivariantForceKernel::CalcEquivariantForceKernel;

    void initialize(const OpenMM::System& system, const EquivariantForce& force) override;
    double execute(OpenMM::ContextImpl& context, bool includeForces, bool includeEnergy) override;
    void copyParametersToContext(OpenMM::ContextImpl& context,
                                 const EquivariantForce& force) override;
    std::vector<double> getAtomEnergies(OpenMM::ContextImpl& context) override;
    std::vector<OpenMM::Vec3> getVirial(OpenMM::ContextImpl& context) override;

protected:
    /// Called once, before any evaluation. May throw equivariant::Error.
    virtual void useModel(std::shared_ptr<const equivariant::Model> model) = 0;

    /// Å and eV. May throw equivariant::Error.
    virtual equivariant::Evaluation evaluate(const equivariant::Structure& structure, int head,
                                             bool computeForces) = 0;

private:
    void readParameters(const EquivariantForce& force);
    equivariant::Evaluation evaluateContext(OpenMM::ContextImpl& context, bool includeForces);

    std::shared_ptr<const equivariant::Model> model;
    std::vector<int> particles;
    equivariant::Structure structure; ///< positions and cell are those of the last evaluation
    std::string scaleParameter;
    std::vector<std::string> derivatives;
    bool totalEnergy = false;
    int head = 0;
};

/// Makes kernels of the class `Kernel` of a name, a Platform and a ContextImpl.
template <class Kernel> class HostKernelFactory : public OpenMM::KernelFactory {
public:
    OpenMM::KernelImpl* createKernelImpl(std::string name, const OpenMM::Platform& platform,
                                         OpenMM::ContextImpl& context) const override {
        return new Kernel(name, platform, context);
    }
};

/// The CPU platform is a ReferencePlatform, too, and each is to have its own kernel.
template <class Kernel> void registerHostKernel(const std::string& platformName) {
    CalcEquivariantForceKernel::registerFactory(
        platformName, []() -> OpenMM::KernelFactory* { return new HostKernelFactory<Kernel>; });
}

} // namespace EquivariantPlugin
