// SPDX-License-Identifier: MIT
#include "Step.h"

#include "equivariant/Error.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

namespace equivariant::probabilistic_world {

namespace {

constexpr Index mostForEigenvalues = 1024;

Eigen::VectorXcd eigenvalues(const Step& step) {
    if (step.size() > mostForEigenvalues)
        throw Error("the spectrum of a step of " + std::to_string(step.size()) +
                    " states is out of reach");
    return Eigen::EigenSolver<MatrixXd>(step.toDense(), false).eigenvalues();
}

/// Whether T^size = 0: then no cycle of states has a weight, and every eigenvalue is 0.
bool isNilpotent(const Step& step) {
    VectorXd f = VectorXd::Ones(step.size());
    for (Index k = 0; k < step.size(); k++) {
        step.apply(f);
        const double largest = f.maxCoeff();
        if (largest == 0)
            return true;
        f /= largest;
        if (f.minCoeff() > 0)
            return false;
    }
    return false;
}

/// min_i (T v)_i / v_i and max_i: an eigenvalue that no other exceeds lies between them, if v > 0
/// (Collatz and Wielandt).
std::pair<double, double> bounds(const VectorXd& image, const VectorXd& v) {
    if (!(v.minCoeff() > 0))
        return {0, std::numeric_limits<double>::infinity()};
    const auto ratios = image.array() / v.array();
    return {ratios.minCoeff(), ratios.maxCoeff()};
}

} // namespace

double largestEigenvalue(const Step& step) {
    VectorXd v = VectorXd::Ones(step.size());
    for (int k = 0; k < 2000; k++) {
        VectorXd image = v;
        step.apply(image);
        const auto [low, high] = bounds(image, v);
        if (!std::isfinite(high))
            break; // some component died out: T is reducible
        if (high - low <= 1e-14 * high)
            return (low + high) / 2;
        v = image / high + v / 8; // shifted, so that cycles of T do no harm
        v /= v.maxCoeff();
    }
    if (isNilpotent(step))
        return 0;
    return eigenvalues(step).cwiseAbs().maxCoeff();
}

Eigen::VectorXcd spectrum(const Step& step) {
    Eigen::VectorXcd values = eigenvalues(step);
    std::sort(values.begin(), values.end(), [](auto a, auto b) {
        return std::abs(a) != std::abs(b) ? std::abs(a) > std::abs(b) : std::arg(a) < std::arg(b);
    });
    const double largest = std::abs(values[0]);
    return largest > 0 ? Eigen::VectorXcd(values / largest) : values;
}

} // namespace equivariant::probabilistic_world
