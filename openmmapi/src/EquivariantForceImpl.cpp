// SPDX-License-Identifier: MIT
#include "internal/EquivariantForceImpl.h"

#include "EquivariantKernels.h"
#include "internal/TranslateErrors.h"

#include <cmath>
#include <openmm/OpenMMException.h>

namespace EquivariantPlugin {

using OpenMM::ContextImpl;
using OpenMM::OpenMMException;
using OpenMM::System;

namespace {

void checkParticle(int particle, const System& system, const char* what) {
    if (particle < 0 || particle >= system.getNumParticles())
        throw OpenMMException("EquivariantForce: " + std::string(what) + " " +
                              std::to_string(particle) +
                              " is not a particle of the System (it has " +
                              std::to_string(system.getNumParticles()) + ")");
}

void checkParticles(const EquivariantForce& force, const System& system) {
    std::vector<bool> present(system.getNumParticles(), false);
    for (int i = 0; i < force.getNumParticles(); i++) {
        int particle, atomicNumber;
        force.getParticleParameters(i, particle, atomicNumber);
        checkParticle(particle, system, "particle");
        if (present[particle])
            throw OpenMMException("EquivariantForce: particle " + std::to_string(particle) +
                                  " was added twice");
        present[particle] = true;
        translateErrors("particle " + std::to_string(particle) + ": ",
                        [&] { return force.getModel().getSpecies(atomicNumber); });
    }
}

} // namespace

void EquivariantForceImpl::validate(const System& system) const {
    checkParticles(owner, system);
    for (int i = 0; i < owner.getNumBonds(); i++) {
        int particle1, particle2;
        owner.getBondParameters(i, particle1, particle2);
        checkParticle(particle1, system, "bonded particle");
        checkParticle(particle2, system, "bonded particle");
    }
    if (owner.usesPeriodicBoundaryConditions() && !std::isfinite(owner.getModel().getInfo().cutoff))
        throw OpenMMException("EquivariantForce: this model joins all pairs of atoms and cannot be "
                              "used with periodic boundary conditions");
    for (int i = 0; i < owner.getNumEnergyParameterDerivatives(); i++) {
        const std::string& name = owner.getEnergyParameterDerivativeName(i);
        if (name.empty() || name != owner.getScaleParameter())
            throw OpenMMException("EquivariantForce: a derivative with respect to '" + name +
                                  "' was asked for, but the energy depends on no parameter" +
                                  (owner.getScaleParameter().empty()
                                       ? ""
                                       : " but '" + owner.getScaleParameter() + "'"));
    }
}

EquivariantForceImpl::Fixed EquivariantForceImpl::getFixed() const {
    Fixed result{{}, owner.usesPeriodicBoundaryConditions(), owner.getScaleParameter(), {}};
    for (int i = 0; i < owner.getNumParticles(); i++) {
        int particle, atomicNumber;
        owner.getParticleParameters(i, particle, atomicNumber);
        result.particles.push_back(particle);
    }
    for (int i = 0; i < owner.getNumEnergyParameterDerivatives(); i++)
        result.derivatives.push_back(owner.getEnergyParameterDerivativeName(i));
    return result;
}

void EquivariantForceImpl::initialize(ContextImpl& context) {
    forceGroup = owner.getForceGroup();
    validate(context.getSystem());
    fixed = getFixed();
    kernel = context.getPlatform().createKernel(getKernelNames()[0], context);
    kernel.getAs<CalcEquivariantForceKernel>().initialize(context.getSystem(), owner);
}

double EquivariantForceImpl::calcForcesAndEnergy(ContextImpl& context, bool includeForces,
                                                 bool includeEnergy, int groups) {
    if ((groups & (1u << forceGroup)) == 0)
        return 0;
    return kernel.getAs<CalcEquivariantForceKernel>().execute(context, includeForces,
                                                              includeEnergy);
}

std::map<std::string, double> EquivariantForceImpl::getDefaultParameters() {
    if (owner.getScaleParameter().empty())
        return {};
    return {{owner.getScaleParameter(), owner.getDefaultScale()}};
}

std::vector<std::string> EquivariantForceImpl::getKernelNames() {
    return {CalcEquivariantForceKernel::Name()};
}

std::vector<std::pair<int, int>> EquivariantForceImpl::getBondedParticles() const {
    std::vector<std::pair<int, int>> pairs;
    for (int i = 0; i < owner.getNumBonds(); i++) {
        int particle1, particle2;
        owner.getBondParameters(i, particle1, particle2);
        pairs.emplace_back(particle1, particle2);
    }
    // A cluster is torn apart if some of its atoms are moved to the other side of the box, which
    // OpenMM does with whole molecules only.
    if (!owner.usesPeriodicBoundaryConditions())
        for (int i = 1; i < owner.getNumParticles(); i++) {
            int previous, particle, atomicNumber;
            owner.getParticleParameters(i - 1, previous, atomicNumber);
            owner.getParticleParameters(i, particle, atomicNumber);
            pairs.emplace_back(previous, particle);
        }
    return pairs;
}

void EquivariantForceImpl::updateParametersInContext(ContextImpl& context) {
    validate(context.getSystem());
    if (!(getFixed() == fixed))
        throw OpenMMException("EquivariantForce: updateParametersInContext: the particles, the "
                              "boundary conditions or the parameters were changed; the Context has "
                              "to be reinitialized");
    kernel.getAs<CalcEquivariantForceKernel>().copyParametersToContext(context, owner);
    context.systemChanged();
}

std::vector<double> EquivariantForceImpl::getAtomEnergies(ContextImpl& context) {
    return kernel.getAs<CalcEquivariantForceKernel>().getAtomEnergies(context);
}

std::vector<OpenMM::Vec3> EquivariantForceImpl::getVirial(ContextImpl& context) {
    return kernel.getAs<CalcEquivariantForceKernel>().getVirial(context);
}

} // namespace EquivariantPlugin
