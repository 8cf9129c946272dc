// SPDX-License-Identifier: MIT
#include "Superpose.h"

#include <Eigen/Geometry>

namespace equivariant::local_reduced_order_bases {

using Eigen::Index;

Matrix centred(const Positions& positions) {
    return (positions.colwise() - positions.rowwise().mean()).transpose();
}

Matrix superpose(const std::vector<Positions>& frames, const std::vector<Positions>& turned,
                 const Matrix& reference) {
    const Positions target = reference.transpose();
    Matrix values(static_cast<Index>(frames.size()), target.size());
    for (std::size_t i = 0; i < frames.size(); i++) {
        const Eigen::Matrix4d motion = Eigen::umeyama(frames[i], target, false);
        const Eigen::Matrix3d rotation = motion.topLeftCorner<3, 3>();
        Positions result = rotation * (turned.empty() ? frames[i] : turned[i]);
        if (turned.empty())
            result.colwise() += Eigen::Vector3d(motion.topRightCorner<3, 1>());
        values.row(static_cast<Index>(i)) =
            Eigen::Map<const Eigen::RowVectorXd>(result.data(), result.size());
    }
    return values;
}

Matrix meanStructure(const std::vector<Positions>& frames) {
    constexpr int maxIterations = 100;
    constexpr double converged = 1e-8; // relative change
    Matrix mean = centred(frames[0]);
    for (int iteration = 0; iteration < maxIterations; iteration++) {
        const Eigen::RowVectorXd average = superpose(frames, {}, mean).colwise().mean();
        const Matrix next = Eigen::Map<const Matrix>(average.data(), mean.rows(), 3);
        const double change = (next - mean).norm();
        mean = next;
        if (change <= converged * mean.norm())
            break;
    }
    return mean;
}

} // namespace equivariant::local_reduced_order_bases
