// SPDX-License-Identifier: MIT
//
// OpenMM's platforms and where their plugins come from. OpenMM's own default folder is right for
// few installations, so plugins are looked for beside the libraries that this program uses.
#pragma once

#include "Evaluate.h"

#include <map>
#include <memory>
#include <openmm/Context.h>
#include <openmm/Integrator.h>
#include <openmm/Platform.h>
#include <openmm/System.h>
#include <string>
#include <vector>

namespace equivariant::command {

/// What came of loading the plugins.
struct PluginReport {
    std::vector<std::string> folders;  ///< that were searched
    std::vector<std::string> loaded;   ///< file names
    std::vector<std::string> failures; ///< what OpenMM says of the others
};

/// Loads the plugins at the first call: those in "plugins" beside libOpenMMEquivariant.so and
/// beside libOpenMM.so, and those in the folder that the variable OPENMM_PLUGIN_DIR names.
const PluginReport& loadPlugins();

/// The path of a shared library that is loaded already, "" if it is not.
std::string getLibraryPath(const std::string& fileName);

/// Whether it can compute EquivariantForce.
bool hasKernel(const OpenMM::Platform& platform);

/// A platform and the properties that a Context on it gets.
struct PlatformChoice {
    OpenMM::Platform* platform;
    std::map<std::string, std::string> properties;
};

/// Finds the platform that the options name; the name "" stands for the fastest with a kernel.
/// PoCL, which runs OpenCL on the processor, is used only if it is named. Throws Error
/// saying why a platform cannot be used.
PlatformChoice choosePlatform(const ComputeOptions& options);

/// A Context on the platform. What OpenMM prints meanwhile goes to the standard error, since it is
/// no part of our output.
std::unique_ptr<OpenMM::Context> makeContext(const OpenMM::System& system,
                                             OpenMM::Integrator& integrator,
                                             const PlatformChoice& choice);

} // namespace equivariant::command
