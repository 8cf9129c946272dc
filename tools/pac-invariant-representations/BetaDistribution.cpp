// SPDX-License-Identifier: MIT
#include "BetaDistribution.h"

#include <Eigen/Core>
#include <unsupported/Eigen/SpecialFunctions>

namespace equivariant::pac_invariant_representations {

double betaQuantile(double a, double b, double p) {
    double low = 0, high = 1;
    for (int i = 0; i < 200 && low < high; i++) { // to the last digit
        const double middle = low + (high - low) / 2;
        if (middle == low || middle == high)
            break;
        (Eigen::numext::betainc(a, b, middle) < p ? low : high) = middle;
    }
    return high;
}

double fDistribution(double x, double degrees0, double degrees1) {
    return Eigen::numext::betainc(degrees0 / 2, degrees1 / 2,
                                  degrees0 * x / (degrees0 * x + degrees1));
}

} // namespace equivariant::pac_invariant_representations
