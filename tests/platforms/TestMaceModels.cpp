// SPDX-License-Identifier: MIT
//
// Every variant of MACE and Gaunt-MACE on every platform.
#include "support/ForceTest.h"
#include "support/MaceVariants.h"

#include <algorithm>
#include <chrono>
#include <iostream>

using namespace equivariant;
using namespace equivariant::test;

namespace {

class MaceModels : public ForceTest {};

} // namespace

TEST_P(MaceModels, EqualTheReferenceEvaluator) {
    if (GetParam().precision == "mixed")
        GTEST_SKIP() << "the programs of a network in mixed precision are those in single";
    for (const NamedModel& variant : allMaceVariants()) {
        SCOPED_TRACE(variant.name);
        const auto begun = std::chrono::steady_clock::now();
        const auto model = RandomMace(variant.config).make();
        Atoms atoms = periodicEthanol();
        const auto& known = model->getInfo().atomicNumbers;
        for (std::size_t i = 0; i < atoms.numbers.size(); i++)
            atoms.numbers[i] = known[i % known.size()];
        const auto simulation = simulate(atoms, makeForce(atoms, model).release());
        const Evaluation expected = evaluate(atoms, model);
        EXPECT_TRUE(close(getEnergy(*simulation.context),
                          EquivariantPlugin::kilojoulesPerElectronVolt * expected.interactionEnergy,
                          tolerance()));
        EXPECT_TRUE(allClose(flatten(getForces(*simulation.context)),
                             flatten(expected.forces, EquivariantPlugin::openmmForcePerModelForce),
                             tolerance()));
        std::cerr << variant.name << " " << std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count() << std::endl;
    }
}

EQUIVARIANT_FOR_ALL_PLATFORMS(MaceModels);
