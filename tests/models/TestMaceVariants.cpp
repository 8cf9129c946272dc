// SPDX-License-Identifier: MIT
//
// What must hold for every MACE, checked on random models of each variant of the model file.
#include "equivariant/Error.h"
#include "equivariant/ReferenceEvaluator.h"
#include "support/Compare.h"
#include "support/MaceVariants.h"
#include "support/Structures.h"
#include "support/Throws.h"

#include <algorithm>

using namespace equivariant;
using nlohmann::json;
using test::allClose;
using test::close;
using test::maceConfig;
using test::RandomMace;
using test::throwsNaming;
using test::transformed;

namespace {

class MaceOfVariant : public ::testing::TestWithParam<test::MaceVariant> {
protected:
    std::shared_ptr<const Model> model = RandomMace(configOf(GetParam())).make();
    ReferenceEvaluator evaluator{model};
    int head = static_cast<int>(model->getInfo().heads.size()) - 1;
    Structure cluster = test::randomCluster({8, 1, 6, 1, 6}, 1.0, 3);
    Structure crystal = test::randomCrystal({6, 1, 8, 1}, 1.1, 4); // shorter than two cutoffs

    double energyOf(const Structure& structure) const {
        return evaluator.evaluate(structure, head, false).energy;
    }
    double energyAt(const Structure& structure, std::size_t atom, int axis, double h) const {
        Structure moved = structure;
        moved.positions[atom][axis] += h;
        return energyOf(moved);
    }
    double energyStrained(const Structure& structure, int i, int j, double h) const {
        Eigen::Matrix3d map = Eigen::Matrix3d::Identity();
        map(j, i) += h; // v_j grows with v_i, whose product with dE/dv_j is the virial's (i, j)
        return energyOf(transformed(structure, map));
    }
    /// Central difference extrapolated to fourth order.
    template <class Function> static double slope(Function&& f, double step = 1e-3) {
        const auto difference = [&](double h) { return (f(h) - f(-h)) / (2 * h); };
        return (4 * difference(step / 2) - difference(step)) / 3;
    }
    void expectForcesAreDerivatives(const Structure& structure) const {
        const Evaluation found = evaluator.evaluate(structure, head);
        std::vector<double> forces, expected;
        for (std::size_t atom = 0; atom < structure.positions.size(); atom++)
            for (int axis = 0; axis < 3; axis++) {
                forces.push_back(found.forces[atom][axis]);
                expected.push_back(
                    -slope([&](double h) { return energyAt(structure, atom, axis, h); }));
            }
        EXPECT_TRUE(allClose(forces, expected, 1e-7));
        EXPECT_GT(*std::max_element(forces.begin(), forces.end()), 1e-3);
    }
};

TEST_P(MaceOfVariant, ForcesAreDerivativesOfTheEnergy) {
    expectForcesAreDerivatives(cluster);
    expectForcesAreDerivatives(crystal);
}

TEST_P(MaceOfVariant, VirialIsTheDerivativeByStrain) {
    const Eigen::Matrix3d virial = evaluator.evaluate(crystal, head).virial;
    std::vector<double> found, expected;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            found.push_back(virial(i, j));
            expected.push_back(
                -slope([&](double h) { return energyStrained(crystal, i, j, h); }, 2e-4));
        }
    EXPECT_TRUE(allClose(found, expected, 1e-7));
}

TEST_P(MaceOfVariant, EnergyIsInvariant) {
    const Eigen::Matrix3d rotation = test::randomRotation(5);
    for (const Structure& structure : {cluster, crystal}) {
        const double energy = energyOf(structure);
        EXPECT_TRUE(close(energyOf(transformed(structure, rotation)), energy, 1e-11));
        EXPECT_TRUE(close(energyOf(transformed(structure, -rotation)), energy, 1e-11));
        Structure moved = structure;
        for (Eigen::Vector3d& position : moved.positions)
            position += Eigen::Vector3d(3.1, -7.4, 0.6);
        EXPECT_TRUE(close(energyOf(moved), energy, 1e-11));
        Structure permuted = structure;
        std::rotate(permuted.positions.begin(), permuted.positions.begin() + 1,
                    permuted.positions.end());
        std::rotate(permuted.atomicNumbers.begin(), permuted.atomicNumbers.begin() + 1,
                    permuted.atomicNumbers.end());
        EXPECT_TRUE(close(energyOf(permuted), energy, 1e-11));
    }
    Structure wrapped = crystal;
    wrapped.positions[1] += (2 * crystal.cell.row(0) - crystal.cell.row(2)).transpose();
    EXPECT_TRUE(close(energyOf(wrapped), energyOf(crystal), 1e-11));
}

TEST_P(MaceOfVariant, NetForceAndTorqueVanish) {
    const Evaluation found = evaluator.evaluate(cluster, head);
    Eigen::Vector3d force = Eigen::Vector3d::Zero(), torque = Eigen::Vector3d::Zero();
    double scale = 1;
    for (std::size_t i = 0; i < found.forces.size(); i++) {
        force += found.forces[i];
        torque += cluster.positions[i].cross(found.forces[i]);
        scale = std::max(scale, found.forces[i].norm());
    }
    EXPECT_LT(force.norm(), 1e-11 * scale);
    EXPECT_LT(torque.norm(), 1e-11 * scale);
    const Eigen::Matrix3d virial = evaluator.evaluate(crystal, head).virial;
    EXPECT_LT((virial - virial.transpose()).norm(), 1e-11 * std::max(1.0, virial.norm()));
}

TEST_P(MaceOfVariant, DistantClustersAddUp) {
    Structure both = cluster;
    for (std::size_t i = 0; i < cluster.positions.size(); i++) {
        both.positions.push_back(cluster.positions[i] + Eigen::Vector3d(30, 0, 0));
        both.atomicNumbers.push_back(cluster.atomicNumbers[i]);
    }
    EXPECT_TRUE(close(energyOf(both), 2 * energyOf(cluster), 1e-12));
}

INSTANTIATE_TEST_SUITE_P(Variants, MaceOfVariant, ::testing::ValuesIn(test::maceVariants()),
                         [](const auto& info) { return info.param.name; });

/// What reading says about a file after a change.
template <class Change>
::testing::AssertionResult refused(const std::string& part, Change&& change) {
    ModelFile file = RandomMace(maceConfig()).makeFile();
    change(file);
    return throwsNaming<Error>(part, [&] { readMace(file, "file"); });
}

TEST(MaceFile, UnknownNamesAreRefused) {
    for (const char* key : {"radial_type", "distance_transform", "gate", "couplings"})
        EXPECT_TRUE(refused("'nonsense'", [&](ModelFile& f) { f.config[key] = "nonsense"; }));
    EXPECT_TRUE(refused("RealAgnosticResidualNonLinearInteractionBlock", [](ModelFile& f) {
        f.config["layers"][0]["interaction"] = "RealAgnosticResidualNonLinearInteractionBlock";
    }));
    EXPECT_TRUE(refused("surprise", [](ModelFile& f) { f.config["surprise"] = 1; }));
    EXPECT_TRUE(refused("surprise", [](ModelFile& f) { f.tensors["surprise"] = {}; }));
}

TEST(MaceFile, SizesThatDoNotFitAreRefused) {
    for (const auto& [key, value] : {std::pair<const char*, json>{"max_ell", 9},
                                     {"max_ell", -1},
                                     {"correlation", 0},
                                     {"correlation", 5},
                                     {"num_channels", 0},
                                     {"num_channels", 1000000000},
                                     {"num_radial_basis", 1e9},
                                     {"num_polynomial_cutoff", 0},
                                     {"r_max", -4.0},
                                     {"layers", json::array()},
                                     {"readouts", {"linear"}},
                                     {"atomic_numbers", {6, 1, 8}}})
        EXPECT_TRUE(refused(key, [&, key = key, value = value](ModelFile& f) {
            f.config[key] = value;
        })) << value;
    EXPECT_TRUE(refused(
        "3x0e+3x1e", [](ModelFile& f) { f.config["layers"][0]["hidden_irreps"] = "3x0e+3x1e"; }));
    const ModelFile whole = RandomMace(maceConfig()).makeFile();
    for (const auto& entry : whole.tensors) {
        const std::string& name = entry.first;
        EXPECT_TRUE(refused(name, [&](ModelFile& f) { f.tensors.erase(name); }));
        EXPECT_TRUE(refused(name, [&](ModelFile& f) {
            f.tensors[name].shape[0]++;
            f.tensors[name].data.resize(f.tensors[name].data.size() * 2);
        }));
    }
}

/// The same couplings as e3nn's, stored in the file.
void storeCouplings(ModelFile& file) {
    file.config["couplings"] = "stored";
    for (int L = 0; L <= 1; L++)
        for (int order = 1; order <= 3; order++) {
            const UTensor u = uTensor(2, order, L);
            const std::string prefix =
                "couplings.L" + std::to_string(L) + ".nu" + std::to_string(order);
            Tensor& index = file.tensors[prefix + ".index"];
            Tensor& value = file.tensors[prefix + ".value"];
            index = {DataType::Int32, {u.entries.size(), std::size_t(order) + 2}, {}};
            value = {DataType::Float64, {u.entries.size()}, {}};
            for (const UTensorEntry& entry : u.entries) {
                index.data.push_back(entry.M);
                index.data.insert(index.data.end(), entry.lm.begin(), entry.lm.end());
                index.data.push_back(entry.path);
                value.data.push_back(entry.value);
            }
        }
}

TEST(MaceFile, StoredCouplingsGiveTheSameEnergy) {
    ModelFile file = RandomMace(maceConfig()).makeFile();
    const Structure cluster = test::randomCluster({8, 1, 6, 1, 6}, 1.0, 3);
    const auto energy = [&] {
        return ReferenceEvaluator(Model::fromBytes(file.serialize(), "file"))
            .evaluate(cluster)
            .energy;
    };
    const double expected = energy();
    storeCouplings(file);
    EXPECT_TRUE(close(energy(), expected, 1e-14));
}

TEST(MaceFile, StoredCouplingsOutOfRangeAreRefused) {
    EXPECT_TRUE(
        refused("couplings.L0.nu1.index", [](ModelFile& f) { f.config["couplings"] = "stored"; }));
    const std::string name = "couplings.L1.nu2.index"; // columns M, lm, lm, path
    const std::pair<int, double> damages[] = {{0, 3}, {0, -1}, {1, 9}, {2, -1}, {3, 1e6}};
    for (const auto& damage : damages)
        EXPECT_TRUE(refused(name, [&](ModelFile& f) {
            storeCouplings(f);
            f.tensors[name].data[4 + damage.first] = damage.second;
        }));
}

} // namespace
