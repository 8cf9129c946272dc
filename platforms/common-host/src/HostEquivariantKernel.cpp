// SPDX-License-Identifier: MIT
#include "HostEquivariantKernel.h"

#include "internal/EquivariantUnits.h"
#include "internal/TranslateErrors.h"

namespace EquivariantPlugin {

using equivariant::Evaluation;
using OpenMM::ContextImpl;
using OpenMM::Vec3;

namespace {

Eigen::Vector3d toAngstroms(const Vec3& v) {
    return angstromsPerNanometer * Eigen::Vector3d(v[0], v[1], v[2]);
}

} // namespace

OpenMM::ReferencePlatform::PlatformData& getHostData(ContextImpl& context) {
    return *static_cast<OpenMM::ReferencePlatform::PlatformData*>(context.getPlatformData());
}

void HostEquivariantKernel::initialize(const OpenMM::System&, const EquivariantForce& force) {
    model = force.getModelPtr();
    structure.periodic.fill(force.usesPeriodicBoundaryConditions());
    scaleParameter = force.getScaleParameter();
    for (int i = 0; i < force.getNumEnergyParameterDerivatives(); i++)
        derivatives.push_back(force.getEnergyParameterDerivativeName(i));
    readParameters(force);
    translateErrors("", [&] { useModel(model); });
}

void HostEquivariantKernel::copyParametersToContext(ContextImpl&, const EquivariantForce& force) {
    readParameters(force);
}

void HostEquivariantKernel::readParameters(const EquivariantForce& force) {
    const int count = force.getNumParticles();
    particles.resize(count);
    structure.positions.resize(count);
    structure.atomicNumbers.resize(count);
    for (int i = 0; i < count; i++)
        force.getParticleParameters(i, particles[i], structure.atomicNumbers[i]);
    totalEnergy = force.getEnergyType() == EquivariantForce::TotalEnergy;
    head = model->getHead(force.getHead());
}

Evaluation HostEquivariantKernel::evaluateContext(ContextImpl& context, bool includeForces) {
    const auto& data = getHostData(context);
    for (std::size_t i = 0; i < particles.size(); i++)
        structure.positions[i] = toAngstroms((*data.positions)[particles[i]]);
    if (structure.periodic[0])
        for (int i = 0; i < 3; i++)
            structure.cell.row(i) = toAngstroms(data.periodicBoxVectors[i]);
    return translateErrors("(atoms are numbered in the order of addParticle) ",
                           [&] { return evaluate(structure, head, includeForces); });
}

double HostEquivariantKernel::execute(ContextImpl& context, bool includeForces, bool) {
    const Evaluation result = evaluateContext(context, includeForces);
    const double scale = scaleParameter.empty() ? 1 : context.getParameter(scaleParameter);
    auto& data = getHostData(context);
    if (includeForces)
        for (std::size_t i = 0; i < particles.size(); i++) {
            const Eigen::Vector3d force = scale * openmmForcePerModelForce * result.forces[i];
            (*data.forces)[particles[i]] += Vec3(force[0], force[1], force[2]);
        }
    const double energy =
        kilojoulesPerElectronVolt * (totalEnergy ? result.energy : result.interactionEnergy);
    for (const std::string& name : derivatives)
        (*data.energyParameterDerivatives)[name] += energy;
    return scale * energy;
}

std::vector<double> HostEquivariantKernel::getAtomEnergies(ContextImpl& context) {
    const Evaluation result = evaluateContext(context, false);
    const auto& isolated = model->getInfo().isolatedAtomEnergies;
    std::vector<double> energies;
    for (std::size_t i = 0; i < particles.size(); i++) {
        const int species = model->getSpecies(structure.atomicNumbers[i]);
        const double absent = totalEnergy ? 0 : isolated(head, species);
        energies.push_back(kilojoulesPerElectronVolt * (result.atomEnergies[i] - absent));
    }
    return energies;
}

std::vector<Vec3> HostEquivariantKernel::getVirial(ContextImpl& context) {
    const Eigen::Matrix3d virial =
        kilojoulesPerElectronVolt * evaluateContext(context, true).virial;
    std::vector<Vec3> rows(3);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            rows[i][j] = (virial(i, j) + virial(j, i)) / 2;
    return rows;
}

} // namespace EquivariantPlugin
