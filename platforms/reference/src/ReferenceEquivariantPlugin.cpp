// SPDX-License-Identifier: MIT
//
// The kernel of the Reference platform, and what OpenMM calls when it has loaded the plugin.
#include "HostEquivariantKernel.h"

#include <openmm/PluginInitializer.h>
#include <openmm/internal/windowsExport.h>

namespace EquivariantPlugin {

namespace {

/// Calls the reference evaluator. Nothing is kept from one call to the next.
class ReferenceEquivariantKernel : public HostEquivariantKernel {
public:
    ReferenceEquivariantKernel(const std::string& name, const OpenMM::Platform& platform,
                               OpenMM::ContextImpl&)
        : HostEquivariantKernel(name, platform) {}

protected:
    void useModel(std::shared_ptr<const equivariant::Model> model) override {
        evaluator = std::make_unique<equivariant::ReferenceEvaluator>(std::move(model));
    }

    equivariant::Evaluation evaluate(const equivariant::Structure& structure, int head,
                                     bool computeForces) override {
        return evaluator->evaluate(structure, head, computeForces);
    }

private:
    std::unique_ptr<equivariant::ReferenceEvaluator> evaluator;
};

} // namespace

} // namespace EquivariantPlugin

extern "C" OPENMM_EXPORT void registerPlatforms() {}

extern "C" OPENMM_EXPORT void registerKernelFactories() {
    EquivariantPlugin::registerHostKernel<EquivariantPlugin::ReferenceEquivariantKernel>(
        "Reference");
}
