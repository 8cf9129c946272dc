// SPDX-License-Identifier: MIT
#include "Commands.h"
#include "Platforms.h"

#include "equivariant/Error.h"

#include <iostream>

namespace equivariant::command {

namespace {

void printLibraries() {
    for (const char* library : {"libOpenMM.so", "libOpenMMEquivariant.so",
                                "libEquivariantEngine.so", "libEquivariantModels.so"})
        std::cout << "library   " << getLibraryPath(library) << '\n';
}

void printPlugins(const PluginReport& report) {
    for (const std::string& folder : report.folders)
        std::cout << "plugins   " << folder << '\n';
    for (const std::string& file : report.loaded)
        std::cout << "loaded    " << file << '\n';
    for (const std::string& failure : report.failures)
        std::cout << "failed    " << failure << '\n';
}

/// Returns the number of platforms with our kernel.
int printPlatforms() {
    int count = 0;
    for (int i = 0; i < OpenMM::Platform::getNumPlatforms(); i++) {
        const OpenMM::Platform& platform = OpenMM::Platform::getPlatform(i);
        const bool runs = hasKernel(platform);
        count += runs;
        std::cout << "platform  " << platform.getName()
                  << (runs ? ": EquivariantForce runs" : ": no kernel for EquivariantForce")
                  << '\n';
    }
    return count;
}

void runDoctor() {
    const std::string version = OpenMM::Platform::getOpenMMVersion();
    std::cout << "version   OpenMM-Equivariant " << EQUIVARIANT_VERSION << '\n'
              << "version   OpenMM " << version << " (built against " << EQUIVARIANT_OPENMM_VERSION
              << ")\n";
    printLibraries();
    printPlugins(loadPlugins());
    const int usable = printPlatforms();
    std::cout << std::flush;
    const auto minor = [](const std::string& text) { return text.substr(0, text.rfind('.')); };
    if (minor(version) != minor(EQUIVARIANT_OPENMM_VERSION))
        throw Error("doctor: OpenMM " + version + " was found but " + EQUIVARIANT_OPENMM_VERSION +
                    " was built against; they have to agree in the first two numbers");
    if (usable == 0)
        throw Error("doctor: no platform can compute EquivariantForce; is "
                    "libOpenMMEquivariantReference.so in one of the plugin folders?");
}

} // namespace

void addDoctorCommand(CLI::App& app) {
    app.add_subcommand("doctor", "What is installed, what OpenMM could load, which platforms work")
        ->callback(runDoctor);
}

} // namespace equivariant::command
