// SPDX-License-Identifier: MIT
//
// The statistics that are tested, each a number that is small for standard normal points.
#pragma once

#include "Learn.h"

#include <array>
#include <string>

namespace equivariant::halfspace_tester_learner {

/// Angles at which the disagreement with halfspaces nearby is bounded.
constexpr std::array<double, 5> testedAngles = {0.005, 0.01, 0.02, 0.05, 0.1};

/// Names of candidateStatistics, in their order.
const std::vector<std::string>& candidateStatisticNames();

/// Of the points around the plane of a candidate w:
///  - |log| of the mass of the bands |<w, x>| <= sigma/6 and <= sigma/2 over that of a Gaussian;
///  - in the wider band, orthogonal to w: moments of pairs of coordinates to degree 4, moments in
///    directions to degree 4, eigenvalues of the second moments (Moments.h);
///  - the correlation of <w, x> with what is orthogonal to w for |<w, x>| <= tan(angle), the
///  largest
///    of the tested angles;
///  - bounds of the disagreement over angle/pi, at each of the tested angles.
/// [sigmas][statistics]
std::vector<std::vector<double>> candidateStatistics(const MatrixView& x, const VectorView& w,
                                                     const std::vector<double>& sigmas);

/// Names of globalStatistics, in their order.
const std::vector<std::string>& globalStatisticNames();

/// The same moments of all points.
std::vector<double> globalStatistics(const MatrixView& x);

/// Points with |<w, x>| <= width.
Index countBand(const MatrixView& x, const VectorView& w, double width);

/// Pr[|g| <= width] of a standard normal number.
double gaussianBand(double width);

/// An upper bound of the share of these points where sign(<v, x>) != sign(<w, x>), for all v within
/// the angle of w: in the strip i eta <= |<w, x>| < (i+1) eta, eta = tan(angle), at most
/// min(1, lambda/i^2), lambda the largest eigenvalue of the second moments orthogonal to w
/// (Chebyshev).
double disagreementBound(const MatrixView& x, const VectorView& w, double angle);

} // namespace equivariant::halfspace_tester_learner
