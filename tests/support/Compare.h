// SPDX-License-Identifier: MIT
//
// Comparisons that a NaN never passes.
#pragma once

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

namespace equivariant::test {

/// |found - expected| <= tolerance * max(1, |expected|); false for NaN.
inline bool isClose(double found, double expected, double tolerance) {
    return std::abs(found - expected) <= tolerance * std::max(1.0, std::abs(expected));
}

inline ::testing::AssertionResult close(double found, double expected, double tolerance) {
    if (isClose(found, expected, tolerance))
        return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure()
           << "found " << ::testing::PrintToString(found) << ", expected "
           << ::testing::PrintToString(expected) << ", difference " << found - expected
           << ", relative tolerance " << tolerance;
}

/// Compares two ranges of numbers; the tolerance is relative to max(1, largest |expected|).
template <class Found, class Expected>
::testing::AssertionResult allClose(const Found& found, const Expected& expected,
                                    double tolerance) {
    const auto count = static_cast<std::size_t>(std::size(expected));
    if (static_cast<std::size_t>(std::size(found)) != count)
        return ::testing::AssertionFailure()
               << "found " << std::size(found) << " values, expected " << count;
    double scale = 1;
    for (std::size_t i = 0; i < count; i++)
        scale = std::max(scale, std::abs(static_cast<double>(expected[i])));
    for (std::size_t i = 0; i < count; i++) {
        const double difference = found[i] - static_cast<double>(expected[i]);
        if (!(std::abs(difference) <= tolerance * scale))
            return ::testing::AssertionFailure()
                   << "at index " << i << ": found " << ::testing::PrintToString(found[i])
                   << ", expected " << ::testing::PrintToString(double(expected[i]))
                   << ", difference " << difference << " exceeds " << tolerance * scale;
    }
    return ::testing::AssertionSuccess();
}

} // namespace equivariant::test
