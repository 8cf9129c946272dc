// SPDX-License-Identifier: MIT
//
// The engine's evaluator from structures to forces, against the reference evaluator.
#include "equivariant/Error.h"
#include "equivariant/Evaluator.h"
#include "support/Compare.h"
#include "support/RandomModels.h"
#include "support/RandomPonita.h"
#include "support/Structures.h"
#include "support/Throws.h"

#include <random>
#include <thread>

using namespace equivariant;
using namespace equivariant::test;

namespace {

std::shared_ptr<const Model> maceModel() {
    return RandomMace(maceConfig()).make();
}

EvaluatorOptions exact() {
    EvaluatorOptions options;
    options.exactRadial = true;
    return options;
}

std::vector<double> flat(const std::vector<Eigen::Vector3d>& vectors) {
    std::vector<double> result;
    for (const Eigen::Vector3d& v : vectors)
        result.insert(result.end(), v.data(), v.data() + 3);
    return result;
}

std::vector<double> flat(const Eigen::Matrix3d& m) {
    return {m.data(), m.data() + 9};
}

void expectSame(const Evaluation& found, const Evaluation& expected, double tolerance) {
    EXPECT_TRUE(close(found.energy, expected.energy, tolerance));
    EXPECT_TRUE(close(found.interactionEnergy, expected.interactionEnergy, tolerance));
    EXPECT_TRUE(allClose(found.atomEnergies, expected.atomEnergies, tolerance));
    EXPECT_TRUE(allClose(flat(found.forces), flat(expected.forces), tolerance));
    EXPECT_TRUE(allClose(flat(found.virial), flat(expected.virial), tolerance));
    EXPECT_EQ(found.numEdges, expected.numEdges);
}

void expectIdentical(const Evaluation& a, const Evaluation& b) {
    EXPECT_EQ(a.energy, b.energy);
    EXPECT_EQ(a.atomEnergies, b.atomEnergies);
    EXPECT_EQ(flat(a.forces), flat(b.forces));
    EXPECT_EQ(flat(a.virial), flat(b.virial));
}

/// Atoms on a random walk, with the cell going along now and then.
std::vector<Structure> trajectory(int frames) {
    std::mt19937 generator(2);
    std::normal_distribution<double> normal;
    std::vector<Structure> result;
    Structure structure = randomCrystal({6, 1, 8, 1, 8, 1}, 1.3, 4);
    for (int frame = 0; frame < frames; frame++) {
        for (Eigen::Vector3d& position : structure.positions)
            for (int d = 0; d < 3; d++)
                position[d] += 0.05 * normal(generator);
        if (frame % 4 == 3)
            structure = transformed(structure,
                                    (1 + 0.01 * normal(generator)) * Eigen::Matrix3d::Identity());
        result.push_back(structure);
    }
    return result;
}

TEST(Evaluator, FollowsATrajectory) {
    for (const auto& model : {maceModel(), RandomPonita(ponitaConfig(), "icosahedron-12").make()}) {
        Evaluator evaluator(model, exact());
        const ReferenceEvaluator reference(model);
        const auto frames = trajectory(12);
        for (const Structure& frame : frames)
            expectSame(evaluator.evaluate(frame), reference.evaluate(frame), 1e-10);
        EXPECT_GE(evaluator.getNumNeighborRebuilds(), 1);
        EXPECT_LT(evaluator.getNumNeighborRebuilds(), 12);
    }
}

TEST(Evaluator, TheSameStructureGivesTheSameBitsWhateverCameBefore) {
    for (const Precision precision : {Precision::Single, Precision::Double}) {
        EvaluatorOptions options;
        options.precision = precision;
        Evaluator travelled(maceModel(), options, makeWorkers(2));
        const auto frames = trajectory(9);
        for (const Structure& frame : frames) {
            Evaluator fresh(maceModel(), options);
            expectIdentical(travelled.evaluate(frame), fresh.evaluate(frame));
        }
    }
}

TEST(Evaluator, ManyStructuresAreThoseOneByOne) {
    Evaluator evaluator(maceModel(), {}, makeWorkers(3));
    const auto frames = trajectory(10);
    const auto together = evaluator.evaluate(frames);
    ASSERT_EQ(together.size(), frames.size());
    for (std::size_t i = 0; i < frames.size(); i++)
        expectIdentical(together[i], evaluator.evaluate(frames[i]));
    EXPECT_TRUE(evaluator.evaluate(frames, 0, false)[3].forces.empty());
    EXPECT_TRUE(evaluator.evaluate(std::vector<Structure>()).empty());
}

TEST(Evaluator, EnergyAloneIsTheSameEnergy) {
    Evaluator evaluator(maceModel());
    const Structure structure = randomCrystal({6, 1, 8, 1}, 1.1, 4);
    const Evaluation full = evaluator.evaluate(structure);
    const Evaluation energy = evaluator.evaluate(structure, 0, false);
    EXPECT_EQ(energy.atomEnergies, full.atomEnergies);
    EXPECT_TRUE(energy.forces.empty());
    EXPECT_EQ(energy.virial, Eigen::Matrix3d::Zero());
}

TEST(Evaluator, ElementsMayCome) {
    Evaluator evaluator(maceModel(), exact());
    const ReferenceEvaluator reference(maceModel());
    for (const std::vector<int>& elements :
         std::vector<std::vector<int>>{{1, 1}, {1, 6, 1}, {8, 6, 1, 1}, {}, {6}}) {
        const Structure structure = randomCluster(elements, 1.0, 3);
        expectSame(evaluator.evaluate(structure), reference.evaluate(structure), 1e-10);
    }
}

TEST(Evaluator, SeveralThreadsHaveTheirOwn) {
    const auto model = maceModel();
    const Structure structure = randomCrystal({6, 1, 8, 1}, 1.1, 4);
    const Evaluation expected = Evaluator(model).evaluate(structure);
    std::vector<Evaluation> found(4);
    std::vector<std::thread> threads;
    for (Evaluation& own : found)
        threads.emplace_back([&] {
            Evaluator evaluator(model, {}, makeWorkers(2));
            for (int repeat = 0; repeat < 5; repeat++)
                own = evaluator.evaluate(structure);
        });
    for (std::thread& thread : threads)
        thread.join();
    for (const Evaluation& own : found)
        expectIdentical(own, expected);
}

TEST(Evaluator, BadInputIsNamed) {
    Evaluator evaluator(maceModel(), {}, makeWorkers(2));
    Structure structure = randomCrystal({6, 1, 8, 1}, 1.1, 4);
    const Structure good = structure;
    structure.positions[2][1] = std::nan("");
    EXPECT_TRUE(throwsNaming<Error>("atom 2", [&] { evaluator.evaluate(structure); }));
    EXPECT_TRUE(throwsNaming<Error>("structure 1: the position of atom 2", [&] {
        evaluator.evaluate({good, structure, structure});
    }));
    structure = good;
    structure.atomicNumbers[0] = 7;
    EXPECT_TRUE(throwsNaming<Error>("structure 1: ", [&] {
        evaluator.evaluate({good, structure});
    }));
    EXPECT_THROW(evaluator.evaluate(good, 5), Error);
    EXPECT_THROW(makeWorkers(-1), Error);
    // Atoms that meet while the list is kept.
    evaluator.evaluate(good);
    structure = good;
    structure.positions[0] = structure.positions[1];
    EXPECT_TRUE(throwsNaming<Error>("coincide", [&] { evaluator.evaluate(structure); }));
    EvaluatorOptions options;
    options.product = "nonsense";
    EXPECT_TRUE(
        throwsNaming<Error>("nonsense", [&] { Evaluator(maceModel(), options).evaluate(good); }));
}

#ifdef __SSE__
/// Threads as a program might bring its own.
class ForeignWorkers : public Workers {
public:
    int size() const override { return 1; }

private:
    void share(int count, const std::function<void(int, int)>& body) override {
        for (int item = 0; item < count; item++)
            body(item, 0);
    }
};

TEST(Workers, TakeSubnormalNumbersForZero) {
    const auto foreign = std::make_shared<ForeignWorkers>();
    volatile float tiny = 1e-30f, least = 1e-40f;
    for (const std::shared_ptr<Workers>& workers :
         {makeWorkers(1), makeWorkers(2), std::shared_ptr<Workers>(foreign)}) {
        workers->forEach(20, [&](int, int) {
            EXPECT_EQ(tiny * 1e-10f, 0);
            EXPECT_EQ(least * 1e10f, 0);
        });
        EXPECT_THROW(workers->forEach(20, [](int, int) { throw Error("of a body"); }), Error);
        EXPECT_GT(tiny * 1e-10f, 0) << "the caller's mode has changed";
        EXPECT_GT(least * 1e10f, 0) << "the caller's mode has changed";
    }
}
#endif

TEST(Workers, EveryItemOnceAndErrorsAreCarriedOver) {
    for (const int threads : {1, 2, 5}) {
        const auto workers = makeWorkers(threads);
        EXPECT_EQ(workers->size(), threads);
        for (const int count : {0, 1, 3, 1000}) {
            std::vector<int> seen(count, 0);
            workers->forEach(count, [&](int item, int worker) {
                EXPECT_GE(worker, 0);
                EXPECT_LT(worker, threads);
                seen[item]++;
            });
            EXPECT_EQ(seen, std::vector<int>(count, 1));
        }
        EXPECT_TRUE(throwsNaming<Error>("item 7", [&] {
            workers->forEach(100, [](int item, int) {
                if (item == 7)
                    throw Error("item 7");
            });
        }));
        int sum = 0;
        workers->forEach(1, [&](int, int) { sum++; });
        EXPECT_EQ(sum, 1);
    }
}

} // namespace
