// SPDX-License-Identifier: MIT
#pragma once

#include "DeviceEdges.h"
#include "DeviceNetwork.h"
#include "EquivariantKernels.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace EquivariantPlugin {

/// The kernel of the platforms that OpenMM's common layer serves: OpenCL and CUDA. All work is done
/// on the device; a force call waits only until the edges are known to have fitted.
class CommonEquivariantKernel : public CalcEquivariantForceKernel {
public:
    CommonEquivariantKernel(const std::string& name, const OpenMM::Platform& platform,
                            OpenMM::ComputeContext& cc)
        : CalcEquivariantForceKernel(name, platform), cc(cc) {}
    ~CommonEquivariantKernel() override;

    void initialize(const OpenMM::System& system, const EquivariantForce& force) override;
    double execute(OpenMM::ContextImpl& context, bool includeForces, bool includeEnergy) override;
    void copyParametersToContext(OpenMM::ContextImpl& context,
                                 const EquivariantForce& force) override;
    std::vector<double> getAtomEnergies(OpenMM::ContextImpl& context) override;
    std::vector<OpenMM::Vec3> getVirial(OpenMM::ContextImpl& context) override;

private:
    void readParameters(const EquivariantForce& force);
    void makeNetwork();
    bool tryToEvaluate(bool gradients);
    void evaluate(bool gradients);
    void runInWorkThread(const std::function<void()>& work);

    OpenMM::ComputeContext& cc;
    std::shared_ptr<const equivariant::Model> model;
    std::string scaleParameter, derivative;
    bool periodic = false, totalEnergy = false;
    int head = 0;
    std::vector<int> particles, atomicNumbers; ///< [atoms of the force]
    std::vector<int> order;                    ///< [internal number] atom of the force
    double isolatedEnergy = 0;                 ///< eV, of all atoms, if the energy has it
    std::unique_ptr<DeviceEdges> edges;        ///< absent if there is no atom
    std::unique_ptr<DeviceNetwork> network;
};

} // namespace EquivariantPlugin
