// SPDX-License-Identifier: MIT
#include "Joint.h"

#include "States.h"

#include <ClpSimplex.hpp>
#include <CoinPackedMatrix.hpp>
#include <CoinPackedVector.hpp>
#include <algorithm>
#include <cmath>
#include <limits>

namespace equivariant::probabilistic_world {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

constexpr double largestVisibility = 2;

/// A row of ones, then the product of spins for each moment, [1 + moments][states].
MatrixXd characters(int spins, const std::vector<Moment>& moments) {
    MatrixXd rows = MatrixXd::Ones(static_cast<Index>(moments.size()) + 1, countStates(spins));
    for (std::size_t m = 0; m < moments.size(); m++) {
        std::vector<int> sorted = moments[m].spins;
        std::sort(sorted.begin(), sorted.end());
        if (sorted.empty())
            throw Error("moment " + std::to_string(m) + " names no spin");
        if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
            throw Error("moment " + std::to_string(m) + " names a spin twice");
        if (!(std::abs(moments[m].value) <= 1 + 1e-12))
            throw Error("moment " + std::to_string(m) + " is not within -1 to 1");
        for (int spin : sorted) {
            requireSpin(spin, spins);
            for (Index tau = 0; tau < rows.cols(); tau++)
                rows(static_cast<Index>(m) + 1, tau) *= spinOf(tau, spin, spins);
        }
    }
    return rows;
}

/// Without entries that are rounding errors of zero: they would spoil the pivots of the program.
CoinPackedMatrix pack(const MatrixXd& matrix) {
    constexpr double negligible = 1e-12;
    CoinPackedMatrix packed(true, 0, 0);
    packed.setDimensions(static_cast<int>(matrix.rows()), 0);
    for (Index j = 0; j < matrix.cols(); j++) {
        CoinPackedVector column;
        for (Index i = 0; i < matrix.rows(); i++)
            if (std::abs(matrix(i, j)) > negligible)
                column.insert(static_cast<int>(i), matrix(i, j));
        packed.appendCol(column);
    }
    return packed;
}

/// max v with rows·p - v (0, values) = (1, 0), p >= 0, 0 <= v <= 2.
void load(ClpSimplex& program, const MatrixXd& rows, const VectorXd& values) {
    const Index states = rows.cols(), count = rows.rows();
    MatrixXd matrix(count, states + 1);
    matrix << rows, -values;
    std::vector<double> lower(states + 1, 0.0), objective(states + 1, 0.0), right(count, 0.0);
    std::vector<double> upper(states + 1, std::numeric_limits<double>::max());
    upper[states] = largestVisibility;
    objective[states] = 1;
    right[0] = 1;
    program.setLogLevel(0);
    program.scaling(0); // all entries are of size 1
    program.loadProblem(pack(matrix), lower.data(), upper.data(), objective.data(), right.data(),
                        right.data());
    program.setOptimizationDirection(-1);
    program.setPrimalTolerance(1e-10);
    program.setDualTolerance(1e-10);
    program.primal();
    if (!program.isProvenOptimal())
        throw Error("a linear program was not solved: status " + std::to_string(program.status()));
}

} // namespace

Joint findJoint(int spins, const std::vector<Moment>& moments) {
    if (spins > 16)
        throw Error("a joint distribution of more than 16 spins is out of reach");
    const MatrixXd rows = characters(spins, moments);
    VectorXd values = VectorXd::Zero(rows.rows());
    for (Index m = 1; m < values.size(); m++)
        values[m] = moments[m - 1].value;
    ClpSimplex program;
    load(program, rows, values);
    Joint joint;
    joint.visibility = program.getColSolution()[rows.cols()];
    joint.exists = joint.visibility >= 1 - 1e-9;
    if (joint.exists) { // mixed with the uniform distribution, whose means all vanish
        const double share = 1 / std::max(1.0, joint.visibility);
        const Eigen::Map<const VectorXd> p(program.getColSolution(), rows.cols());
        joint.probabilities =
            share * p.cwiseMax(0.0).array() + (1 - share) / static_cast<double>(rows.cols());
        return joint;
    }
    // The prices of the rows are an inequality, whatever their sign and scale.
    const Eigen::Map<const VectorXd> prices(program.getRowPrice(), rows.rows());
    const VectorXd c = prices.tail(prices.size() - 1);
    const VectorXd means = values.tail(values.size() - 1);
    joint.coefficients = c / c.dot(means);
    joint.value = joint.coefficients.dot(means);
    joint.bound = (joint.coefficients.transpose() * rows.bottomRows(c.size())).maxCoeff();
    if (!(joint.value > joint.bound))
        throw Error("the linear program found neither a joint distribution nor a violated "
                    "inequality: the means are within rounding of the boundary");
    return joint;
}

} // namespace equivariant::probabilistic_world
