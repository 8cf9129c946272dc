// SPDX-License-Identifier: MIT
//
// Every kernel of every model compiles for CUDA, and those that take the time keep their numbers in
// registers. Needs no GPU.
#include "EdgesText.h"
#include "MaceSource.h"
#include "support/Golden.h"
#include "support/MaceVariants.h"
#include "support/Nvrtc.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <iomanip>
#include <iostream>

using namespace equivariant;
using namespace equivariant::test;
using namespace EquivariantPlugin;

namespace {

struct Case {
    std::string model, precision;
};

void PrintTo(const Case& value, std::ostream* stream) {
    *stream << value.model << "_" << value.precision;
}

std::shared_ptr<const Model> load(const std::string& name) {
    for (const NamedModel& known : maceModelsOfUsualSize())
        if (known.name == name)
            return RandomMace(known.config).make();
    if (name == "3bpa-mace")
        return Model::load(std::string(EQUIVARIANT_SOURCE_DIR) +
                           "/data/models/3bpa-mace.safetensors");
    return Model::load(modelPath(name));
}

template <class Real>
std::vector<KernelText> makeTexts(const MaceParameters& model, DevicePrecision precision) {
    const Defines common = getEdgesDefines();
    const auto prepared =
        prepareForDevice<Real>(model, std::vector<bool>(model.atomicNumbers.size(), true));
    std::vector<KernelText> texts = {makeEdgesText({model.cutoff, true}, precision, 0, 1)};
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

class CudaCompile : public ::testing::TestWithParam<Case> {};

} // namespace

TEST_P(CudaCompile, KernelsCompileWithoutSpills) {
    const std::string prelude =
        loadOpenMMPrelude(EQUIVARIANT_OPENMM_CUDA_LIBRARY, EQUIVARIANT_CUDA_STUBS);
    const bool isDouble = GetParam().precision == "double";
    const DevicePrecision precision{isDouble, GetParam().precision != "single"};
    const auto model = load(GetParam().model);
    const auto& parameters = std::get<MaceParameters>(model->getParameters());
    const std::vector<KernelText> texts = isDouble ? makeTexts<double>(parameters, precision)
                                                   : makeTexts<float>(parameters, precision);
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

INSTANTIATE_TEST_SUITE_P(Models, CudaCompile, ::testing::ValuesIn([] {
                             std::vector<Case> cases;
                             for (const char* precision : {"single", "mixed", "double"})
                                 for (const char* model :
                                      {"a_l1c2_L0", "b_l3c3_L1",
                                       "c_l2c3_L1_density_zbl_agnesi_2heads", "3bpa-mace",
                                       "mace-small", "mace-medium", "gaunt-mace-medium"})
                                     cases.push_back({model, precision});
                             return cases;
                         }()),
                         [](const auto& info) {
                             std::string name = info.param.model + "_" + info.param.precision;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });
