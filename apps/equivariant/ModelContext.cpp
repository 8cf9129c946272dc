// SPDX-License-Identifier: MIT
#include "ModelContext.h"

namespace equivariant::command {

using EquivariantPlugin::EquivariantForce;

ModelContext::ModelContext(const std::shared_ptr<const Model>& model, const std::string& head,
                           const PlatformChoice& choice, const std::vector<int>& numbers,
                           const OpenMMBox& box) {
    auto owned = std::make_unique<EquivariantForce>(model);
    for (std::size_t i = 0; i < numbers.size(); i++) {
        system.addParticle(1.0); // the mass does not matter here
        owned->addParticle(static_cast<int>(i), numbers[i]);
    }
    // OpenMM 8.6.1 crashes on PoCL with a single particle: a lone atom gets a bystander.
    if (numbers.size() == 1)
        system.addParticle(1.0);
    owned->setHead(head);
    owned->setUsesPeriodicBoundaryConditions(box.periodic);
    if (box.periodic)
        system.setDefaultPeriodicBoxVectors(box.vectors[0], box.vectors[1], box.vectors[2]);
    force = owned.get();
    system.addForce(owned.release());
    context = makeContext(system, integrator, choice);
}

void ModelContext::setStructure(const Structure& structure, const OpenMMBox& box) {
    if (box.periodic)
        context->setPeriodicBoxVectors(box.vectors[0], box.vectors[1], box.vectors[2]);
    std::vector<OpenMM::Vec3> positions;
    positions.reserve(structure.positions.size());
    for (const Eigen::Vector3d& position : structure.positions)
        positions.push_back(box.toOpenMM(position));
    positions.resize(system.getNumParticles());
    context->setPositions(positions);
}

} // namespace equivariant::command
