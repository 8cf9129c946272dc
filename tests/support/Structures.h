// SPDX-License-Identifier: MIT
//
// Structures that tests share.
#pragma once

#include "equivariant/Structure.h"

#include <Eigen/Geometry>
#include <nlohmann/json.hpp>
#include <random>

namespace equivariant::test {

inline Eigen::Vector3d vectorFromJson(const nlohmann::json& v) {
    return {v.at(0).get<double>(), v.at(1).get<double>(), v.at(2).get<double>()};
}

/// {"Z": [...], "positions": [[...]], "cell": [[...]] or null, "pbc": [...] or bool}
inline Structure structureFromJson(const nlohmann::json& json) {
    Structure structure;
    structure.atomicNumbers = json.at("Z").get<std::vector<int>>();
    for (const auto& position : json.at("positions"))
        structure.positions.push_back(vectorFromJson(position));
    if (json.contains("cell") && !json.at("cell").is_null())
        for (int i = 0; i < 3; i++)
            structure.cell.row(i) = vectorFromJson(json.at("cell").at(i));
    if (json.contains("pbc")) {
        const auto& pbc = json.at("pbc");
        for (int d = 0; d < 3; d++)
            structure.periodic[d] = pbc.is_array() ? pbc.at(d).get<bool>() : pbc.get<bool>();
    }
    return structure;
}

/// Atoms at random places, no two closer than `spacing`, in a cube without periodicity.
inline Structure randomCluster(const std::vector<int>& atomicNumbers, double spacing, int seed) {
    std::mt19937 random(seed);
    const double side = 1.4 * spacing * std::cbrt(atomicNumbers.size());
    std::uniform_real_distribution<double> uniform(0, side);
    Structure structure;
    structure.atomicNumbers = atomicNumbers;
    while (structure.positions.size() < atomicNumbers.size()) {
        const Eigen::Vector3d trial(uniform(random), uniform(random), uniform(random));
        bool free = true;
        for (const auto& position : structure.positions)
            free = free && (trial - position).norm() > spacing;
        if (free)
            structure.positions.push_back(trial);
    }
    return structure;
}

/// The same in a triclinic box that is smaller than twice the cutoffs in use.
inline Structure randomCrystal(const std::vector<int>& atomicNumbers, double spacing, int seed) {
    Structure structure = randomCluster(atomicNumbers, spacing, seed);
    const double side = 1.4 * spacing * std::cbrt(atomicNumbers.size()) + spacing;
    structure.cell << side, 0, 0, 0.3 * side, 0.95 * side, 0, -0.2 * side, 0.25 * side, 1.05 * side;
    structure.periodic = {true, true, true};
    return structure;
}

inline Eigen::Matrix3d randomRotation(int seed) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    return Eigen::Quaterniond(normal(random), normal(random), normal(random), normal(random))
        .normalized()
        .toRotationMatrix();
}

/// Positions and cell multiplied by a matrix (a rotation, or 1 + strain).
inline Structure transformed(Structure structure, const Eigen::Matrix3d& matrix) {
    for (auto& position : structure.positions)
        position = matrix * position;
    structure.cell = structure.cell * matrix.transpose();
    return structure;
}

} // namespace equivariant::test
