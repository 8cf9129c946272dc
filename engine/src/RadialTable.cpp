// SPDX-License-Identifier: MIT
#include "RadialTable.h"

#include "equivariant/Error.h"

#include <Eigen/SparseLU>
#include <cmath>

namespace equivariant {

namespace {

constexpr int firstIntervals = 48, maxIntervals = 8192;

/// Weights of the coefficients at position u within an interval and their derivatives by u.
struct Weights {
    Eigen::VectorXd values, slopes;
};

Weights weightsAt(int degree, double u) {
    Eigen::VectorXd b = Eigen::VectorXd::Zero(degree + 1), slopes = b;
    b[0] = 1;
    for (int k = 1; k <= degree; k++) {
        if (k == degree)
            for (int j = 0; j <= k; j++)
                slopes[j] = (j > 0 ? b[j - 1] : 0) - (j < k ? b[j] : 0);
        for (int j = k; j >= 0; j--)
            b[j] = ((j > 0 ? (u + k - j) * b[j - 1] : 0) + (j < k ? (j + 1 - u) * b[j] : 0)) / k;
    }
    return {b, slopes};
}

/// The knots, and two points next to each end, so that there are as many as coefficients.
std::vector<double> collocationPoints(int intervals, int degree) {
    std::vector<double> points;
    for (int i = 0; i < intervals; i++) {
        points.push_back(i);
        if (i < degree / 2 || i >= intervals - degree / 2)
            points.push_back(i + 0.5);
    }
    points.push_back(intervals);
    return points;
}

/// Coefficients [intervals + degree][series] of the splines through samples at those points.
Eigen::MatrixXd interpolate(int intervals, int degree, const Eigen::MatrixXd& samples) {
    const std::vector<double> points = collocationPoints(intervals, degree);
    std::vector<Eigen::Triplet<double>> entries;
    for (std::size_t p = 0; p < points.size(); p++) {
        const int interval = std::min(static_cast<int>(points[p]), intervals - 1);
        const Eigen::VectorXd b = weightsAt(degree, points[p] - interval).values;
        for (int s = 0; s <= degree; s++)
            entries.emplace_back(static_cast<int>(p), interval + s, b[s]);
    }
    Eigen::SparseMatrix<double> matrix(samples.rows(), samples.rows());
    matrix.setFromTriplets(entries.begin(), entries.end());
    Eigen::SparseLU<Eigen::SparseMatrix<double>> solver(matrix);
    return solver.solve(samples);
}

ValuesAndDerivatives sample(const RadialFunctions& functions,
                            const std::vector<double>& distances) {
    // The bases divide by r: the origin is reached from a point next to it.
    std::vector<double> inside = distances;
    for (double& r : inside)
        r = std::max(r, 1e-7);
    ValuesAndDerivatives result = functions(inside);
    for (std::size_t p = 0; p < distances.size(); p++)
        result.values.col(p) += (distances[p] - inside[p]) * result.derivatives.col(p);
    return result;
}

/// Splines of one pair of elements and how far they are from the functions.
struct Fit {
    Eigen::MatrixXd coefficients; ///< [series][intervals + degree]
    double valueError = 0, slopeError = 0, largestValue = 0, largestSlope = 0;
};

Fit fit(const RadialFunctions& functions, int intervals, int degree, double cutoff) {
    const double spacing = cutoff / intervals;
    std::vector<double> points = collocationPoints(intervals, degree);
    for (double& point : points)
        point *= spacing;
    Fit result;
    result.coefficients =
        interpolate(intervals, degree, sample(functions, points).values.transpose()).transpose();
    // Errors are largest near the middle of an interval, those of slopes away from it.
    for (const double u : {0.21, 0.5, 0.79}) {
        std::vector<double> between;
        for (int i = 0; i < intervals; i++)
            between.push_back((i + u) * spacing);
        const ValuesAndDerivatives exact = sample(functions, between);
        const Weights weights = weightsAt(degree, u);
        for (int i = 0; i < intervals; i++) {
            const auto local = result.coefficients.middleCols(i, degree + 1);
            result.valueError =
                std::max(result.valueError,
                         (local * weights.values - exact.values.col(i)).cwiseAbs().maxCoeff());
            result.slopeError = std::max(
                result.slopeError, (local * weights.slopes / spacing - exact.derivatives.col(i))
                                       .cwiseAbs()
                                       .maxCoeff());
        }
        result.largestValue = std::max(result.largestValue, exact.values.cwiseAbs().maxCoeff());
        result.largestSlope =
            std::max(result.largestSlope, exact.derivatives.cwiseAbs().maxCoeff());
    }
    return result;
}

/// The error of all fits; functions that vanish have none.
double errorOf(const std::vector<Fit>& fits) {
    Fit worst;
    for (const Fit& one : fits) {
        worst.valueError = std::max(worst.valueError, one.valueError);
        worst.slopeError = std::max(worst.slopeError, one.slopeError);
        worst.largestValue = std::max(worst.largestValue, one.largestValue);
        worst.largestSlope = std::max(worst.largestSlope, one.largestSlope);
    }
    const auto ratio = [](double error, double largest) {
        return largest > 0 ? error / largest : 0;
    };
    return 2 * std::max(ratio(worst.valueError, worst.largestValue),
                        ratio(worst.slopeError, worst.largestSlope));
}

} // namespace

template <class Real>
RadialTable<Real>::RadialTable(const std::vector<RadialFunctions>& pairs, int numFunctions,
                               int channels, int lanes, double cutoff, double tolerance)
    : lanes(lanes) {
    std::vector<Fit> fits(pairs.size());
    for (numIntervals = firstIntervals;;) {
        for (std::size_t p = 0; p < pairs.size(); p++)
            fits[p] = fit(pairs[p], numIntervals, degree, cutoff);
        error = errorOf(fits);
        if (!std::isfinite(error))
            throw Error("the radial functions of this model are not finite");
        if (error <= tolerance)
            break;
        if (numIntervals == maxIntervals)
            throw Error("the radial functions of this model are not smooth enough for tables; use "
                        "the exact ones");
        // Slopes converge with the power `degree` of the spacing, once that is small.
        const double growth = 1.05 * std::pow(error / tolerance, 1.0 / degree);
        numIntervals = std::min(
            maxIntervals, static_cast<int>(numIntervals * std::min(std::max(growth, 1.1), 2.0)));
    }
    inverseSpacing = numIntervals / cutoff;
    const int blocks = blocksOf(channels, lanes), knots = numIntervals + degree;
    stride = static_cast<std::size_t>(knots) * lanes;
    pairStride = static_cast<std::size_t>(numFunctions) * blocks * stride;
    data.assign(pairs.size() * pairStride, 0);
    for (std::size_t p = 0; p < pairs.size(); p++)
        for (int f = 0; f < numFunctions; f++)
            for (int k = 0; k < channels; k++)
                for (int i = 0; i < knots; i++)
                    data[p * pairStride + (std::size_t(f) * blocks + k / lanes) * stride +
                         std::size_t(i) * lanes + k % lanes] =
                        static_cast<Real>(fits[p].coefficients(f * channels + k, i));
}

template <class Real> ValueAndDerivative RadialTable<Real>::evaluate(int pair, double r) const {
    const double position = r * inverseSpacing;
    const int interval = std::min(static_cast<int>(position), numIntervals - 1);
    const Weights weights = weightsAt(degree, position - interval);
    const Real* knots = at(pair, interval);
    ValueAndDerivative result{0, 0};
    for (int s = 0; s <= degree; s++) {
        result.value += weights.values[s] * knots[s * lanes];
        result.derivative += inverseSpacing * weights.slopes[s] * knots[s * lanes];
    }
    return result;
}

template class RadialTable<float>;
template class RadialTable<double>;

} // namespace equivariant
