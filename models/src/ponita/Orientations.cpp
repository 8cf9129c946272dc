// SPDX-License-Identifier: MIT
#include "equivariant/Orientations.h"

#include "equivariant/Error.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>

namespace equivariant {

namespace {

/// All products of the generators.
std::vector<Eigen::Matrix3d> closure(const std::vector<Eigen::Matrix3d>& generators) {
    std::vector<Eigen::Matrix3d> group = {Eigen::Matrix3d::Identity()};
    for (std::size_t i = 0; i < group.size(); i++)
        for (const Eigen::Matrix3d& generator : generators) {
            const Eigen::Matrix3d product = generator * group[i];
            if (std::none_of(group.begin(), group.end(), [&](const Eigen::Matrix3d& known) {
                    return (known - product).norm() < 1e-6;
                }))
                group.push_back(product);
        }
    return group;
}

Eigen::Matrix3d turn(int order, const Eigen::Vector3d& axis) {
    return Eigen::AngleAxisd(2 * EIGEN_PI / order, axis.normalized()).toRotationMatrix();
}

std::vector<Eigen::Matrix3d> makeRotations(RotationGroup group) {
    const Eigen::Matrix3d threefold = turn(3, {1, 1, 1});
    switch (group) {
    case RotationGroup::Tetrahedral:
        return closure({turn(2, {0, 0, 1}), threefold});
    case RotationGroup::Octahedral:
        return closure({turn(4, {0, 0, 1}), threefold});
    case RotationGroup::Icosahedral:
        return closure({turn(2, {0, 0, 1}), threefold, turn(5, {0, 1, (1 + std::sqrt(5.0)) / 2})});
    case RotationGroup::None:
        break;
    }
    return closure({});
}

} // namespace

int exactDegreeOf(const OrientationGrid& grid, int most) {
    // The squared norm of the moments of degree l is sum_op q_o q_p P_l(n_o . n_p), up to a factor.
    Eigen::VectorXd moments = Eigen::VectorXd::Zero(most + 2);
    for (std::size_t o = 0; o < grid.points.size(); o++)
        for (std::size_t p = 0; p < grid.points.size(); p++) {
            const double c = grid.points[o].dot(grid.points[p]);
            const double weight =
                grid.weights[static_cast<int>(o)] * grid.weights[static_cast<int>(p)];
            double previous = 1, current = c;
            for (int l = 1; l <= most; l++) {
                moments[l] += weight * current;
                const double next = ((2 * l + 1) * c * current - l * previous) / (l + 1);
                previous = current;
                current = next;
            }
        }
    int degree = 0;
    while (degree < most && std::abs(moments[degree + 1]) < 1e-10)
        degree++;
    return degree;
}

void checkOrientations(const PonitaParameters& parameters, const std::string& name) {
    const OrientationGrid grid{parameters.orientations, parameters.orientationWeights};
    const auto& points = grid.points;
    for (std::size_t o = 0; o < points.size(); o++) {
        if (!(std::abs(points[o].norm() - 1) < 1e-5))
            throw Error(name + ": orientation " + std::to_string(o) + " is not a unit vector");
        if (parameters.hasFrames() && o % 3 == 2 &&
            !((points[o - 2].cross(points[o - 1]) - points[o]).norm() < 1e-5))
            throw Error(name + ": orientation " + std::to_string(o / 3) + " is not a rotation");
    }
    for (Eigen::Index o = 0; o < grid.weights.size(); o++)
        if (!(grid.weights[o] > 0))
            throw Error(name + ": the weight of orientation " + std::to_string(o) +
                        " is not positive");
    if (!(std::abs(grid.weights.sum() - 1) < 1e-6))
        throw Error(name + ": the weights of the orientations do not sum to 1");
    if (parameters.kernelType != PonitaKernel::BandLimited)
        return;
    const int needed = 2 * parameters.lMax;
    const int degree = exactDegreeOf(grid, needed);
    if (degree < needed)
        throw Error(name + ": the orientation grid is exact to degree " + std::to_string(degree) +
                    ", a band-limited kernel with l_max " + std::to_string(parameters.lMax) +
                    " needs " + std::to_string(needed));
}

const std::vector<Eigen::Matrix3d>& rotationsOf(RotationGroup group) {
    static const std::vector<Eigen::Matrix3d> groups[] = {
        makeRotations(RotationGroup::None), makeRotations(RotationGroup::Tetrahedral),
        makeRotations(RotationGroup::Octahedral), makeRotations(RotationGroup::Icosahedral)};
    return groups[static_cast<int>(group)];
}

} // namespace equivariant
