// SPDX-License-Identifier: MIT
#include "equivariant/Error.h"
#include "equivariant/ReferenceEvaluator.h"
#include "support/Compare.h"
#include "support/Golden.h"
#include "support/Structures.h"

#include <algorithm>

using namespace equivariant;
using test::allClose;
using test::close;

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

std::vector<double> flatten(const nlohmann::json& values) {
    if (values.is_number())
        return {values.get<double>()};
    std::vector<double> flat;
    for (const auto& value : values)
        for (double x : flatten(value))
            flat.push_back(x);
    return flat;
}

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
