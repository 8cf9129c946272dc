// SPDX-License-Identifier: MIT
#include "Dimension.h"

#include "Treewidth.h"

#include "support/Random.h"

#include "equivariant/Error.h"

#include <algorithm>

namespace equivariant::wl_motif_dimension {

namespace {

/// Merges random pairs until nothing can be merged, and keeps the widest of what it sees.
void searchQuotients(Pattern pattern, support::Random& random, Dimension& best) {
    const auto consider = [&] {
        if (const int width = computeTreewidth(pattern).lower; width > best.lower) {
            best.lower = width;
            best.witness = pattern;
        }
    };
    consider();
    for (int failures = 0; failures < 2 * pattern.size && best.lower < best.upper;) {
        const int v = static_cast<int>(random.below(pattern.size));
        const int w = static_cast<int>(random.below(pattern.size));
        if (v == w || !mergeVertices(pattern, v, w)) {
            failures++;
            continue;
        }
        failures = 0;
        if (treewidthBound(pattern.size, pattern.countEdges()) <= best.lower)
            return;
        consider();
    }
}

} // namespace

Dimension computeDimension(const Parameter& parameter) {
    if (parameter.isZero())
        throw Error("all coefficients cancel: the parameter is 0");
    Dimension dimension{-1, -1, Pattern()};
    for (const auto& [pattern, coefficient] : parameter.terms()) {
        if (treewidthBound(pattern.size, pattern.countEdges()) <= dimension.lower)
            continue;
        const Treewidth width = computeTreewidth(pattern);
        dimension.upper = std::max(dimension.upper, width.upper);
        if (width.lower > dimension.lower) {
            dimension.lower = width.lower;
            dimension.witness = pattern;
        }
    }
    return dimension;
}

Dimension boundDimension(const Pattern& pattern, Mode mode, int trials) {
    const Treewidth own = computeTreewidth(pattern);
    if (mode == Mode::Homomorphism)
        return {own.lower, own.upper, pattern};
    if (mode == Mode::Induced) { // the complete graph has a coefficient, and none is wider
        Pattern complete = pattern;
        const auto largest = std::max_element(pattern.codes.begin(), pattern.codes.end());
        const auto code = std::max<std::uint8_t>(1, *largest);
        for (int u = 0; u < pattern.size; u++)
            for (int v = 0; v < u; v++)
                if (!pattern.edge(u, v))
                    complete.join(u, v, code);
        return {pattern.size - 1, pattern.size - 1, complete};
    }
    Dimension dimension{own.lower, own.upper, pattern};
    for (int size = 1; size <= pattern.size; size++)
        dimension.upper = std::max(dimension.upper, treewidthBound(size, pattern.countEdges()));
    for (int trial = 0; trial < trials && !dimension.isExact(); trial++) {
        support::Random random(0, trial);
        searchQuotients(pattern, random, dimension);
    }
    return dimension;
}

} // namespace equivariant::wl_motif_dimension
