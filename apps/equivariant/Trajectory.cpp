// SPDX-License-Identifier: MIT
#include "Trajectory.h"

#include "DcdTrajectory.h"
#include "ExtendedXyz.h"

#include "equivariant/Error.h"
#include "internal/EquivariantUnits.h"

#include <filesystem>
#include <fstream>

namespace equivariant::command {

namespace {

class XyzTrajectory : public Trajectory {
public:
    XyzTrajectory(const std::string& path, const TrajectorySettings& settings)
        : path(path), stream(path, std::ios::binary), box(settings.start) {
        if (!stream)
            throw Error(path + ": cannot be written");
        frame.structure = settings.start;
    }

    void write(const Snapshot& snapshot) override {
        for (std::size_t i = 0; i < snapshot.positions.size(); i++)
            frame.structure.positions[i] =
                EquivariantPlugin::angstromsPerNanometer * box.turnBack(snapshot.positions[i]);
        frame.energy = snapshot.energy;
        frame.info = {{"step", std::to_string(snapshot.step)},
                      {"time_fs", std::to_string(1000 * snapshot.time)}};
        if (!(stream << formatExtendedXyz(frame) << std::flush))
            throw Error(path + ": cannot be written");
    }

private:
    std::string path;
    std::ofstream stream;
    OpenMMBox box;
    Frame frame;
};

} // namespace

void Trajectory::checkName(const std::string& path) {
    const auto extension = std::filesystem::path(path).extension();
    if (extension != ".xyz" && extension != ".extxyz" && extension != ".dcd")
        throw Error(path + ": the name of a trajectory ends in .xyz, .extxyz or .dcd");
}

std::unique_ptr<Trajectory> Trajectory::open(const std::string& path,
                                             const TrajectorySettings& settings) {
    checkName(path);
    if (std::filesystem::path(path).extension() == ".dcd")
        return std::make_unique<DcdTrajectory>(path, settings);
    return std::make_unique<XyzTrajectory>(path, settings);
}

} // namespace equivariant::command
