// SPDX-License-Identifier: MIT
#pragma once

#include "EquivariantForce.h"

#include <map>
#include <openmm/Kernel.h>
#include <openmm/internal/ContextImpl.h>
#include <openmm/internal/ForceImpl.h>
#include <string>
#include <utility>
#include <vector>

namespace EquivariantPlugin {

/// The force in one Context: checks the input and passes calls on to the platform's kernel.
class EquivariantForceImpl : public OpenMM::ForceImpl {
public:
    explicit EquivariantForceImpl(const EquivariantForce& owner) : owner(owner) {}

    void initialize(OpenMM::ContextImpl& context) override;
    const EquivariantForce& getOwner() const override { return owner; }
    void updateContextState(OpenMM::ContextImpl&, bool&) override {}
    double calcForcesAndEnergy(OpenMM::ContextImpl& context, bool includeForces, bool includeEnergy,
                               int groups) override;
    std::map<std::string, double> getDefaultParameters() override;
    std::vector<std::string> getKernelNames() override;
    std::vector<std::pair<int, int>> getBondedParticles() const override;

    void updateParametersInContext(OpenMM::ContextImpl& context);
    std::vector<double> getAtomEnergies(OpenMM::ContextImpl& context);
    std::vector<OpenMM::Vec3> getVirial(OpenMM::ContextImpl& context);

private:
    /// What cannot change during the life of a Context.
    struct Fixed {
        std::vector<int> particles;
        bool periodic;
        std::string scaleParameter;
        std::vector<std::string> derivatives;
        bool operator==(const Fixed& other) const {
            return particles == other.particles && periodic == other.periodic &&
                   scaleParameter == other.scaleParameter && derivatives == other.derivatives;
        }
    };
    Fixed getFixed() const;
    void validate(const OpenMM::System& system) const;

    const EquivariantForce& owner;
    OpenMM::Kernel kernel;
    Fixed fixed;
};

} // namespace EquivariantPlugin
