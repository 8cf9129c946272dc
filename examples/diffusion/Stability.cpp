// SPDX-License-Identifier: MIT
#include "Stability.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace equivariant::diffusion {

namespace {

/// Usual lengths of single, double and triple bonds, Å; 0: there is no such bond.
using Lengths = std::array<double, 3>;

const std::map<std::pair<int, int>, Lengths> usualLengths = {
    {{1, 1}, {0.74, 0, 0}},       {{1, 6}, {1.09, 0, 0}},       {{1, 7}, {1.01, 0, 0}},
    {{1, 8}, {0.96, 0, 0}},       {{6, 6}, {1.54, 1.34, 1.20}}, {{6, 7}, {1.47, 1.29, 1.16}},
    {{6, 8}, {1.43, 1.20, 1.13}}, {{7, 7}, {1.45, 1.25, 1.10}}, {{7, 8}, {1.40, 1.21, 0}},
    {{8, 8}, {1.48, 1.21, 0}}};

constexpr Lengths margins = {0.10, 0.05, 0.03};

const std::map<int, int> valences = {{1, 1}, {6, 4}, {7, 3}, {8, 2}};

} // namespace

int bondOrder(int a, int b, double distance) {
    const Lengths& lengths = usualLengths.at(std::minmax(a, b));
    int order = 0;
    for (int k = 0; k < 3; k++)
        if (distance < lengths[k] + margins[k] && lengths[k] > 0)
            order = k + 1;
    return order;
}

Stability findStability(const std::vector<int>& atomicNumbers,
                        const std::vector<Eigen::Vector3d>& positions) {
    Stability result;
    result.atoms = static_cast<int>(positions.size());
    for (std::size_t i = 0; i < positions.size(); i++) {
        int bonds = 0;
        for (std::size_t j = 0; j < positions.size(); j++)
            if (j != i)
                bonds += bondOrder(atomicNumbers[i], atomicNumbers[j],
                                   (positions[i] - positions[j]).norm());
        result.stableAtoms += bonds == valences.at(atomicNumbers[i]);
    }
    return result;
}

} // namespace equivariant::diffusion
