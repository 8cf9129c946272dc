// SPDX-License-Identifier: MIT
//
// Every variant of PONITA on every platform that has a kernel for it.
#include "EquivariantKernels.h"
#include "support/ForceTest.h"
#include "support/PonitaVariants.h"
#include "support/Throws.h"

#include <algorithm>
#include <cmath>

using namespace equivariant;
using namespace equivariant::test;
using namespace EquivariantPlugin;

namespace {

class PonitaModels : public ForceTest {
protected:
    /// Atoms of the elements 1, 6 and 8, in the plane z = 0.3 nm if they have to be in one.
    static Atoms makeAtoms(bool planar, bool periodic) {
        Atoms atoms = periodic ? periodicEthanol() : ethanol();
        const int known[] = {1, 6, 8};
        for (std::size_t i = 0; i < atoms.numbers.size(); i++)
            atoms.numbers[i] = known[i % 3];
        if (planar)
            for (std::size_t i = 0; i < atoms.positions.size(); i++)
                atoms.positions[i] = Vec3(0.11 * static_cast<double>(i % 3),
                                          0.13 * static_cast<double>(i / 3), 0.3) +
                                     0.2 * Vec3(atoms.positions[i][2], atoms.positions[i][0], 0);
        return atoms;
    }
};

} // namespace

TEST_P(PonitaModels, EqualTheReferenceEvaluator) {
    if (!GetParam().precision.empty() && !isDouble())
        GTEST_SKIP() << "the kernels are alike in all precisions";
    for (const PonitaVariant& variant : ponitaVariants()) {
        SCOPED_TRACE(variant.name);
        const auto model = makeModel(variant);
        if (!OpenMM::Platform::getPlatform(GetParam().platform)
                 .supportsKernels({CalcEquivariantForceKernel::NameFor(*model)})) {
            EXPECT_NE(variant.name.find("pointCloud"), std::string::npos);
            continue;
        }
        const auto& parameters = std::get<PonitaParameters>(model->getParameters());
        const bool planar = parameters.getDimension() == 2;
        const Atoms atoms = makeAtoms(planar, !planar && !std::isinf(parameters.cutoff));
        const auto simulation = simulate(atoms, makeForce(atoms, model).release());
        // Each pair of atoms is rounded to OpenMM's fixed-point unit of force, 2^-32.
        expectEvaluation(*simulation.context, atoms, model, std::max(tolerance(), 1e-9));
    }
}

TEST_P(PonitaModels, InAPlaneRefuseAtomsOutsideIt) {
    const auto model = makeModel({"plane", {{"space", "R2xS1"}}, "circle-7"});
    Atoms atoms = makeAtoms(true, false);
    const auto simulation = simulate(atoms, makeForce(atoms, model).release());
    const double energy = getEnergy(*simulation.context);
    atoms.positions[4][2] += 0.01;
    simulation.context->setPositions(atoms.positions);
    EXPECT_TRUE(throwsNaming<OpenMM::OpenMMException>("differ in z",
                                                      [&] { getEnergy(*simulation.context); }));
    atoms.positions[4][2] -= 0.01;
    simulation.context->setPositions(atoms.positions);
    EXPECT_TRUE(close(getEnergy(*simulation.context), energy, tolerance()));
}

EQUIVARIANT_FOR_ALL_PLATFORMS(PonitaModels);
