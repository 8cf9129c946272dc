// SPDX-License-Identifier: MIT
//
// Contexts that have several devices: the force is computed on the first one and says so. Where
// there is one device it is taken twice.
#include "support/ForceTest.h"
#include "support/Throws.h"

using namespace equivariant;
using namespace equivariant::test;

namespace {

class Devices : public ForceTest {
protected:
    Simulation simulateOn(const std::string& devices, const Atoms& atoms) const {
        auto system = makeSystem(atoms);
        system->addForce(makeGentleForce(atoms).release());
        return simulate(std::move(system), atoms.positions,
                        std::make_unique<OpenMM::VerletIntegrator>(0.0001),
                        {{"DeviceIndex", devices}});
    }
};

} // namespace

TEST_P(Devices, SeveralGiveWhatOneGives) {
    if (GetParam().precision != "mixed")
        GTEST_SKIP() << "once is enough, on a platform with devices";
    const Atoms atoms = periodicEthanol();
    ::testing::internal::CaptureStderr();
    const Simulation two = simulateOn("0,0", atoms);
    EXPECT_NE(::testing::internal::GetCapturedStderr().find("first of the 2 devices"),
              std::string::npos);
    const Simulation one = simulateOn("0", atoms);
    for (int step = 0; step < 5; step++) {
        EXPECT_TRUE(close(getEnergy(*two.context), getEnergy(*one.context), tolerance()));
        EXPECT_TRUE(allClose(flatten(getForces(*two.context)), flatten(getForces(*one.context)),
                             tolerance()));
        one.integrator->step(5);
        two.integrator->step(5);
    }
    two.context->setPositions(std::vector<Vec3>(atoms.positions.size()));
    EXPECT_TRUE(
        throwsNaming<OpenMM::OpenMMException>("coincide", [&] { getEnergy(*two.context); }));
}

EQUIVARIANT_FOR_ALL_PLATFORMS(Devices);
