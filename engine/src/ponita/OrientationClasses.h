// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <vector>

namespace equivariant {

/// An orientation together with its antipode if all have one, else each alone.
struct OrientationClasses {
    std::vector<std::vector<int>> members;
    std::vector<int> classOf;   ///< [orientations]
    std::vector<int> antipodes; ///< [orientations]; empty if one lacks

    /// @param tolerance  how far from the antipode an orientation may be
    OrientationClasses(const std::vector<Eigen::Vector3d>& orientations, double tolerance)
        : classOf(orientations.size()), antipodes(orientations.size(), -1) {
        const std::size_t count = orientations.size();
        for (std::size_t o = 0; o < count; o++)
            for (std::size_t p = 0; p < count; p++)
                if (p != o && antipodes[p] < 0 &&
                    (orientations[o] + orientations[p]).norm() < tolerance) {
                    antipodes[o] = static_cast<int>(p);
                    antipodes[p] = static_cast<int>(o);
                    break;
                }
        if (std::count(antipodes.begin(), antipodes.end(), -1) > 0)
            antipodes.clear();
        for (std::size_t o = 0; o < count; o++) {
            const std::size_t antipode =
                antipodes.empty() ? o : static_cast<std::size_t>(antipodes[o]);
            if (antipode < o)
                continue;
            classOf[o] = classOf[antipode] = static_cast<int>(members.size());
            members.push_back({static_cast<int>(o)});
            if (antipode != o)
                members.back().push_back(static_cast<int>(antipode));
        }
    }
};

} // namespace equivariant
