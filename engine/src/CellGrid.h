// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/Lattice.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace equivariant {

/// The atoms of a structure sorted into bins, for the search of those within a range.
class CellGrid {
public:
    /// @param range  Å; infinite only for open structures
    /// Throws Error for an atom more than a million boxes away.
    CellGrid(const Structure& structure, const Lattice& lattice, double range);

    /// Calls found(j, shift, distance) for every atom or image with
    /// |r_i - r_j + shift * cell| < range, but not for atom i itself.
    template <class Found> void forEachNear(int i, const Found& found) const;

    /// The atoms along a curve that fills space.
    std::vector<int> getOrder() const;

private:
    void wrap(const Structure& structure);
    void chooseBins(const Structure& structure);
    int binOf(int atom) const;

    const Lattice& lattice;
    const double range;
    std::array<bool, 3> periodic;
    std::array<int, 3> size;              ///< bins in each direction
    Eigen::Vector3d origin, perBin;       ///< fractional coordinates of the first bin; of a bin
    Eigen::Vector3d reach;                ///< the range in fractional coordinates
    std::vector<Eigen::Vector3d> wrapped; ///< [atoms] positions in the home cell
    std::vector<Eigen::Vector3d> fractional;
    std::vector<std::array<int, 3>> boxes; ///< [atoms] whole cells taken away by wrapping
    std::vector<int> first, atoms;         ///< atoms of each bin
};

template <class Found> void CellGrid::forEachNear(int i, const Found& found) const {
    std::array<int, 3> low, high;
    for (int d = 0; d < 3; d++) {
        const double center = fractional[i][d] - origin[d];
        double lowest = std::floor((center - reach[d]) / perBin[d]);
        double highest = std::floor((center + reach[d]) / perBin[d]);
        if (!periodic[d]) {
            lowest = std::max(lowest, 0.0);
            highest = std::min(highest, size[d] - 1.0);
        }
        low[d] = static_cast<int>(lowest);
        high[d] = static_cast<int>(highest);
    }
    const auto floorDivide = [](int a, int b) { return a >= 0 ? a / b : -((b - 1 - a) / b); };
    std::array<int, 3> bin;
    for (bin[0] = low[0]; bin[0] <= high[0]; bin[0]++)
        for (bin[1] = low[1]; bin[1] <= high[1]; bin[1]++)
            for (bin[2] = low[2]; bin[2] <= high[2]; bin[2]++) {
                std::array<int, 3> image;
                int index = 0;
                for (int d = 0; d < 3; d++) {
                    image[d] = floorDivide(bin[d], size[d]);
                    index = index * size[d] + bin[d] - image[d] * size[d];
                }
                const Eigen::Vector3d offset =
                    lattice.cell.transpose() * Eigen::Vector3d(image[0], image[1], image[2]);
                for (int a = first[index]; a < first[index + 1]; a++) {
                    const int j = atoms[a];
                    const Eigen::Vector3d difference = (wrapped[i] - wrapped[j]) - offset;
                    const double squared = difference.squaredNorm();
                    if (!(squared < range * range))
                        continue;
                    std::array<int, 3> shift;
                    for (int d = 0; d < 3; d++)
                        shift[d] = boxes[j][d] - boxes[i][d] - image[d];
                    if (i == j && shift == std::array<int, 3>{0, 0, 0})
                        continue;
                    found(j, shift, std::sqrt(squared));
                }
            }
}

} // namespace equivariant
