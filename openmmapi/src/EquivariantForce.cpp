// SPDX-License-Identifier: MIT
#include "EquivariantForce.h"

#include "internal/EquivariantForceImpl.h"
#include "internal/TranslateErrors.h"

#include <cmath>
#include <openmm/OpenMMException.h>

namespace EquivariantPlugin {

using OpenMM::OpenMMException;

namespace {

template <class T> const T& at(const std::vector<T>& list, int index, const char* what) {
    if (index < 0 || index >= static_cast<int>(list.size()))
        throw OpenMMException("EquivariantForce: there is no " + std::string(what) + " " +
                              std::to_string(index) + " (there are " + std::to_string(list.size()) +
                              ")");
    return list[index];
}

EquivariantForceImpl& cast(OpenMM::ForceImpl& impl) {
    return dynamic_cast<EquivariantForceImpl&>(impl);
}

} // namespace

EquivariantForce::EquivariantForce(const std::string& modelFile)
    : EquivariantForce(translateErrors("", [&] { return equivariant::Model::load(modelFile); })) {}

EquivariantForce::EquivariantForce(std::shared_ptr<const equivariant::Model> model)
    : model(std::move(model)) {
    if (!this->model)
        throw OpenMMException("EquivariantForce: no model was given");
    if (this->model->getInfo().atomicNumbers.empty())
        throw OpenMMException("EquivariantForce: this model is no potential: it knows no elements");
}

int EquivariantForce::addParticle(int particle, int atomicNumber) {
    particles.push_back({particle, atomicNumber});
    return getNumParticles() - 1;
}

void EquivariantForce::getParticleParameters(int index, int& particle, int& atomicNumber) const {
    const Particle& found = at(particles, index, "particle");
    particle = found.particle;
    atomicNumber = found.atomicNumber;
}

void EquivariantForce::setParticleParameters(int index, int particle, int atomicNumber) {
    at(particles, index, "particle");
    particles[index] = {particle, atomicNumber};
}

int EquivariantForce::addBond(int particle1, int particle2) {
    bonds.push_back({particle1, particle2});
    return getNumBonds() - 1;
}

void EquivariantForce::getBondParameters(int index, int& particle1, int& particle2) const {
    const Bond& found = at(bonds, index, "bond");
    particle1 = found.particle1;
    particle2 = found.particle2;
}

void EquivariantForce::setHead(const std::string& name) {
    translateErrors("", [&] { return model->getHead(name); });
    head = name;
}

void EquivariantForce::setDefaultScale(double scale) {
    if (!std::isfinite(scale))
        throw OpenMMException("EquivariantForce: the default scale is not finite");
    defaultScale = scale;
}

void EquivariantForce::addEnergyParameterDerivative(const std::string& name) {
    energyParameterDerivatives.push_back(name);
}

const std::string& EquivariantForce::getEnergyParameterDerivativeName(int index) const {
    return at(energyParameterDerivatives, index, "energy parameter derivative");
}

void EquivariantForce::updateParametersInContext(OpenMM::Context& context) {
    cast(getImplInContext(context)).updateParametersInContext(getContextImpl(context));
}

std::vector<double> EquivariantForce::getAtomEnergies(OpenMM::Context& context) {
    return cast(getImplInContext(context)).getAtomEnergies(getContextImpl(context));
}

std::vector<OpenMM::Vec3> EquivariantForce::getVirial(OpenMM::Context& context) {
    return cast(getImplInContext(context)).getVirial(getContextImpl(context));
}

OpenMM::ForceImpl* EquivariantForce::createImpl() const {
    return new EquivariantForceImpl(*this);
}

} // namespace EquivariantPlugin
