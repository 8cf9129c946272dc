// SPDX-License-Identifier: MIT
#include "Networks.h"

#include "support/Random.h"

namespace equivariant::wl_motif_dimension {

Structure disorderedSilica(int cells, double displacement, std::uint64_t seed) {
    constexpr double side = 7.16; // Å, cubic cell of beta-cristobalite
    const std::vector<Eigen::Vector3d> lattice = {
        {0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};
    const std::vector<Eigen::Vector3d> bonds = {// from one silicon to the next, twice an oxygen
                                                {0.25, 0.25, 0.25},
                                                {0.25, -0.25, -0.25},
                                                {-0.25, 0.25, -0.25},
                                                {-0.25, -0.25, 0.25}};
    Structure structure;
    structure.cell = Eigen::Matrix3d::Identity() * side * cells;
    structure.periodic = {true, true, true};
    support::Random random(seed);
    const auto add = [&](int element, const Eigen::Vector3d& place) {
        const Eigen::Vector3d noise(random.normal(), random.normal(), random.normal());
        structure.atomicNumbers.push_back(element);
        structure.positions.push_back(side * place + displacement * noise);
    };
    for (int x = 0; x < cells; x++)
        for (int y = 0; y < cells; y++)
            for (int z = 0; z < cells; z++)
                for (const Eigen::Vector3d& point : lattice) {
                    const Eigen::Vector3d origin = point + Eigen::Vector3d(x, y, z);
                    add(14, origin);
                    add(14, origin + bonds[0]);
                    for (const Eigen::Vector3d& bond : bonds)
                        add(8, origin + bond / 2);
                }
    return structure;
}

} // namespace equivariant::wl_motif_dimension
