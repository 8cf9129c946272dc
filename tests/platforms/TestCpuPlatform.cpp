// SPDX-License-Identifier: MIT
//
// What concerns the CPU platform alone: its threads.
#include "../../platforms/cpu/src/PoolWorkers.h"
#include "support/ForceTest.h"

#include <atomic>
#include <openmm/internal/ContextImpl.h>
#include <openmm/reference/ReferencePlatform.h>
#include <stdexcept>
#include <thread>

using namespace equivariant::test;
using EquivariantPlugin::PoolWorkers;

namespace {

/// Opens the inside of a Context.
class Opener : public OpenMM::Force {
public:
    OpenMM::ReferencePlatform::PlatformData& getData(OpenMM::Context& context) const {
        return *static_cast<OpenMM::ReferencePlatform::PlatformData*>(
            getContextImpl(context).getPlatformData());
    }

protected:
    OpenMM::ForceImpl* createImpl() const override { return nullptr; }
};

class CpuPlatform : public ::testing::Test {
protected:
    void SetUp() override {
        const std::string reason = load({"CPU", "", EQUIVARIANT_CPU_PLUGIN});
        if (!reason.empty())
            GTEST_SKIP() << reason;
    }

    /// Four ethanol molecules in a box, so that the threads have something to share out.
    static Atoms molecules() {
        Atoms atoms = ethanol();
        const Atoms one = atoms;
        for (int copy = 1; copy < 4; copy++)
            for (std::size_t i = 0; i < one.numbers.size(); i++) {
                atoms.numbers.push_back(one.numbers[i]);
                atoms.positions.push_back(one.positions[i] + Vec3(0, 0.35 * copy, 0.01 * copy));
            }
        atoms.box = {Vec3(0.8, 0, 0), Vec3(0, 1.5, 0), Vec3(0, 0, 0.9)};
        return atoms;
    }

    static Simulation simulate(const std::string& threads, const Atoms& atoms = molecules()) {
        Simulation result{makeSystem(atoms), std::make_unique<OpenMM::VerletIntegrator>(0.0001),
                          nullptr};
        result.system->addForce(makeGentleForce(atoms).release());
        result.context = std::make_unique<OpenMM::Context>(
            *result.system, *result.integrator, OpenMM::Platform::getPlatform("CPU"),
            std::map<std::string, std::string>{{"Threads", threads}});
        result.context->setPositions(atoms.positions);
        return result;
    }

    /// Positions after some steps, with energy and forces there.
    static std::vector<double> run(const std::string& threads) { return run(simulate(threads)); }

    static std::vector<double> run(const Simulation& simulation) {
        simulation.integrator->step(20);
        const auto state = simulation.context->getState(
            OpenMM::State::Positions | OpenMM::State::Forces | OpenMM::State::Energy);
        std::vector<double> result = flatten(state.getPositions());
        const std::vector<double> forces = flatten(state.getForces());
        result.insert(result.end(), forces.begin(), forces.end());
        result.push_back(state.getPotentialEnergy());
        return result;
    }
};

} // namespace

TEST_F(CpuPlatform, ThreadsAreThoseOfTheProperty) {
    for (int threads : {1, 2, 3}) {
        const Simulation simulation = CpuPlatform::simulate(std::to_string(threads));
        PoolWorkers workers(Opener().getData(*simulation.context).threads);
        EXPECT_EQ(workers.size(), threads);
    }
}

TEST_F(CpuPlatform, NumberOfThreadsDoesNotChangeABit) {
    const auto expected = run("1");
    for (const char* threads : {"1", "2", "3"})
        EXPECT_EQ(run(threads), expected) << threads;
}

TEST_F(CpuPlatform, TwoContextsRunInTwoThreads) {
    const auto expected = run("2");
    // Not in the threads: OpenMM's CPU platform keeps its Contexts in a map without a lock.
    const Simulation one = simulate("2"), two = simulate("2");
    std::vector<double> first, second;
    std::thread other([&] { first = run(one); });
    second = run(two);
    other.join();
    EXPECT_EQ(first, expected);
    EXPECT_EQ(second, expected);
}

TEST_F(CpuPlatform, ContextSurvivesPositionsThatAreNotFinite) {
    const Atoms atoms = molecules();
    const Simulation simulation = CpuPlatform::simulate("2");
    const double energy = getEnergy(*simulation.context);
    for (double bad : {double(NAN), double(INFINITY)}) {
        auto positions = atoms.positions;
        positions[5][1] = bad;
        simulation.context->setPositions(positions);
        EXPECT_THROW(getEnergy(*simulation.context), OpenMM::OpenMMException);
        EXPECT_THROW(simulation.integrator->step(1), OpenMM::OpenMMException);
    }
    simulation.context->setPositions(atoms.positions);
    EXPECT_EQ(getEnergy(*simulation.context), energy);
}

TEST(PoolWorkers, CallEveryItemOnceAndNeverOneWorkerTwiceAtATime) {
    for (int threads : {1, 3}) {
        OpenMM::ThreadPool pool(threads);
        PoolWorkers workers(pool);
        for (int count : {0, 1, 2, 1000}) {
            std::vector<int> calls(count);
            std::vector<std::atomic<int>> inside(threads);
            std::atomic<bool> overlap{false};
            workers.forEach(count, [&](int item, int worker) {
                overlap = overlap || inside.at(worker)++ != 0;
                calls[item]++;
                inside[worker]--;
            });
            EXPECT_EQ(calls, std::vector<int>(count, 1));
            EXPECT_FALSE(overlap);
        }
    }
}

TEST(PoolWorkers, CarryExceptionsToTheCallerAndGoOn) {
    for (int threads : {1, 3}) {
        OpenMM::ThreadPool pool(threads);
        PoolWorkers workers(pool);
        EXPECT_THROW(workers.forEach(100,
                                     [](int item, int) {
                                         if (item == 7)
                                             throw std::out_of_range("item 7");
                                     }),
                     std::out_of_range);
        std::atomic<int> sum{0};
        workers.forEach(10, [&](int item, int) { sum += item; });
        EXPECT_EQ(sum, 45);
    }
}
