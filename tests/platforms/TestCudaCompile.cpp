// SPDX-License-Identifier: MIT
//
// Every kernel of every model compiles for CUDA, and those that take the time keep their numbers in
// registers. Needs no GPU.
#include "EdgesText.h"
#include "MaceSource.h"
#include "PonitaSource.h"
#include "support/Golden.h"
#include "support/MaceVariants.h"
#include "support/Nvrtc.h"
#include "support/PonitaVariants.h"

#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <iomanip>
#include <iostream>
#include <set>

using namespace equivariant;
using namespace equivariant::test;
using namespace EquivariantPlugin;

namespace {

const std::filesystem::path shippedModels =
    std::filesystem::path(EQUIVARIANT_SOURCE_DIR) / "data/models";

const std::string allShipped = "shipped";

struct Case {
    std::string model, precision;
};

void PrintTo(const Case& value, std::ostream* stream) {
    *stream << value.model << "_" << value.precision;
}

std::vector<std::shared_ptr<const Model>> load(const std::string& name) {
    if (name == allShipped) {
        std::vector<std::shared_ptr<const Model>> models;
        for (const auto& file : std::filesystem::directory_iterator(shippedModels))
            if (file.path().extension() == ".safetensors")
                models.push_back(Model::load(file.path().string()));
        return models;
    }
    for (const NamedModel& known : maceModelsOfUsualSize())
        if (known.name == name)
            return {RandomMace(known.config).make()};
    if (name == "ponita")
        return {ponitaOfUsualSize(nlohmann::json::object(), "dodecahedron-20")};
    if (name == "ponita-cloud")
        return {ponitaOfUsualSize({{"space", "R3xS2-point-cloud"}, {"lifted_envelope", true}}, "")};
    return {Model::load(modelPath(name))};
}

template <class Real> std::vector<KernelText> makeTexts(const MaceParameters& model) {
    const Defines common = getEdgesDefines();
    const auto prepared =
        prepareForDevice<Real>(model, std::vector<bool>(model.atomicNumbers.size(), true));
    std::vector<KernelText> texts;
    if (model.zbl)
        texts.push_back(makeRepulsionText(prepared, common));
    for (int t = 0; t < model.numLayers; t++) {
        const MaceSource<Real> source(prepared, t, common, chooseGroup<Real>(model, 1024));
        for (const KernelText& text :
             {source.makeConvolve(), source.makeNode(), source.makeNodeBack(), source.makeGather()})
            texts.push_back(text);
    }
    return texts;
}

template <class Real> std::vector<KernelText> makeTexts(const PonitaParameters& model) {
    const PonitaSource<Real> source(model, getEdgesDefines());
    std::vector<KernelText> texts;
    for (int t = 0; t < static_cast<int>(model.layers.size()); t++)
        for (const KernelText& text : {source.makeConvolve(t), source.makeBlock(t),
                                       source.makeBlockBack(t), source.makeConvolveBack()})
            texts.push_back(text);
    texts.push_back(source.makeDifferentiate());
    if (model.isPointCloud())
        texts.push_back(source.makeCollect());
    return texts;
}

/// Layers, and models of the same sizes, have the same programs.
void removeRepetitions(std::vector<KernelText>& texts) {
    std::set<std::pair<std::string, Defines>> seen;
    texts.erase(std::remove_if(texts.begin(), texts.end(),
                               [&](const KernelText& text) {
                                   return !seen.insert({text.source, text.defines}).second;
                               }),
                texts.end());
}

class CudaCompile : public ::testing::TestWithParam<Case> {};

} // namespace

TEST_P(CudaCompile, KernelsCompileWithoutSpills) {
    const std::string prelude =
        loadOpenMMPrelude(EQUIVARIANT_OPENMM_CUDA_LIBRARY, EQUIVARIANT_CUDA_STUBS);
    const bool isDouble = GetParam().precision == "double";
    const DevicePrecision precision{isDouble, GetParam().precision != "single"};
    std::vector<KernelText> texts;
    for (const auto& model : load(GetParam().model)) {
        const std::vector<KernelText> more = std::visit(
            [&](const auto& parameters) {
                return isDouble ? makeTexts<double>(parameters) : makeTexts<float>(parameters);
            },
            model->getParameters());
        texts.insert(texts.end(), more.begin(), more.end());
        texts.push_back(makeEdgesText(makeEdgesOptions(*model, true), precision, 0, 1));
    }
    ASSERT_FALSE(texts.empty()) << "no model found";
    removeRepetitions(texts);
    std::cout << "registers, bytes of shared memory, stack and spills\n";
    for (const char* architecture : {"sm_75", "sm_80", "sm_90", "sm_100", "sm_120"})
        for (const KernelText& text : texts)
            for (const CompiledKernel& kernel :
                 compileForCuda(prelude, text, precision, architecture)) {
                std::cout << std::left << std::setw(8) << architecture << std::setw(18)
                          << kernel.name << std::right << std::setw(6) << kernel.registers
                          << std::setw(8) << kernel.sharedBytes << std::setw(8) << kernel.stackBytes
                          << std::setw(8) << kernel.spillBytes << "\n";
                EXPECT_LE(kernel.sharedBytes, 48 << 10) << kernel.name;
                if (!isDouble) {
                    EXPECT_EQ(kernel.spillBytes, 0) << kernel.name << " for " << architecture;
                }
            }
}

std::vector<Case> allCases() {
    std::vector<Case> cases;
    for (const char* precision : {"single", "double"})
        for (const char* model :
             {"a_l1c2_L0", "b_l3c3_L1", "c_l2c3_L1_density_zbl_agnesi_2heads", "mace-small",
              "mace-medium", "gaunt-mace-medium", "a_r3s2_o12_all_pairs", "b_r3s2_o20_cutoff",
              "c_r3_cutoff", "g_r3s2_point_cloud", "h_r3s2_point_cloud_cutoff", "ponita",
              "ponita-cloud"})
            cases.push_back({model, precision});
    // Mixed precision differs from single in few kernels, which these models have.
    for (const char* model :
         {"c_l2c3_L1_density_zbl_agnesi_2heads", "b_r3s2_o20_cutoff", "ponita-cloud"})
        cases.push_back({model, "mixed"});
    // The other precisions have the same kernels as the models above.
    cases.push_back({allShipped, "single"});
    return cases;
}

INSTANTIATE_TEST_SUITE_P(Models, CudaCompile, ::testing::ValuesIn(allCases()),
                         [](const auto& info) {
                             std::string name = info.param.model + "_" + info.param.precision;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });
