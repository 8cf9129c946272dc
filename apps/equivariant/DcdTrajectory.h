// SPDX-License-Identifier: MIT
#pragma once

#include "Trajectory.h"

#include <fstream>

namespace equivariant::command {

/// A DCD file as CHARMM 24 writes it, little endian: Fortran records (their length in four bytes
/// before and after) of a header, a title, the number of atoms; for each snapshot a unit cell if
/// there is one, then x, y and z as floats, Å.
class DcdTrajectory : public Trajectory {
public:
    DcdTrajectory(const std::string& path, const TrajectorySettings& settings);
    void write(const Snapshot& snapshot) override;

private:
    void writeHeader(const TrajectorySettings& settings);
    void writeCell();
    void writeRecord(const std::string& content);
    void updateCount();

    std::string path;
    std::fstream stream;
    OpenMMBox box;
    int numSnapshots = 0;
};

} // namespace equivariant::command
