// SPDX-License-Identifier: MIT
#include "support/ForceTest.h"

#include <openmm/OpenMMException.h>

using namespace equivariant::test;
using EquivariantPlugin::kilojoulesPerElectronVolt;
using EquivariantPlugin::openmmForcePerModelForce;
using OpenMM::OpenMMException;

namespace {

class EnergiesAndForces : public ForceTest {};
EQUIVARIANT_FOR_ALL_PLATFORMS(EnergiesAndForces);

} // namespace

TEST_P(EnergiesAndForces, MatchTheGoldenNumbersThroughOpenMM) {
    const auto cases = readJson(goldenPath("mace/a_l1c2_L0.expected.json"));
    for (const auto& expected : cases) {
        SCOPED_TRACE(expected["name"].get<std::string>());
        Atoms atoms;
        atoms.numbers = expected["Z"].get<std::vector<int>>();
        // OpenMM 8.6.1 crashes on PoCL with any System of one particle, whatever its forces.
        if (GetParam().platform == "OpenCL" && atoms.numbers.size() == 1)
            continue;
        for (const auto& p : expected["positions"])
            atoms.positions.push_back(0.1 * Vec3(p[0], p[1], p[2]));
        if (expected["pbc"][0].get<bool>())
            for (const auto& row : expected["cell"])
                atoms.box.push_back(0.1 * Vec3(row[0], row[1], row[2]));
        EquivariantForce* force = makeForce(atoms).release();
        force->setEnergyType(EquivariantForce::TotalEnergy);
        const auto simulation = simulate(atoms, force);
        const auto& context = simulation.context;
        EXPECT_TRUE(close(getEnergy(*context),
                          kilojoulesPerElectronVolt * expected["energy"].get<double>(),
                          tolerance()));
        std::vector<double> forces;
        for (const auto& f : expected["forces"])
            for (const auto& component : f)
                forces.push_back(openmmForcePerModelForce * component.get<double>());
        EXPECT_TRUE(allClose(flatten(getForces(*context)), forces, tolerance()));
    }
}

TEST_P(EnergiesAndForces, EqualTheReferenceEvaluator) {
    for (const Atoms& atoms : {ethanol(), periodicEthanol()}) {
        const auto simulation = simulate(atoms);
        expectEvaluation(*simulation.context, atoms);
    }
}

TEST_P(EnergiesAndForces, EqualTheReferenceEvaluatorForEveryArchitecture) {
    const std::vector<std::pair<const char*, bool>> models = {
        {"b_l3c3_L1", true},           {"a_r3s2_o12_all_pairs", false},
        {"b_r3s2_o20_cutoff", true},   {"c_r3_cutoff", true},
        {"g_r3s2_point_cloud", false}, {"h_r3s2_point_cloud_cutoff", true}};
    for (const auto& [name, periodic] : models) {
        SCOPED_TRACE(name);
        const auto model = equivariant::Model::load(modelPath(name));
        Atoms atoms = periodic ? periodicEthanol() : ethanol();
        const auto& known = model->getInfo().atomicNumbers;
        for (std::size_t i = 0; i < atoms.numbers.size(); i++)
            atoms.numbers[i] = known[i % known.size()];
        const auto simulation = simulate(atoms, makeForce(atoms, model).release());
        expectEvaluation(*simulation.context, atoms, model);
    }
}

TEST_P(EnergiesAndForces, ForcesAreMinusTheGradientOfTheEnergy) {
    if (!isDouble())
        GTEST_SKIP() << "finite differences need double precision";
    const Atoms atoms = periodicEthanol();
    const auto simulation = simulate(atoms);
    const auto& context = simulation.context;
    const std::vector<double> forces = flatten(getForces(*context));
    const double step = 1e-5; // nm
    std::vector<double> differences;
    for (std::size_t i = 0; i < forces.size(); i++) {
        const auto energyAt = [&](double shift) {
            auto moved = atoms.positions;
            moved[i / 3][i % 3] += shift;
            context->setPositions(moved);
            return getEnergy(*context);
        };
        differences.push_back((energyAt(-step) - energyAt(step)) / (2 * step));
    }
    EXPECT_TRUE(allClose(forces, differences, 1e-6));
}

TEST_P(EnergiesAndForces, AnyOrderOfASubsetGivesTheSame) {
    const Atoms atoms = ethanol();
    // Three particles that the force does not see lie among the atoms, which come in reverse.
    auto system = std::make_unique<OpenMM::System>();
    std::vector<Vec3> positions;
    std::vector<int> particleOfAtom;
    for (std::size_t i = 0; i < atoms.numbers.size(); i++) {
        if (i % 3 == 0) {
            system->addParticle(40);
            positions.emplace_back(0.01 * i, 0.1, 0.1);
        }
        particleOfAtom.push_back(system->addParticle(12));
        positions.push_back(atoms.positions[i]);
    }
    auto* force = new EquivariantForce(tinyModel());
    for (std::size_t i = atoms.numbers.size(); i-- > 0;)
        force->addParticle(particleOfAtom[i], atoms.numbers[i]);
    system->addForce(force);
    const auto simulation = simulate(std::move(system), positions);
    const auto& context = simulation.context;
    const auto expected = evaluate(atoms);
    EXPECT_TRUE(close(getEnergy(*context), kilojoulesPerElectronVolt * expected.interactionEnergy,
                      tolerance()));
    std::vector<Eigen::Vector3d> expectedForces(positions.size(), Eigen::Vector3d::Zero());
    for (std::size_t i = 0; i < atoms.numbers.size(); i++)
        expectedForces[particleOfAtom[i]] = expected.forces[i];
    EXPECT_TRUE(allClose(flatten(getForces(*context)),
                         flatten(expectedForces, openmmForcePerModelForce), tolerance()));
    std::vector<double> atomEnergies;
    for (std::size_t i = atoms.numbers.size(); i-- > 0;)
        atomEnergies.push_back(
            kilojoulesPerElectronVolt *
            (expected.atomEnergies[i] - tinyModel()->getInfo().isolatedAtomEnergies(
                                            0, tinyModel()->getSpecies(atoms.numbers[i]))));
    EXPECT_TRUE(allClose(force->getAtomEnergies(*context), atomEnergies, tolerance()));
}

TEST_P(EnergiesAndForces, OfSeveralForcesOnSeveralSubsetsAdd) {
    const Atoms atoms = ethanol();
    auto system = makeSystem(atoms);
    double expected = 0;
    for (const auto& [first, last] : {std::pair{0, 5}, std::pair{3, 9}}) {
        Atoms part;
        auto* force = new EquivariantForce(tinyModel());
        for (int i = first; i < last; i++) {
            force->addParticle(i, atoms.numbers[i]);
            part.numbers.push_back(atoms.numbers[i]);
            part.positions.push_back(atoms.positions[i]);
        }
        system->addForce(force);
        expected += interactionEnergy(part);
    }
    const auto simulation = simulate(std::move(system), atoms.positions);
    EXPECT_TRUE(close(getEnergy(*simulation.context), expected, tolerance()));
}

TEST_P(EnergiesAndForces, EnergyTypesDifferByTheIsolatedAtoms) {
    const Atoms atoms = ethanol();
    double isolated = 0;
    const auto model = tinyModel();
    for (int number : atoms.numbers)
        isolated += kilojoulesPerElectronVolt *
                    model->getInfo().isolatedAtomEnergies(0, model->getSpecies(number));
    for (auto type : {EquivariantForce::InteractionEnergy, EquivariantForce::TotalEnergy}) {
        EquivariantForce* force = makeForce(atoms).release();
        force->setEnergyType(type);
        const auto simulation = simulate(atoms, force);
        const auto& context = simulation.context;
        const double expected =
            interactionEnergy(atoms) + (type == EquivariantForce::TotalEnergy ? isolated : 0);
        EXPECT_TRUE(close(getEnergy(*context), expected, tolerance()));
        const auto energies = force->getAtomEnergies(*context);
        EXPECT_TRUE(
            close(std::accumulate(energies.begin(), energies.end(), 0.0), expected, tolerance()));
    }
}

TEST_P(EnergiesAndForces, HeadsDiffer) {
    const auto model = equivariant::Model::load(modelPath("c_l2c3_L1_density_zbl_agnesi_2heads"));
    const auto& info = model->getInfo();
    ASSERT_EQ(info.heads.size(), 2u);
    Atoms atoms = ethanol();
    for (std::size_t i = 0; i < atoms.numbers.size(); i++)
        atoms.numbers[i] = info.atomicNumbers[i % info.atomicNumbers.size()];
    EquivariantForce* force = makeForce(atoms, model).release();
    force->setHead(info.heads[1]);
    const auto simulation = simulate(atoms, force);
    const auto& context = simulation.context;
    const double first = evaluate(atoms, model, 0).interactionEnergy;
    const double second = evaluate(atoms, model, 1).interactionEnergy;
    EXPECT_GT(std::abs(first - second), 1e-3);
    EXPECT_TRUE(close(getEnergy(*context), kilojoulesPerElectronVolt * second, tolerance()));
}

TEST_P(EnergiesAndForces, ScaleParameterMultipliesAndHasADerivative) {
    const Atoms atoms = ethanol();
    EquivariantForce* force = makeForce(atoms).release();
    force->setScaleParameter("lambda");
    force->setDefaultScale(0.25);
    force->addEnergyParameterDerivative("lambda");
    const auto simulation = simulate(atoms, force);
    const auto& context = simulation.context;
    const double unscaled = interactionEnergy(atoms);
    const auto expected = evaluate(atoms);
    EXPECT_EQ(context->getParameter("lambda"), 0.25);
    for (double scale : {0.25, 0.0, -1.5}) {
        context->setParameter("lambda", scale);
        const OpenMM::State state = context->getState(
            OpenMM::State::Energy | OpenMM::State::Forces | OpenMM::State::ParameterDerivatives);
        EXPECT_TRUE(close(state.getPotentialEnergy(), scale * unscaled, tolerance()));
        EXPECT_TRUE(allClose(flatten(state.getForces()),
                             flatten(expected.forces, scale * openmmForcePerModelForce),
                             tolerance()));
        EXPECT_TRUE(
            close(state.getEnergyParameterDerivatives().at("lambda"), unscaled, tolerance()));
        const auto energies = force->getAtomEnergies(*context);
        EXPECT_TRUE(
            close(std::accumulate(energies.begin(), energies.end(), 0.0), unscaled, tolerance()));
    }
}

TEST_P(EnergiesAndForces, AreFiniteForNoAtomOneAtomAndIsolatedAtoms) {
    for (int count : {0, 1, 3}) {
        SCOPED_TRACE(count);
        Atoms atoms;
        auto system = std::make_unique<OpenMM::System>();
        system->addParticle(1); // two, since OpenMM 8.6.1 crashes on PoCL with a single one
        system->addParticle(1);
        auto* force = new EquivariantForce(tinyModel());
        for (int i = 0; i < count; i++) {
            atoms.numbers.push_back(6);
            atoms.positions.emplace_back(5.0 * i, 0, 0);
            force->addParticle(system->addParticle(12), 6);
        }
        system->addForce(force);
        auto positions = atoms.positions;
        positions.insert(positions.begin(), {Vec3(1, 1, 1), Vec3(2, 1, 1)});
        const auto simulation = simulate(std::move(system), positions);
        const auto& context = simulation.context;
        EXPECT_TRUE(close(getEnergy(*context), interactionEnergy(atoms), tolerance()));
        EXPECT_TRUE(allClose(flatten(getForces(*context)),
                             std::vector<double>(3 * (count + 2), 0.0), 1e-12));
        EXPECT_EQ(force->getAtomEnergies(*context).size(), std::size_t(count));
        EXPECT_TRUE(
            allClose(flatten(force->getVirial(*context)), std::vector<double>(9, 0), 1e-12));
    }
}

TEST_P(EnergiesAndForces, PositionsThatCannotBeAreRefused) {
    const Atoms atoms = ethanol();
    const auto simulation = simulate(atoms);
    const auto& context = simulation.context;
    const auto expectRefusal = [&](const Vec3& bad, const std::string& part) {
        auto positions = atoms.positions;
        positions[4] = bad;
        context->setPositions(positions);
        try {
            getEnergy(*context);
            FAIL() << "nothing was thrown";
        } catch (const OpenMMException& error) {
            EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
        }
    };
    expectRefusal(atoms.positions[2], "atoms 2 and 4 coincide");
    const bool checkedByOpenMM = GetParam().platform == "CPU";
    expectRefusal(Vec3(0, NAN, 0),
                  checkedByOpenMM ? "NaN" : "the position of atom 4 is not finite");
    expectRefusal(Vec3(0, INFINITY, 0), "the position of atom 4 is not finite");
    context->setPositions(atoms.positions);
    EXPECT_TRUE(close(getEnergy(*context), interactionEnergy(atoms), tolerance()));
}
