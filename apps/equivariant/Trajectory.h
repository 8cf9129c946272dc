// SPDX-License-Identifier: MIT
#pragma once

#include "OpenMMBox.h"

#include <memory>
#include <openmm/Vec3.h>
#include <string>
#include <vector>

namespace equivariant::command {

/// One moment of a simulation.
struct Snapshot {
    long step;
    double time;                         ///< ps
    double energy;                       ///< eV, with isolated-atom energies
    std::vector<OpenMM::Vec3> positions; ///< [atoms], nm, in the orientation of the box
};

/// What a trajectory file needs to know beforehand.
struct TrajectorySettings {
    Structure start;
    double timestep; ///< fs
    int interval;    ///< steps between snapshots
};

/// A file of snapshots. Each is complete on disk before the next is computed.
class Trajectory {
public:
    virtual ~Trajectory() = default;
    virtual void write(const Snapshot& snapshot) = 0;

    /// Opens a file; its format follows from its name: .xyz or .extxyz (extended XYZ, oriented as
    /// the start structure), or .dcd (CHARMM and NAMD's format, oriented as OpenMMBox).
    /// Throws Error naming the file.
    static std::unique_ptr<Trajectory> open(const std::string& path,
                                            const TrajectorySettings& settings);

    /// Throws Error if the name of the file says no format that we write.
    static void checkName(const std::string& path);
};

} // namespace equivariant::command
