// SPDX-License-Identifier: MIT
#include "ClusterChecks.h"

#include "support/Parallel.h"
#include "support/Random.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <limits>
#include <map>

namespace equivariant::local_reduced_order_bases {

using Eigen::Index;

std::vector<int> clusterSizes(const std::vector<int>& labels, int count) {
    std::vector<int> sizes(count, 0);
    for (int label : labels)
        sizes[label]++;
    return sizes;
}

double silhouette(const MatrixView& d, const std::vector<int>& labels) {
    if (labels.empty() || d.rows() != static_cast<Index>(labels.size()) || d.cols() != d.rows() ||
        *std::min_element(labels.begin(), labels.end()) < 0)
        throw Error("each of " + std::to_string(d.rows()) + " items needs a label");
    const int k = *std::max_element(labels.begin(), labels.end()) + 1;
    if (k < 2)
        return 0;
    const std::vector<int> sizes = clusterSizes(labels, k);
    double total = 0;
    for (Index i = 0; i < d.rows(); i++) {
        const int own = labels[i];
        if (sizes[own] < 2)
            continue;
        std::vector<double> sums(k, 0.0);
        for (Index j = 0; j < d.cols(); j++)
            sums[labels[j]] += d(i, j);
        const double inside = sums[own] / (sizes[own] - 1);
        double outside = std::numeric_limits<double>::infinity();
        for (int c = 0; c < k; c++)
            if (c != own && sizes[c] > 0)
                outside = std::min(outside, sums[c] / sizes[c]);
        if (const double larger = std::max(inside, outside); larger > 0)
            total += (outside - inside) / larger;
    }
    return total / static_cast<double>(d.rows());
}

double adjustedRandIndex(const std::vector<int>& a, const std::vector<int>& b) {
    if (a.size() != b.size())
        throw Error("clusterings of " + std::to_string(a.size()) + " and " +
                    std::to_string(b.size()) + " items cannot be compared");
    const auto pairs = [](double n) { return n * (n - 1) / 2; };
    std::map<int, double> countsA, countsB;
    std::map<std::pair<int, int>, double> counts;
    for (std::size_t i = 0; i < a.size(); i++) {
        countsA[a[i]]++;
        countsB[b[i]]++;
        counts[{a[i], b[i]}]++;
    }
    double together = 0, inA = 0, inB = 0;
    for (const auto& [cell, n] : counts)
        together += pairs(n);
    for (const auto& [label, n] : countsA)
        inA += pairs(n);
    for (const auto& [label, n] : countsB)
        inB += pairs(n);
    const double expected = inA * inB / pairs(static_cast<double>(a.size()));
    const double largest = (inA + inB) / 2;
    return largest == expected ? 1 : (together - expected) / (largest - expected);
}

double stability(const MatrixView& d, const Clustering& clustering,
                 const KMedoidsOptions& options) {
    constexpr int subsets = 10;
    const auto k = static_cast<int>(clustering.medoids.size());
    const int size = std::max(k + 1, static_cast<int>(0.8 * static_cast<double>(d.rows())));
    std::vector<double> found(subsets);
    support::parallelFor(subsets, [&](int subset) {
        support::Random random(options.seed, 1000 + subset);
        std::vector<int> items = random.permutation(static_cast<int>(d.rows()));
        items.resize(std::min<std::size_t>(size, items.size()));
        std::sort(items.begin(), items.end());
        const Matrix ofSubset = d(items, items);
        if (k >= ofSubset.rows() || countDistinct(ofSubset) < k)
            return; // counts 0: the clusters hang on single items
        std::vector<int> before;
        for (int i : items)
            before.push_back(clustering.labels[i]);
        found[subset] = adjustedRandIndex(before, kMedoids(ofSubset, k, options).labels);
    });
    double sum = 0;
    for (double index : found)
        sum += index;
    return sum / subsets;
}

} // namespace equivariant::local_reduced_order_bases
