// SPDX-License-Identifier: MIT
#include "CellGrid.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>

namespace equivariant {

namespace {

constexpr double binsPerRange = 2, tolerance = 1e-9;

/// The bits of three numbers below 2^21 in turn (G. M. Morton, 1966).
std::uint64_t interleave(const std::array<std::uint64_t, 3>& numbers) {
    std::uint64_t code = 0;
    for (int bit = 0; bit < 21; bit++)
        for (int d = 0; d < 3; d++)
            code |= ((numbers[d] >> bit) & 1) << (3 * bit + d);
    return code;
}

} // namespace

CellGrid::CellGrid(const Structure& structure, const Lattice& lattice, double range)
    : lattice(lattice), range(range), periodic(structure.periodic) {
    wrap(structure);
    chooseBins(structure);
    const int numAtoms = static_cast<int>(structure.positions.size());
    first.assign(std::size_t(size[0]) * size[1] * size[2] + 1, 0);
    for (int i = 0; i < numAtoms; i++)
        first[binOf(i) + 1]++;
    for (std::size_t b = 1; b < first.size(); b++)
        first[b] += first[b - 1];
    std::vector<int> next(first.begin(), first.end() - 1);
    atoms.resize(numAtoms);
    for (int i = 0; i < numAtoms; i++)
        atoms[next[binOf(i)]++] = i;
}

void CellGrid::wrap(const Structure& structure) {
    for (std::size_t i = 0; i < structure.positions.size(); i++) {
        Eigen::Vector3d s = lattice.inverse.transpose() * structure.positions[i];
        std::array<int, 3> box = {0, 0, 0};
        for (int d = 0; d < 3; d++) {
            if (!periodic[d])
                continue;
            const double whole = std::floor(s[d]);
            if (!(std::abs(whole) < 1e6))
                throw Error("atom " + std::to_string(i) +
                            " is more than a million boxes away from the origin");
            box[d] = static_cast<int>(whole);
            s[d] -= whole;
        }
        fractional.push_back(s);
        boxes.push_back(box);
        wrapped.push_back(structure.positions[i] -
                          lattice.cell.transpose() * Eigen::Vector3d(box[0], box[1], box[2]));
    }
}

/// Bins of about half the range, and no more of them than a few times the atoms.
void CellGrid::chooseBins(const Structure& structure) {
    for (int d = 0; d < 3; d++) {
        double extent = 1;
        origin[d] = 0;
        if (!periodic[d] && !fractional.empty()) {
            double low = fractional[0][d], high = low;
            for (const Eigen::Vector3d& s : fractional) {
                low = std::min(low, s[d]);
                high = std::max(high, s[d]);
            }
            origin[d] = low;
            extent = high - low;
        }
        reach[d] = range * lattice.inverse.col(d).norm() + tolerance;
        const double wanted = binsPerRange * extent / reach[d];
        size[d] = static_cast<int>(std::clamp(std::floor(wanted), 1.0, 1e6));
        perBin[d] = extent;
    }
    const double limit = 8.0 * structure.positions.size() + 64;
    while (double(size[0]) * size[1] * size[2] > limit) {
        int& largest = *std::max_element(size.begin(), size.end());
        largest = (largest + 1) / 2;
    }
    for (int d = 0; d < 3; d++)
        perBin[d] = std::max(perBin[d], tolerance) / size[d];
}

int CellGrid::binOf(int atom) const {
    int index = 0;
    for (int d = 0; d < 3; d++) {
        const double position = (fractional[atom][d] - origin[d]) / perBin[d];
        index = index * size[d] + std::clamp(static_cast<int>(position), 0, size[d] - 1);
    }
    return index;
}

std::vector<int> CellGrid::getOrder() const {
    std::vector<std::uint64_t> codes;
    const double largest = *std::max_element(size.begin(), size.end());
    for (const Eigen::Vector3d& s : fractional) {
        std::array<std::uint64_t, 3> numbers;
        for (int d = 0; d < 3; d++)
            numbers[d] = static_cast<std::uint64_t>(
                std::clamp((s[d] - origin[d]) / perBin[d] / largest, 0.0, 1.0) * 1023);
        codes.push_back(interleave(numbers));
    }
    std::vector<int> order(fractional.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return codes[a] < codes[b]; });
    return order;
}

} // namespace equivariant
