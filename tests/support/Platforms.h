// SPDX-License-Identifier: MIT
//
// The platforms and precisions for which the behaviour of the force is tested. A test is written
// once, as TEST_P of a fixture derived from PlatformTest; where a platform is absent it is reported
// as skipped, with the reason.
#pragma once

#include <filesystem>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <openmm/Context.h>
#include <openmm/Integrator.h>
#include <openmm/OpenMMException.h>
#include <openmm/Platform.h>
#include <openmm/System.h>
#include <string>
#include <vector>

namespace equivariant::test {

struct PlatformCase {
    std::string platform;
    std::string precision; ///< "" where the platform has only one
    std::string plugin;    ///< path of our library, "" if this build has none

    std::string getName() const {
        return precision.empty() ? platform : platform + "_" + precision;
    }
};

inline void PrintTo(const PlatformCase& value, std::ostream* stream) {
    *stream << value.getName();
}

inline std::vector<PlatformCase> platformCases() {
    return {{"Reference", "", EQUIVARIANT_REFERENCE_PLUGIN},
            {"CPU", "", EQUIVARIANT_CPU_PLUGIN},
            {"OpenCL", "single", EQUIVARIANT_OPENCL_PLUGIN},
            {"OpenCL", "mixed", EQUIVARIANT_OPENCL_PLUGIN},
            {"OpenCL", "double", EQUIVARIANT_OPENCL_PLUGIN},
            {"CUDA", "single", EQUIVARIANT_CUDA_PLUGIN},
            {"CUDA", "mixed", EQUIVARIANT_CUDA_PLUGIN},
            {"CUDA", "double", EQUIVARIANT_CUDA_PLUGIN}};
}

/// Loads one of OpenMM's own plugins ("OpenMMCPU") if OpenMM has it.
inline void loadOpenMMPlugin(const std::string& name) {
    const std::string path = std::string(EQUIVARIANT_OPENMM_PLUGIN_DIR) + "/lib" + name + ".so";
    if (std::filesystem::exists(path))
        OpenMM::Platform::loadPluginLibrary(path);
}

/// Loads what a case needs. Returns the reason why it cannot run, or "".
inline std::string load(const PlatformCase& wanted) {
    if (wanted.plugin.empty())
        return "this build has no kernel for the platform " + wanted.platform;
    try {
        if (wanted.platform != "Reference")
            loadOpenMMPlugin("OpenMM" + wanted.platform);
        OpenMM::Platform::loadPluginLibrary(wanted.plugin);
        OpenMM::Platform::getPlatform(wanted.platform);
    } catch (const OpenMM::OpenMMException& error) {
        return "the platform " + wanted.platform + " is absent: " + error.what();
    }
    return "";
}

class PlatformTest : public ::testing::TestWithParam<PlatformCase> {
protected:
    void SetUp() override {
        const std::string reason = load(GetParam());
        if (!reason.empty() && GetParam().platform == "Reference")
            FAIL() << reason; // every build has it
        if (!reason.empty())
            GTEST_SKIP() << reason;
    }

    std::unique_ptr<OpenMM::Context>
    makeContext(const OpenMM::System& system, OpenMM::Integrator& integrator,
                std::map<std::string, std::string> properties = {}) const {
        if (!GetParam().precision.empty())
            properties["Precision"] = GetParam().precision;
        return std::make_unique<OpenMM::Context>(
            system, integrator, OpenMM::Platform::getPlatform(GetParam().platform), properties);
    }

    bool isDouble() const {
        return GetParam().platform == "Reference" || GetParam().precision == "double";
    }

    /// Relative tolerance of an energy or of forces against the reference evaluator.
    double tolerance() const {
        if (GetParam().platform == "CPU")
            return 2e-5;
        return isDouble() ? 1e-10 : 2e-4;
    }
};

#define EQUIVARIANT_FOR_ALL_PLATFORMS(fixture)                                                     \
    INSTANTIATE_TEST_SUITE_P(Platforms, fixture,                                                   \
                             ::testing::ValuesIn(equivariant::test::platformCases()),              \
                             [](const auto& info) { return info.param.getName(); })

} // namespace equivariant::test
