// SPDX-License-Identifier: MIT
//
// The kernel of the CPU platform, and what OpenMM calls when it has loaded the plugin.
#include "HostEquivariantKernel.h"
#include "PoolWorkers.h"
#include "equivariant/Evaluator.h"

#include <openmm/PluginInitializer.h>
#include <openmm/internal/windowsExport.h>

namespace EquivariantPlugin {

namespace {

/// Calls the fast evaluator with the threads of the Context. The platform computes in single
/// precision and has no property to choose, so this kernel does the same: features in single
/// precision, positions and sums in double.
class CpuEquivariantKernel : public HostEquivariantKernel {
public:
    CpuEquivariantKernel(const std::string& name, const OpenMM::Platform& platform,
                         OpenMM::ContextImpl& context)
        : HostEquivariantKernel(name, platform),
          workers(std::make_shared<PoolWorkers>(getHostData(context).threads)) {}

protected:
    void useModel(std::shared_ptr<const equivariant::Model> model) override {
        equivariant::EvaluatorOptions options;
        options.precision = equivariant::Precision::Single;
        evaluator = std::make_unique<equivariant::Evaluator>(std::move(model), options, workers);
    }

    equivariant::Evaluation evaluate(const equivariant::Structure& structure, int head,
                                     bool computeForces) override {
        return evaluator->evaluate(structure, head, computeForces);
    }

private:
    std::shared_ptr<PoolWorkers> workers;
    std::unique_ptr<equivariant::Evaluator> evaluator;
};

} // namespace

} // namespace EquivariantPlugin

extern "C" OPENMM_EXPORT void registerPlatforms() {}

extern "C" OPENMM_EXPORT void registerKernelFactories() {
    EquivariantPlugin::registerHostKernel<EquivariantPlugin::CpuEquivariantKernel>("CPU");
}
