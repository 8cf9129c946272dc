// SPDX-License-Identifier: MIT
#include "Subspaces.h"

#include "Dissimilarity.h"
#include "Pod.h"

#include "support/Decompositions.h"
#include "support/Parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace equivariant::local_reduced_order_bases {

using Eigen::Index;
using Eigen::MatrixXd;

std::pair<std::vector<Space>, std::vector<Space>>
computeSpaces(const MatrixView& a, const MatrixView& b, Index steps, bool same) {
    const Index runs = a.rows() / steps, others = same ? 0 : b.rows() / steps;
    std::vector<Pod> pods(runs + others);
    support::parallelFor(static_cast<int>(pods.size()), [&](int i) {
        const MatrixView& source = i < runs ? a : b;
        pods[i] =
            computePod(source.middleRows((i < runs ? i : i - runs) * steps, steps), PodMethod::Svd);
    });
    Index dimension = 1, smallestRank = std::numeric_limits<Index>::max();
    for (const Pod& pod : pods) {
        dimension = std::max(dimension, modesForEnergy(pod.singularValues, spaceTolerance));
        smallestRank = std::min(smallestRank, pod.basis.rows());
    }
    dimension = std::min(dimension, smallestRank);
    std::vector<Space> left, right;
    for (std::size_t i = 0; i < pods.size(); i++)
        (static_cast<Index>(i) < runs ? left : right)
            .push_back(pods[i].basis.topRows(dimension).transpose());
    if (same)
        right = left;
    return {std::move(left), std::move(right)};
}

Eigen::ArrayXd principalAngles(const Space& a, const Space& b) {
    const MatrixXd overlap = a.transpose() * b;
    const MatrixXd rest = b - a * overlap;
    const Eigen::ArrayXd cosines = Eigen::JacobiSVD<MatrixXd>(overlap).singularValues();
    const Eigen::ArrayXd sines = Eigen::JacobiSVD<MatrixXd>(rest).singularValues().reverse();
    Eigen::ArrayXd angles(cosines.size());
    for (Index k = 0; k < angles.size(); k++)
        angles[k] = std::atan2(sines[k], cosines[k]);
    return angles;
}

} // namespace equivariant::local_reduced_order_bases
