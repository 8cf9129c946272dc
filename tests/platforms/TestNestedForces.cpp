// SPDX-License-Identifier: MIT
//
// CustomCVForce and ATMForce evaluate copies of the force that they make through XML.
#include "support/ForceTest.h"

#include <openmm/ATMForce.h>
#include <openmm/CustomCVForce.h>

using namespace equivariant::test;
using namespace OpenMM;
using EquivariantPlugin::openmmForcePerModelForce;

namespace {

class NestedForces : public ForceTest {};
EQUIVARIANT_FOR_ALL_PLATFORMS(NestedForces);

} // namespace

TEST_P(NestedForces, CollectiveVariable) {
    for (const Atoms& atoms : {ethanol(), periodicEthanol()}) {
        const auto alone = simulate(atoms);
        auto* outer = new CustomCVForce("(1-s)*cv+s*s");
        outer->addGlobalParameter("s", 0.75);
        outer->addEnergyParameterDerivative("s");
        outer->addCollectiveVariable("cv", makeForce(atoms).release());
        auto system = makeSystem(atoms);
        system->addForce(outer);
        const auto nested = simulate(std::move(system), atoms.positions);
        const double energy = getEnergy(*alone.context);
        std::vector<double> cv;
        outer->getCollectiveVariableValues(*nested.context, cv);
        EXPECT_TRUE(close(cv.at(0), energy, isDouble() ? 1e-15 : 1e-6));
        EXPECT_TRUE(close(getEnergy(*nested.context), 0.25 * energy + 0.5625, 1e-6));
        auto forces = flatten(getForces(*alone.context));
        for (double& component : forces)
            component *= 0.25;
        EXPECT_TRUE(
            allClose(flatten(getForces(*nested.context)), forces, isDouble() ? 1e-14 : 1e-5));
        const State state = nested.context->getState(State::ParameterDerivatives);
        EXPECT_TRUE(close(state.getEnergyParameterDerivatives().at("s"), 1.5 - energy, 1e-6));
    }
}

TEST_P(NestedForces, CollectiveVariableWithAScaleParameter) {
    const Atoms atoms = ethanol();
    EquivariantForce* force = makeForce(atoms).release();
    force->setScaleParameter("lambda");
    force->setDefaultScale(0.5);
    auto* outer = new CustomCVForce("cv");
    outer->addGlobalParameter("lambda", 0.5);
    outer->addCollectiveVariable("cv", force);
    auto system = makeSystem(atoms);
    system->addForce(outer);
    const auto nested = simulate(std::move(system), atoms.positions);
    for (double scale : {0.5, 2.0}) {
        nested.context->setParameter("lambda", scale);
        EXPECT_TRUE(
            close(getEnergy(*nested.context), scale * interactionEnergy(atoms), tolerance()));
    }
}

TEST_P(NestedForces, AlchemicalTransfer) {
    const Atoms atoms = ethanol();
    Atoms displaced = atoms;
    auto* outer = new ATMForce("u0+lambda*(u1-u0)");
    outer->addGlobalParameter("lambda", 0.25);
    for (std::size_t i = 0; i < atoms.numbers.size(); i++) {
        const Vec3 shift = i < 3 ? Vec3() : Vec3(0.01 * i, 0.02, -0.01);
        outer->addParticle(shift);
        displaced.positions[i] += shift;
    }
    outer->addForce(makeForce(atoms).release());
    auto system = makeSystem(atoms);
    system->addForce(outer);
    const auto nested = simulate(std::move(system), atoms.positions);
    double u1, u0, energy;
    outer->getPerturbationEnergy(*nested.context, u1, u0, energy);
    EXPECT_TRUE(close(u0, interactionEnergy(atoms), tolerance()));
    EXPECT_TRUE(close(u1, interactionEnergy(displaced), tolerance()));
    EXPECT_TRUE(close(getEnergy(*nested.context), 0.75 * u0 + 0.25 * u1, tolerance()));
    auto expected = flatten(evaluate(atoms).forces, 0.75 * openmmForcePerModelForce);
    const auto other = flatten(evaluate(displaced).forces, 0.25 * openmmForcePerModelForce);
    for (std::size_t i = 0; i < expected.size(); i++)
        expected[i] += other[i];
    EXPECT_TRUE(allClose(flatten(getForces(*nested.context)), expected, tolerance()));
}
