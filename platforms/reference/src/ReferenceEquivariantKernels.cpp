// SPDX-License-Identifier: MIT
#include "ReferenceEquivariantKernels.h"

#include "internal/EquivariantUnits.h"
#include "internal/TranslateErrors.h"

#include <openmm/reference/ReferencePlatform.h>

namespace EquivariantPlugin {

using equivariant::Evaluation;
using equivariant::Structure;
using OpenMM::ContextImpl;
using OpenMM::Vec3;

namespace {

OpenMM::ReferencePlatform::PlatformData& getData(ContextImpl& context) {
    return *static_cast<OpenMM::ReferencePlatform::PlatformData*>(context.getPlatformData());
}

Eigen::Vector3d toAngstroms(const Vec3& v) {
    return angstromsPerNanometer * Eigen::Vector3d(v[0], v[1], v[2]);
}

} // namespace

void ReferenceCalcEquivariantForceKernel::initialize(const OpenMM::System&,
                                                     const EquivariantForce& force) {
    model = force.getModelPtr();
    periodic = force.usesPeriodicBoundaryConditions();
    scaleParameter = force.getScaleParameter();
    for (int i = 0; i < force.getNumEnergyParameterDerivatives(); i++)
        derivatives.push_back(force.getEnergyParameterDerivativeName(i));
    readParameters(force);
}

void ReferenceCalcEquivariantForceKernel::copyParametersToContext(ContextImpl&,
                                                                  const EquivariantForce& force) {
    readParameters(force);
}

void ReferenceCalcEquivariantForceKernel::readParameters(const EquivariantForce& force) {
    particles.resize(force.getNumParticles());
    atomicNumbers.resize(force.getNumParticles());
    for (int i = 0; i < force.getNumParticles(); i++)
        force.getParticleParameters(i, particles[i], atomicNumbers[i]);
    totalEnergy = force.getEnergyType() == EquivariantForce::TotalEnergy;
    head = model->getHead(force.getHead());
}

Evaluation ReferenceCalcEquivariantForceKernel::evaluate(ContextImpl& context,
                                                         bool includeForces) const {
    const auto& data = getData(context);
    Structure structure;
    structure.atomicNumbers = atomicNumbers;
    for (int particle : particles)
        structure.positions.push_back(toAngstroms((*data.positions)[particle]));
    if (periodic) {
        structure.periodic = {true, true, true};
        for (int i = 0; i < 3; i++)
            structure.cell.row(i) = toAngstroms(data.periodicBoxVectors[i]);
    }
    return translateErrors("(atoms are numbered in the order of addParticle) ", [&] {
        return equivariant::ReferenceEvaluator(model).evaluate(structure, head, includeForces);
    });
}

double ReferenceCalcEquivariantForceKernel::execute(ContextImpl& context, bool includeForces,
                                                    bool) {
    const Evaluation result = evaluate(context, includeForces);
    const double scale = scaleParameter.empty() ? 1 : context.getParameter(scaleParameter);
    auto& data = getData(context);
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

std::vector<double> ReferenceCalcEquivariantForceKernel::getAtomEnergies(ContextImpl& context) {
    const Evaluation result = evaluate(context, false);
    const auto& isolated = model->getInfo().isolatedAtomEnergies;
    std::vector<double> energies;
    for (std::size_t i = 0; i < particles.size(); i++) {
        const double absent = totalEnergy ? 0 : isolated(head, model->getSpecies(atomicNumbers[i]));
        energies.push_back(kilojoulesPerElectronVolt * (result.atomEnergies[i] - absent));
    }
    return energies;
}

std::vector<Vec3> ReferenceCalcEquivariantForceKernel::getVirial(ContextImpl& context) {
    const Eigen::Matrix3d virial = kilojoulesPerElectronVolt * evaluate(context, true).virial;
    std::vector<Vec3> rows(3);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            rows[i][j] = (virial(i, j) + virial(j, i)) / 2;
    return rows;
}

} // namespace EquivariantPlugin
