// SPDX-License-Identifier: MIT
#include "Commands.h"
#include "MolecularDynamics.h"

#include <climits>

namespace equivariant::command {

void addMdCommand(CLI::App& app) {
    auto options = std::make_shared<MdOptions>();
    options->compute.platform = "";
    CLI::App* command = app.add_subcommand(
        "md", "Molecular dynamics with OpenMM; the table is in ps, kJ/mol and K");
    command->add_option("model", options->model, "model file")->required();
    command->add_option("start", options->start, "one structure, extended XYZ (Å)")->required();
    command->add_option("--steps", options->steps, "number of steps")
        ->required()
        ->check(CLI::Range(0, INT_MAX));
    command->add_option("--timestep", options->timestep, "length of a step, fs")
        ->check(finiteNumber(0, true))
        ->capture_default_str();
    command
        ->add_option("--temperature", options->temperature,
                     "of the heat bath and of the first velocities, K")
        ->check(finiteNumber(0, false))
        ->capture_default_str();
    command->add_option("--friction", options->friction, "of the heat bath, 1/ps")
        ->check(finiteNumber(0, false))
        ->capture_default_str();
    command->add_flag("--nve", options->constantEnergy, "constant energy instead of a heat bath");
    command->add_flag("--minimize", options->minimize, "minimize the energy first");
    command->add_option("--trajectory", options->trajectory, "file to write: .xyz or .dcd (Å)");
    command->add_option("--log", options->log, "table to write (CSV): energies, temperature");
    command
        ->add_option("--report-interval", options->reportInterval,
                     "steps between entries of trajectory and table")
        ->check(CLI::Range(1, INT_MAX))
        ->capture_default_str();
    command
        ->add_option("--seed", options->seed,
                     "of the random numbers; 0 takes another one each time")
        ->check(CLI::Range(0, INT_MAX))
        ->capture_default_str();
    command
        ->add_option("--platform", options->compute.platform,
                     "OpenMM platform (default: the fastest that can run the model)")
        ->check(CLI::IsMember({"Reference", "CPU", "OpenCL", "CUDA"}));
    addComputeOptions(*command, options->compute);
    command->callback([options] { runMolecularDynamics(*options); });
}

} // namespace equivariant::command
