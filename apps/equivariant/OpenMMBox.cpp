// SPDX-License-Identifier: MIT
#include "OpenMMBox.h"

#include "equivariant/Error.h"
#include "internal/EquivariantUnits.h"

#include <Eigen/Geometry>
#include <Eigen/LU>
#include <cmath>

namespace equivariant::command {

using EquivariantPlugin::angstromsPerNanometer;
using OpenMM::Vec3;

namespace {

/// Subtracts multiples of shorter vectors, as OpenMM demands. The last step lets a component that
/// is half of another but for its rounding be exactly half.
void reduce(std::array<Vec3, 3>& v) {
    v[2] -= v[1] * std::round(v[2][1] / v[1][1]);
    v[2] -= v[0] * std::round(v[2][0] / v[0][0]);
    v[1] -= v[0] * std::round(v[1][0] / v[0][0]);
    const auto limit = [](double& component, double length) {
        if (std::abs(component) > length / 2)
            component = std::copysign(length / 2, component);
    };
    limit(v[1][0], v[0][0]);
    limit(v[2][0], v[0][0]);
    limit(v[2][1], v[1][1]);
}

} // namespace

OpenMMBox::OpenMMBox(const Structure& structure) {
    const auto& p = structure.periodic;
    periodic = p[0] && p[1] && p[2];
    if (!periodic) {
        if (p[0] || p[1] || p[2])
            throw Error("OpenMM knows boxes that are periodic in all directions or in none "
                        "(the platform native knows others)");
        return;
    }
    Eigen::Matrix3d cell = structure.cell;
    const double scale = cell.rowwise().norm().prod();
    if (!(std::abs(cell.determinant()) > 1e-10 * scale))
        throw Error("the box vectors are linearly dependent");
    if (cell.determinant() < 0)
        cell.row(2) *= -1; // the same lattice, right-handed
    const bool isLower = cell(0, 1) == 0 && cell(0, 2) == 0 && cell(1, 2) == 0;
    if (!isLower || cell(0, 0) < 0 || cell(1, 1) < 0) {
        rotation.col(0) = cell.row(0).normalized();
        rotation.col(2) = cell.row(0).cross(cell.row(1)).normalized();
        rotation.col(1) = rotation.col(2).cross(rotation.col(0));
        cell *= rotation;
    }
    for (int i = 0; i < 3; i++)
        for (int d = 0; d <= i; d++) // what is above the diagonal is rounding
            vectors[i][d] = cell(i, d) / angstromsPerNanometer;
    reduce(vectors);
}

Vec3 OpenMMBox::toOpenMM(const Eigen::Vector3d& position) const {
    const Eigen::Vector3d turned = rotation.transpose() * position / angstromsPerNanometer;
    return Vec3(turned[0], turned[1], turned[2]);
}

Eigen::Vector3d OpenMMBox::turnBack(const Vec3& vector) const {
    return rotation * Eigen::Vector3d(vector[0], vector[1], vector[2]);
}

} // namespace equivariant::command
