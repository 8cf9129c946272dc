// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/Model.h"

#include <memory>
#include <openmm/Context.h>
#include <openmm/Force.h>
#include <openmm/Vec3.h>
#include <string>
#include <vector>

namespace EquivariantPlugin {

/// The energy of an equivariant potential (MACE, Gaunt-MACE, PONITA) of some or all particles of a
/// System. Its cost depends on these particles only. Units are OpenMM's: kJ/mol and nm.
///
/// All functions throw OpenMM::OpenMMException: for an index out of range, for a model file that
/// cannot be used, and, where a Context is made, for a particle whose element the model does not
/// know. docs/openmm-force.md describes the behaviour in full.
class EquivariantForce : public OpenMM::Force {
public:
    enum EnergyType {
        InteractionEnergy = 0, ///< without the energies of isolated atoms
        TotalEnergy = 1        ///< with them
    };

    /// Reads a model file now; the file is not needed afterwards.
    explicit EquivariantForce(const std::string& modelFile);
    explicit EquivariantForce(std::shared_ptr<const equivariant::Model> model);

    const equivariant::Model& getModel() const { return *model; }
    std::shared_ptr<const equivariant::Model> getModelPtr() const { return model; }

    /// Adds a particle of the System to the atoms that the potential sees. Any order will do; a
    /// particle may be added once.
    /// @return the index of the atom, which counts the calls
    int addParticle(int particle, int atomicNumber);
    int getNumParticles() const { return static_cast<int>(particles.size()); }
    void getParticleParameters(int index, int& particle, int& atomicNumber) const;
    void setParticleParameters(int index, int particle, int atomicNumber);

    /// Says that two particles (indices of the System) belong to one molecule. The energy does not
    /// depend on it; barostats move a molecule as a whole. The particles of a force that is not
    /// periodic always count as one molecule.
    int addBond(int particle1, int particle2);
    int getNumBonds() const { return static_cast<int>(bonds.size()); }
    void getBondParameters(int index, int& particle1, int& particle2) const;

    /// Whether atoms see the periodic images of others (and of themselves). The default is no.
    void setUsesPeriodicBoundaryConditions(bool periodic) { this->periodic = periodic; }
    bool usesPeriodicBoundaryConditions() const override { return periodic; }

    /// Which of the model's sets of readouts is used; "" (the default) means the first.
    const std::string& getHead() const { return head; }
    void setHead(const std::string& name);

    EnergyType getEnergyType() const { return energyType; }
    void setEnergyType(EnergyType type) { energyType = type; }

    /// The name of a global parameter of the Context that multiplies the energy; "" (the default)
    /// means none.
    const std::string& getScaleParameter() const { return scaleParameter; }
    void setScaleParameter(const std::string& name) { scaleParameter = name; }

    /// The value that the scale parameter has in a new Context.
    double getDefaultScale() const { return defaultScale; }
    void setDefaultScale(double scale);

    /// Asks for the derivative of the energy with respect to a global parameter, which can only be
    /// the scale parameter.
    void addEnergyParameterDerivative(const std::string& name);
    int getNumEnergyParameterDerivatives() const {
        return static_cast<int>(energyParameterDerivatives.size());
    }
    const std::string& getEnergyParameterDerivativeName(int index) const;

    /// Copies atomic numbers, head and energy type to a Context. Throws if anything else about the
    /// force was changed since the Context was made: reinitialize the Context for that.
    void updateParametersInContext(OpenMM::Context& context);

    /// [atoms], kJ/mol, in the order of addParticle(), at the Context's present positions. They sum
    /// to the energy before scaling: with isolated-atom energies if the energy type has them.
    std::vector<double> getAtomEnergies(OpenMM::Context& context);

    /// The rows of W = -dE/d(strain), kJ/mol, symmetrised, before scaling, at the Context's present
    /// positions. Its trace over three volumes is the potential's part of the pressure.
    std::vector<OpenMM::Vec3> getVirial(OpenMM::Context& context);

protected:
    OpenMM::ForceImpl* createImpl() const override;

private:
    struct Particle {
        int particle, atomicNumber;
    };
    struct Bond {
        int particle1, particle2;
    };

    std::shared_ptr<const equivariant::Model> model;
    std::vector<Particle> particles;
    std::vector<Bond> bonds;
    std::vector<std::string> energyParameterDerivatives;
    std::string head, scaleParameter;
    double defaultScale = 1;
    EnergyType energyType = InteractionEnergy;
    bool periodic = false;
};

} // namespace EquivariantPlugin
