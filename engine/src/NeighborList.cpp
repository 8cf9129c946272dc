// SPDX-License-Identifier: MIT
#include "equivariant/NeighborList.h"

#include "CellGrid.h"
#include "equivariant/Error.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>

namespace equivariant {

namespace {

auto keyOf(const NeighborList::Pair& pair) {
    return std::make_tuple(pair.sender, pair.shift[0], pair.shift[1], pair.shift[2]);
}

bool isBefore(const NeighborList::Pair& a, const NeighborList::Pair& b) {
    return keyOf(a) < keyOf(b);
}

} // namespace

NeighborList::NeighborList(double cutoff, double skin) : cutoff(cutoff), skin(skin) {
    if (!(skin >= 0) || !std::isfinite(skin))
        throw Error("the skin of a neighbor list must be zero or positive");
}

bool NeighborList::update(const Structure& structure) {
    checkPositions(structure);
    if (isBuilt && isSufficient(structure))
        return false;
    isBuilt = false;
    rebuild(structure);
    isBuilt = true;
    return true;
}

bool NeighborList::isSufficient(const Structure& structure) const {
    const std::size_t numAtoms = structure.positions.size();
    if (numAtoms != built.positions.size() || structure.periodic != built.periodic)
        return false;
    if (!std::isfinite(cutoff))
        return true;
    Eigen::Matrix3d map = Eigen::Matrix3d::Identity(); // of row vectors
    double shrinkage = 1;
    if (structure.cell != built.cell) {
        map = builtLattice.inverse * makeLattice(structure, cutoff + skin).cell;
        const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> solver(map.transpose() * map,
                                                                    Eigen::EigenvaluesOnly);
        shrinkage = std::sqrt(std::max(solver.eigenvalues()[0], 0.0));
    }
    const double slack = (shrinkage * (cutoff + skin) - cutoff) / 2;
    if (!(slack >= 0))
        return false;
    for (std::size_t i = 0; i < numAtoms; i++) {
        const Eigen::Vector3d moved = structure.positions[i] - map.transpose() * built.positions[i];
        if (moved.squaredNorm() > slack * slack)
            return false;
    }
    return true;
}

void NeighborList::rebuild(const Structure& structure) {
    const double range = cutoff + skin;
    built = structure;
    builtLattice = makeLattice(structure, range);
    const CellGrid grid(structure, builtLattice, range);
    const int numAtoms = static_cast<int>(structure.positions.size());
    order = grid.getOrder();
    pairs.clear();
    first.assign(1, 0);
    for (int i = 0; i < numAtoms; i++) {
        grid.forEachNear(i, [&](int j, const std::array<int, 3>& shift, double distance) {
            if (distance < closestApproach)
                throwCoincident(i, j, distance);
            pairs.push_back({j, {shift[0], shift[1], shift[2]}});
        });
        if (pairs.size() > std::size_t(std::numeric_limits<int>::max()))
            throw Error("there are more than 2^31 pairs of atoms within " + std::to_string(range) +
                        " Å");
        std::sort(pairs.begin() + first.back(), pairs.end(), isBefore);
        first.push_back(static_cast<int>(pairs.size()));
    }
    findReverse();
    numRebuilds++;
}

void NeighborList::findReverse() {
    reverse.resize(pairs.size());
    for (std::size_t i = 0; i + 1 < first.size(); i++)
        for (int p = first[i]; p < first[i + 1]; p++) {
            const auto& [sender, shift] = pairs[p];
            const Pair wanted = {static_cast<int>(i), {-shift[0], -shift[1], -shift[2]}};
            reverse[p] = static_cast<int>(std::lower_bound(pairs.begin() + first[sender],
                                                           pairs.begin() + first[sender + 1],
                                                           wanted, isBefore) -
                                          pairs.begin());
        }
}

} // namespace equivariant
