// SPDX-License-Identifier: MIT
//
// How far a clustering can be trusted.
#pragma once

#include "KMedoids.h"

namespace equivariant::local_reduced_order_bases {

/// Number of items of each label 0 ... count - 1.
std::vector<int> clusterSizes(const std::vector<int>& labels, int count);

/// Mean silhouette (Rousseeuw 1987), -1 ... 1; an item alone in its cluster counts 0. For one
/// cluster 0. Throws Error unless there is a label of 0 or more for each item.
double silhouette(const MatrixView& d, const std::vector<int>& labels);

/// Agreement of two clusterings, 1 for the same, about 0 for unrelated ones (Hubert & Arabie 1985).
/// Throws Error if their lengths differ.
double adjustedRandIndex(const std::vector<int>& a, const std::vector<int>& b);

/// Mean adjusted Rand index between a clustering and those of ten random subsets of 80 % of the
/// items.
double stability(const MatrixView& d, const Clustering& clustering, const KMedoidsOptions& options);

} // namespace equivariant::local_reduced_order_bases
