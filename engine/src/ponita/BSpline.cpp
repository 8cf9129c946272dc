// SPDX-License-Identifier: MIT
#include "ponita/BSpline.h"

#include <cmath>

namespace equivariant {

namespace {

std::vector<double> polesOf(int degree) {
    switch (degree) {
    case 3:
        return {std::sqrt(3.0) - 2};
    case 4:
        return {std::sqrt(664 - std::sqrt(438976.0)) + std::sqrt(304.0) - 19,
                std::sqrt(664 + std::sqrt(438976.0)) - std::sqrt(304.0) - 19};
    case 5:
        return {std::sqrt(67.5 - std::sqrt(4436.25)) + std::sqrt(26.25) - 6.5,
                std::sqrt(67.5 + std::sqrt(4436.25)) - std::sqrt(26.25) - 6.5};
    default:
        return {-0.488294589303044755130118038883789062112279161239377608394,
                -0.081679271076237512597937765737059080653379610398148178525368,
                -0.00141415180832581775108724397655859252786416905534669851652709};
    }
}

} // namespace

void toSplineCoefficients(int degree, RowMatrix& samples, Eigen::Index first, Eigen::Index step,
                          Eigen::Index count) {
    double gain = 1;
    for (const double z : polesOf(degree)) {
        gain *= (1 - z) * (1 - 1 / z);
        const auto row = [&](Eigen::Index k) { return samples.row(first + k * step); };
        // ends as if the samples were mirrored there
        Eigen::RowVectorXd start = Eigen::RowVectorXd::Zero(samples.cols());
        double power = 1;
        for (Eigen::Index k = 0; k < count && std::abs(power) > 1e-17; k++, power *= z)
            start += power * row(k);
        row(0) = start;
        for (Eigen::Index k = 1; k < count; k++)
            row(k) += z * row(k - 1);
        row(count - 1) = (z / (z * z - 1) * (row(count - 1) + z * row(count - 2))).eval();
        for (Eigen::Index k = count - 1; k-- > 0;)
            row(k) = z * (row(k + 1) - row(k));
    }
    for (Eigen::Index k = 0; k < count; k++)
        samples.row(first + k * step) *= gain;
}

SplineWeights splineWeights(int degree, double fraction) {
    Eigen::VectorXd b = Eigen::VectorXd::Zero(degree + 1), slopes = b;
    b[0] = 1;
    for (int d = 1; d <= degree; d++) {
        for (int j = d; d == degree && j >= 0; j--)
            slopes[j] = (j > 0 ? b[j - 1] : 0.0) - (j < d ? b[j] : 0.0);
        for (int j = d; j >= 0; j--)
            b[j] = ((j > 0 ? (fraction + d - j) * b[j - 1] : 0.0) +
                    (j < d ? (j + 1 - fraction) * b[j] : 0.0)) /
                   d;
    }
    return {b, slopes};
}

} // namespace equivariant
