// SPDX-License-Identifier: MIT
#include "DcdTrajectory.h"

#include "equivariant/Error.h"
#include "internal/EquivariantUnits.h"

#include <cmath>
#include <cstdint>
#include <cstring>

namespace equivariant::command {

namespace {

using EquivariantPlugin::angstromsPerNanometer;

constexpr double femtosecondsPerAkmaTime = 48.88821; // the unit of time of CHARMM's header
constexpr std::streamoff countOffset = 8;            // of the number of snapshots in the file

template <class T> void append(T value, std::string& record) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    record.append(bytes, sizeof value);
}

double cosine(const OpenMM::Vec3& a, const OpenMM::Vec3& b) {
    return a.dot(b) / std::sqrt(a.dot(a) * b.dot(b));
}

} // namespace

DcdTrajectory::DcdTrajectory(const std::string& path, const TrajectorySettings& settings)
    : path(path), stream(path, std::ios::binary | std::ios::in | std::ios::out | std::ios::trunc),
      box(settings.start) {
    writeHeader(settings);
    if (!stream)
        throw Error(path + ": cannot be written");
}

void DcdTrajectory::writeRecord(const std::string& content) {
    std::string length;
    append(static_cast<std::int32_t>(content.size()), length);
    stream << length << content << length;
}

void DcdTrajectory::writeHeader(const TrajectorySettings& settings) {
    std::int32_t control[20] = {};
    control[1] = 0; // step of the first snapshot
    control[2] = settings.interval;
    const float timestep = static_cast<float>(settings.timestep / femtosecondsPerAkmaTime);
    std::memcpy(&control[9], &timestep, sizeof timestep);
    control[10] = box.periodic;
    control[19] = 24; // version of CHARMM
    std::string header = "CORD";
    for (std::int32_t value : control)
        append(value, header);
    writeRecord(header);

    std::string title = "Created by OpenMM-Equivariant";
    title.resize(80, ' ');
    std::string titles;
    append<std::int32_t>(1, titles);
    writeRecord(titles + title);

    std::string count;
    append(static_cast<std::int32_t>(settings.start.positions.size()), count);
    writeRecord(count);
}

/// Lengths in Å, and cosines of angles, in the order a, gamma, b, beta, alpha, c.
void DcdTrajectory::writeCell() {
    const auto& [a, b, c] = box.vectors;
    const auto length = [](const OpenMM::Vec3& v) {
        return angstromsPerNanometer * std::sqrt(v.dot(v));
    };
    std::string record;
    for (double value : {length(a), cosine(a, b), length(b), cosine(a, c), cosine(b, c), length(c)})
        append(value, record);
    writeRecord(record);
}

void DcdTrajectory::write(const Snapshot& snapshot) {
    if (box.periodic)
        writeCell();
    for (int d = 0; d < 3; d++) {
        std::string record;
        for (const OpenMM::Vec3& position : snapshot.positions)
            append(static_cast<float>(angstromsPerNanometer * position[d]), record);
        writeRecord(record);
    }
    numSnapshots++;
    updateCount();
    if (!stream.flush())
        throw Error(path + ": cannot be written");
}

void DcdTrajectory::updateCount() {
    std::string count;
    append<std::int32_t>(numSnapshots, count);
    stream.seekp(countOffset);
    stream << count;
    stream.seekp(0, std::ios::end);
}

} // namespace equivariant::command
