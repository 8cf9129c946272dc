// SPDX-License-Identifier: MIT
#include "Groups.h"

#include "ExtendedXyz.h"

#include "equivariant/Error.h"

#include <numeric>

namespace equivariant::lp_sensitivity_sampling {

Eigen::VectorXd Groups::collect(const support::VectorView& rowScores, bool largest) const {
    Eigen::VectorXd result = Eigen::VectorXd::Zero(count);
    for (std::size_t i = 0; i < ofRow.size(); i++) {
        double& score = result[ofRow[i]];
        const double ofThisRow = rowScores[static_cast<Eigen::Index>(i)];
        score = largest ? std::max(score, ofThisRow) : score + ofThisRow;
    }
    return result;
}

Groups singleRows(Eigen::Index rows) {
    Groups groups{std::vector<int>(rows), static_cast<int>(rows)};
    std::iota(groups.ofRow.begin(), groups.ofRow.end(), 0);
    return groups;
}

Groups readFrames(const std::string& path, Eigen::Index rows) {
    std::vector<std::size_t> atoms;
    std::size_t numAtoms = 0;
    for (const command::Frame& frame : command::readExtendedXyz(path)) {
        atoms.push_back(frame.structure.positions.size());
        numAtoms += atoms.back();
    }
    const std::size_t numLabels = atoms.size() + 3 * numAtoms;
    const auto wanted = static_cast<std::size_t>(rows);
    if (wanted != numAtoms && wanted != numLabels)
        throw Error(path + ": " + std::to_string(numAtoms) + " atoms and " +
                    std::to_string(numLabels) +
                    " energies and components of forces, but the "
                    "matrix has " +
                    std::to_string(rows) + " rows");
    Groups groups{{}, static_cast<int>(atoms.size())};
    for (int frame = 0; frame < groups.count; frame++)
        groups.ofRow.insert(groups.ofRow.end(),
                            wanted == numAtoms ? atoms[frame] : 1 + 3 * atoms[frame], frame);
    return groups;
}

} // namespace equivariant::lp_sensitivity_sampling
