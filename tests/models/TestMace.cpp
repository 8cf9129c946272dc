// SPDX-License-Identifier: MIT
#include "equivariant/Error.h"
#include "equivariant/ReferenceEvaluator.h"
#include "support/Compare.h"
#include "support/Golden.h"
#include "support/Structures.h"

#include <algorithm>
#include <sstream>

using namespace equivariant;
using test::allClose;
using test::close;
using test::flatten;

namespace {

/// Golden cases made by mace-torch 0.3.16, tests/data/mace/README.md.
class MaceGolden : public ::testing::TestWithParam<const char*> {
protected:
    std::shared_ptr<const Model> model = Model::load(test::modelPath(GetParam()));
    nlohmann::json expected =
        test::readJson(test::goldenPath(std::string("mace/") + GetParam() + ".expected.json"));

    int headOf(const nlohmann::json& result) const {
        const auto& head = result.at("head");
        return head.is_number() ? head.get<int>() : model->getHead(head.get<std::string>());
    }
};

std::vector<double> flatten(const std::vector<Eigen::Vector3d>& vectors) {
    std::vector<double> flat;
    for (const auto& v : vectors)
        flat.insert(flat.end(), v.data(), v.data() + 3);
    return flat;
}

/// [atoms][blocks of channel, m] as in the golden data, from [lm][channel] matrices.
std::vector<double> byBlock(const std::vector<Features>& features) {
    std::vector<double> flat;
    for (const Features& f : features)
        for (Eigen::Index l = 0; l * l < f.rows(); l++)
            for (Eigen::Index k = 0; k < f.cols(); k++)
                for (Eigen::Index m = 0; m <= 2 * l; m++)
                    flat.push_back(f(l * l + m, k));
    return flat;
}

/// [atoms][channel][lm].
std::vector<double> byChannel(const std::vector<Features>& features) {
    std::vector<double> flat;
    for (const Features& f : features)
        for (Eigen::Index k = 0; k < f.cols(); k++)
            for (Eigen::Index lm = 0; lm < f.rows(); lm++)
                flat.push_back(f(lm, k));
    return flat;
}

} // namespace

TEST_P(MaceGolden, EnergiesForcesAndStressesAreThoseOfMaceTorch) {
    const ReferenceEvaluator evaluator(model);
    for (const auto& result : expected) {
        SCOPED_TRACE(result.at("name").get<std::string>());
        const Structure structure = test::structureFromJson(result);
        const Evaluation found = evaluator.evaluate(structure, headOf(result));
        EXPECT_EQ(found.numEdges, result.at("num_edges").get<int>());
        EXPECT_TRUE(close(found.energy, result.at("energy"), 1e-10));
        EXPECT_TRUE(close(found.interactionEnergy, result.at("interaction_energy"), 1e-10));
        EXPECT_TRUE(allClose(found.atomEnergies, flatten(result.at("node_energy")), 1e-10));
        EXPECT_TRUE(allClose(flatten(found.forces), flatten(result.at("forces")), 1e-10));
        if (!result.at("stress").is_null()) {
            const double volume = std::abs(structure.cell.determinant());
            const Eigen::Matrix3d stress =
                -(found.virial + found.virial.transpose()) / (2 * volume);
            const std::vector<double> flat(stress.data(), stress.data() + 9);
            EXPECT_TRUE(allClose(flat, flatten(result.at("stress")), 1e-10));
        }
        EXPECT_TRUE(close(evaluator.evaluate(structure, headOf(result), false).energy, found.energy,
                          1e-15));
    }
}

TEST_P(MaceGolden, IntermediatesAreThoseOfMaceTorch) {
    const auto& mace = std::get<MaceParameters>(model->getParameters());
    int compared = 0;
    for (const auto& result : expected) {
        if (!result.contains("intermediates"))
            continue;
        const Structure structure = test::structureFromJson(result);
        std::vector<int> species;
        for (int z : structure.atomicNumbers)
            species.push_back(model->getSpecies(z));
        MaceTrace trace;
        evaluateMace(mace, buildGraph(structure, mace.cutoff), species, headOf(result), false,
                     &trace);
        const auto& golden = result.at("intermediates");
        for (int t = 0; t < 2; t++) {
            const std::string index = std::to_string(t);
            EXPECT_TRUE(allClose(byChannel(trace.layers[t].a),
                                 flatten(golden.at("A" + index).at("data")), 1e-10));
            EXPECT_TRUE(allClose(byBlock(trace.layers[t].b),
                                 flatten(golden.at("B" + index).at("data")), 1e-10));
            EXPECT_TRUE(allClose(byBlock(trace.layers[t].h),
                                 flatten(golden.at("h" + std::to_string(t + 1)).at("data")),
                                 1e-10));
        }
        if (golden.contains("zbl_node")) {
            EXPECT_TRUE(allClose(trace.zbl, flatten(golden.at("zbl_node").at("data")), 1e-10));
        }
        compared++;
    }
    EXPECT_GT(compared, 0);
}

INSTANTIATE_TEST_SUITE_P(, MaceGolden,
                         ::testing::Values("a_l1c2_L0", "b_l3c3_L1",
                                           "c_l2c3_L1_density_zbl_agnesi_2heads"));

namespace {

/// Frames of the 3BPA training file: 27 atoms, columns species, position, forces.
std::vector<Structure> readFrames(const std::string& path) {
    std::ifstream stream(path);
    std::vector<Structure> frames;
    for (std::string line; std::getline(stream, line);) {
        const int count = std::stoi(line);
        std::getline(stream, line);
        Structure frame;
        for (int i = 0; i < count && std::getline(stream, line); i++) {
            std::istringstream words(line);
            std::string symbol;
            Eigen::Vector3d position;
            words >> symbol >> position[0] >> position[1] >> position[2];
            frame.atomicNumbers.push_back(symbol == "H"   ? 1
                                          : symbol == "C" ? 6
                                          : symbol == "N" ? 7
                                                          : 8);
            frame.positions.push_back(position);
        }
        frames.push_back(frame);
    }
    return frames;
}

} // namespace

TEST(Mace3bpa, EnergiesAndForcesAreThoseOfMaceTorch) {
    EQUIVARIANT_NEED_SHARED("data/3bpa/train_300K.xyz");
    EQUIVARIANT_NEED_SHARED("models/3bpa-mace.expected.json");
    const auto frames = readFrames(test::sharedPath("data/3bpa/train_300K.xyz"));
    const auto expected = test::readJson(test::sharedPath("models/3bpa-mace.expected.json"));
    const ReferenceEvaluator evaluator(
        Model::load(std::string(EQUIVARIANT_SOURCE_DIR) + "/data/models/3bpa-mace.safetensors"));
    ASSERT_EQ(expected.size(), 20u);
    double worstEnergy = 0, worstForce = 0;
    for (const auto& result : expected) {
        const Evaluation found = evaluator.evaluate(frames.at(result.at("frame")));
        const std::vector<double> forces = flatten(result.at("forces"));
        const std::vector<double> ours = flatten(found.forces);
        ASSERT_EQ(ours.size(), forces.size());
        EXPECT_NEAR(found.energy, result.at("energy").get<double>(), 1e-6);
        worstEnergy =
            std::max(worstEnergy, std::abs(found.energy - result.at("energy").get<double>()));
        for (std::size_t i = 0; i < forces.size(); i++) {
            EXPECT_NEAR(ours[i], forces[i], 1e-6);
            worstForce = std::max(worstForce, std::abs(ours[i] - forces[i]));
        }
    }
    std::ostringstream figures;
    figures << worstEnergy << " eV, " << worstForce << " eV/A";
    RecordProperty("worst", figures.str());
}
