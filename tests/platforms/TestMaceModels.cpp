// SPDX-License-Identifier: MIT
//
// Every variant of MACE and Gaunt-MACE on every platform.
#include "support/ForceTest.h"
#include "support/MaceVariants.h"

#include <algorithm>

using namespace equivariant;
using namespace equivariant::test;

namespace {

class MaceModels : public ForceTest {};

} // namespace

TEST_P(MaceModels, EqualTheReferenceEvaluator) {
    if (!GetParam().precision.empty() && !isDouble())
        GTEST_SKIP() << "variants differ in exact radial functions and in what is alike in all "
                        "precisions";
    for (const NamedModel& variant : allMaceVariants()) {
        SCOPED_TRACE(variant.name);
        const auto model = RandomMace(variant.config).make();
        Atoms atoms = periodicEthanol();
        const auto& known = model->getInfo().atomicNumbers;
        for (std::size_t i = 0; i < atoms.numbers.size(); i++)
            atoms.numbers[i] = known[i % known.size()];
        const auto simulation = simulate(atoms, makeForce(atoms, model).release());
        // Each pair of atoms is rounded to OpenMM's fixed-point unit of force, 2^-32.
        expectEvaluation(*simulation.context, atoms, model, std::max(tolerance(), 1e-9));
    }
}

EQUIVARIANT_FOR_ALL_PLATFORMS(MaceModels);
