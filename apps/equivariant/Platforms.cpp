// SPDX-License-Identifier: MIT
#include "Platforms.h"

#include "EquivariantKernels.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <iostream>
#include <link.h>
#include <openmm/OpenMMException.h>
#include <set>

namespace equivariant::command {

using OpenMM::Platform;

namespace {

/// Folders in the order in which they are searched, each once however it is spelled.
std::vector<std::string> getPluginFolders() {
    namespace fs = std::filesystem;
    std::vector<fs::path> candidates;
    for (const char* library : {"libOpenMM.so", "libOpenMMEquivariant.so"})
        candidates.push_back(fs::path(getLibraryPath(library)).parent_path() / "plugins");
    if (const char* variable = std::getenv("OPENMM_PLUGIN_DIR"))
        candidates.emplace_back(variable);
    std::vector<std::string> folders;
    std::set<fs::path> seen;
    for (const fs::path& folder : candidates) {
        std::error_code error;
        const fs::path canonical = fs::canonical(folder, error);
        if (!error && fs::is_directory(canonical, error) && seen.insert(canonical).second)
            folders.push_back(canonical.string());
    }
    return folders;
}

/// Loads the libraries to which plugins of a folder belong ("libOpenMMDrude.so" and the like),
/// since OpenMM's plugins do not find these by themselves. What cannot be loaded shows in the
/// plugins.
void loadLibrariesBeside(const std::string& folder) {
    std::error_code error;
    const auto parent = std::filesystem::path(folder).parent_path();
    for (const auto& entry : std::filesystem::directory_iterator(parent, error)) {
        const std::string name = entry.path().filename();
        if (name.rfind("libOpenMM", 0) == 0 && entry.path().extension() == ".so")
            dlopen(entry.path().c_str(), RTLD_LAZY | RTLD_GLOBAL);
    }
}

PluginReport makeReport() {
    PluginReport report;
    report.folders = getPluginFolders();
    for (const std::string& folder : report.folders) {
        loadLibrariesBeside(folder);
        const auto loaded = Platform::loadPluginsFromDirectory(folder);
        report.loaded.insert(report.loaded.end(), loaded.begin(), loaded.end());
        const auto failures = Platform::getPluginLoadFailures();
        report.failures.insert(report.failures.end(), failures.begin(), failures.end());
    }
    return report;
}

std::vector<Platform*> getPlatforms() {
    loadPlugins();
    std::vector<Platform*> platforms;
    for (int i = 0; i < Platform::getNumPlatforms(); i++)
        platforms.push_back(&Platform::getPlatform(i));
    return platforms;
}

/// What the user can do about a platform that cannot be used.
[[noreturn]] void throwUnusable(const std::string& what) {
    std::string message = what + " (platforms that can be used:";
    for (Platform* platform : getPlatforms())
        if (hasKernel(*platform))
            message += ' ' + platform->getName();
    message += "; plugins that failed to load:";
    const auto& failures = loadPlugins().failures;
    for (const std::string& failure : failures)
        message += ' ' + failure + ';';
    throw Error(message + (failures.empty() ? " none)" : " see equivariant doctor)"));
}

/// Whether all devices of an OpenCL platform are processors served by PoCL.
bool isPocl(const Platform& platform) {
    if (platform.getName() != "OpenCL")
        return false;
    const auto devices = platform.getDevices();
    return std::all_of(devices.begin(), devices.end(), [](const auto& device) {
        const auto name = device.find("OpenCLPlatformName");
        return name != device.end() && name->second == "Portable Computing Language";
    });
}

Platform* findFastest() {
    Platform* best = nullptr;
    for (Platform* platform : getPlatforms())
        if (hasKernel(*platform) && !isPocl(*platform) &&
            (!best || platform->getSpeed() > best->getSpeed()))
            best = platform;
    if (!best)
        throwUnusable("no platform of OpenMM has a kernel for EquivariantForce");
    return best;
}

Platform* findNamed(const std::string& name) {
    for (Platform* platform : getPlatforms())
        if (platform->getName() == name) {
            if (!hasKernel(*platform))
                throwUnusable("the platform " + name + " has no kernel for EquivariantForce");
            return platform;
        }
    throwUnusable("OpenMM has no platform " + name);
}

bool hasProperty(const Platform& platform, const std::string& property) {
    const auto& names = platform.getPropertyNames();
    return std::find(names.begin(), names.end(), property) != names.end();
}

} // namespace

std::string getLibraryPath(const std::string& fileName) {
    void* handle = dlopen(fileName.c_str(), RTLD_LAZY | RTLD_NOLOAD);
    if (!handle)
        return "";
    link_map* map = nullptr;
    const bool found = dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0;
    const std::string path = found ? map->l_name : "";
    dlclose(handle);
    return path;
}

const PluginReport& loadPlugins() {
    static const PluginReport report = makeReport();
    return report;
}

bool hasKernel(const Platform& platform) {
    return platform.supportsKernels({EquivariantPlugin::CalcEquivariantForceKernel::Name()});
}

PlatformChoice choosePlatform(const ComputeOptions& options) {
    if (options.exactRadial || options.product != "auto")
        throw Error("--exact-radial and --product: only the platform native has this choice");
    PlatformChoice choice{options.platform.empty() ? findFastest() : findNamed(options.platform),
                          {}};
    const Platform& platform = *choice.platform;
    if (hasProperty(platform, "Precision")) {
        if (!options.precision.empty())
            choice.properties["Precision"] = options.precision;
    } else if (platform.getName() == "Reference") {
        if (!options.precision.empty() && options.precision != "double")
            throw Error("--precision " + options.precision +
                        ": the platform Reference computes in double precision only");
    } else if (!options.precision.empty()) {
        throw Error("--precision " + options.precision + ": the platform " + platform.getName() +
                    " offers no choice of precision");
    }
    if (options.threads > 0) {
        if (!hasProperty(platform, "Threads"))
            throw Error("--threads: the platform " + platform.getName() +
                        " offers no choice of threads");
        choice.properties["Threads"] = std::to_string(options.threads);
    }
    return choice;
}

std::unique_ptr<OpenMM::Context> makeContext(const OpenMM::System& system,
                                             OpenMM::Integrator& integrator,
                                             const PlatformChoice& choice) {
    struct Redirection {
        std::streambuf* own = std::cout.rdbuf(std::cerr.rdbuf());
        ~Redirection() { std::cout.rdbuf(own); }
    } redirection;
    return std::make_unique<OpenMM::Context>(system, integrator, *choice.platform,
                                             choice.properties);
}

} // namespace equivariant::command
