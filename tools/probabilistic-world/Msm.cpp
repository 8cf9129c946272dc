// SPDX-License-Identifier: MIT
#include "Msm.h"

#include "equivariant/Error.h"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>

namespace equivariant::probabilistic_world {

namespace {

/// Whether each state can be reached from state 0 along the positive entries [from][to].
std::vector<bool> reach(const MatrixXd& transitions) {
    std::vector<bool> reached(transitions.rows());
    std::vector<Index> open = {0};
    reached[0] = true;
    while (!open.empty()) {
        const Index i = open.back();
        open.pop_back();
        for (Index j = 0; j < transitions.cols(); j++)
            if (transitions(i, j) > 0 && !reached[j]) {
                reached[j] = true;
                open.push_back(j);
            }
    }
    return reached;
}

void requireConnected(const MatrixXd& transitions) {
    const std::vector<bool> from = reach(transitions), to = reach(transitions.transpose());
    for (std::size_t i = 0; i < from.size(); i++)
        if (!from[i] || !to[i])
            throw Error("state " + std::to_string(i) +
                        (from[i] ? " never leads to" : " is never reached from") + " state 0");
}

/// mu T = mu, sum mu = 1, of a connected chain: elimination without a subtraction, so that rare
/// states are precise, too (Grassmann, Taksar and Heyman, Oper. Res. 33, 1107 (1985)).
VectorXd solveStationary(MatrixXd t) {
    for (Index k = t.rows() - 1; k > 0; k--) {
        t.col(k).head(k) /= t.row(k).head(k).sum();
        t.topLeftCorner(k, k).noalias() += t.col(k).head(k) * t.row(k).head(k);
    }
    VectorXd mu = VectorXd::Ones(t.rows());
    for (Index k = 1; k < t.rows(); k++)
        mu[k] = mu.head(k).dot(t.col(k).head(k));
    return mu / mu.sum();
}

/// 1 for A, 2 for B, 0 for the states between.
std::vector<int> markSets(const Msm& msm, const std::vector<int>& a, const std::vector<int>& b) {
    std::vector<int> mark(msm.transitions.rows(), 0);
    if (a.empty() || b.empty())
        throw Error("both sets of states need at least one state");
    for (const auto* set : {&a, &b})
        for (int state : *set) {
            if (state < 0 || state >= static_cast<int>(mark.size()))
                throw Error("there is no state " + std::to_string(state) + " among " +
                            std::to_string(mark.size()));
            const int which = set == &a ? 1 : 2;
            if (mark[state] != 0 && mark[state] != which)
                throw Error("state " + std::to_string(state) + " is in both sets");
            mark[state] = which;
        }
    return mark;
}

/// The probability to reach the states marked `target` before the other marked ones.
VectorXd committor(const MatrixXd& transitions, const std::vector<int>& mark, int target) {
    const Index size = transitions.rows();
    MatrixXd equations = MatrixXd::Identity(size, size);
    VectorXd right = VectorXd::Zero(size);
    for (Index i = 0; i < size; i++) {
        if (mark[i] == 0)
            equations.row(i) -= transitions.row(i);
        right[i] = mark[i] == target;
    }
    return equations.partialPivLu().solve(right);
}

VectorXd indicator(const std::vector<int>& states, Index size) {
    VectorXd values = VectorXd::Zero(size);
    for (int state : states)
        values[state] = 1;
    return values;
}

} // namespace

Msm makeMsm(MatrixXd transitions, int lag) {
    if (transitions.rows() != transitions.cols() || transitions.rows() == 0)
        throw Error("the transition probabilities have to be square");
    if (lag < 1)
        throw Error("the lag has to be at least 1, not " + std::to_string(lag));
    for (Index i = 0; i < transitions.rows(); i++)
        if (!(transitions.row(i).minCoeff() >= 0) ||
            !(std::abs(transitions.row(i).sum() - 1) <= 1e-9))
            throw Error("row " + std::to_string(i) +
                        " of the transition probabilities is negative "
                        "somewhere or does not sum to 1");
    requireConnected(transitions);
    VectorXd stationary = solveStationary(transitions);
    return {std::move(transitions), std::move(stationary), lag};
}

Msm estimateMsm(const VectorView& trajectory, int numStates, int lag) {
    if (numStates < 2)
        throw Error("a Markov-state model needs at least 2 states");
    if (lag < 1 || lag >= trajectory.size())
        throw Error("a lag of " + std::to_string(lag) + " steps does not fit a trajectory of " +
                    std::to_string(trajectory.size()));
    std::vector<bool> visited(numStates);
    for (Index t = 0; t < trajectory.size(); t++) {
        const double state = trajectory[t];
        if (!(state >= 0) || state >= numStates || state != std::floor(state))
            throw Error("row " + std::to_string(t) + " of the trajectory is no state 0 to " +
                        std::to_string(numStates - 1));
        visited[static_cast<int>(state)] = true;
    }
    const auto missing = std::find(visited.begin(), visited.end(), false);
    if (missing != visited.end()) // before memory is taken for the counts
        throw Error("state " + std::to_string(missing - visited.begin()) + " is never visited");
    MatrixXd counts = MatrixXd::Zero(numStates, numStates);
    for (Index t = 0; t + lag < trajectory.size(); t++)
        counts(static_cast<Index>(trajectory[t]), static_cast<Index>(trajectory[t + lag]))++;
    const VectorXd left = counts.rowwise().sum();
    for (int i = 0; i < numStates; i++)
        if (left[i] == 0)
            throw Error("state " + std::to_string(i) + " is never left");
    counts.array().colwise() /= left.array();
    return makeMsm(std::move(counts), lag);
}

VectorXd timescales(const Msm& msm) {
    VectorXd moduli = Eigen::EigenSolver<MatrixXd>(msm.transitions, false).eigenvalues().cwiseAbs();
    std::sort(moduli.begin(), moduli.end(), std::greater<>());
    return double(msm.lag) / moduli.tail(moduli.size() - 1).array().min(1.0).log().abs();
}

TransitionPaths transitionPaths(const Msm& msm, const std::vector<int>& a,
                                const std::vector<int>& b) {
    const std::vector<int> mark = markSets(msm, a, b);
    const VectorXd& mu = msm.stationary;
    const MatrixXd reversed =
        mu.cwiseInverse().asDiagonal() * msm.transitions.transpose() * mu.asDiagonal();
    TransitionPaths paths;
    paths.forward = committor(msm.transitions, mark, 2);
    paths.backward = committor(reversed, mark, 1);
    paths.density = mu.array() * paths.forward.array() * paths.backward.array();
    paths.probability = paths.density.sum();
    if (paths.probability > 0)
        paths.density /= paths.probability;
    const VectorXd inA = indicator(a, mu.size());
    paths.flux = (inA.cwiseProduct(mu)).dot(msm.transitions * paths.forward);
    paths.rate = paths.flux / mu.dot(paths.backward);
    return paths;
}

Chain transitionChain(const Msm& msm, const std::vector<int>& a, const std::vector<int>& b,
                      int length) {
    const std::vector<int> mark = markSets(msm, a, b);
    const auto n = static_cast<Index>(mark.size());
    MatrixXd weights = MatrixXd::Zero(3 * n, 3 * n); // [after][before]
    for (Index i = 0; i < n; i++)
        for (Index j = 0; j < n; j++) {
            const double p = msm.transitions(i, j);
            weights(j, i) = p;
            weights(2 * n + j, 2 * n + i) = p;
            if (mark[i] == 2 || mark[j] == 1)
                continue; // a path neither starts in B nor comes back to A
            const Index from = mark[i] == 1 ? i : n + i, to = mark[j] == 2 ? 2 * n + j : n + j;
            weights(to, from) = p;
        }
    Boundary boundary;
    boundary.initial = VectorXd::Zero(3 * n);
    boundary.initial.head(n) = msm.stationary;
    boundary.final = VectorXd::Zero(3 * n);
    boundary.final.tail(n).setOnes();
    return {std::vector<StepPointer>(length, denseStep(weights)), {boundary}};
}

Chain conditionedChain(const Msm& msm, const std::vector<int>& a, const std::vector<int>& b,
                       int length) {
    markSets(msm, a, b);
    const Index size = msm.stationary.size();
    const Boundary boundary{1, indicator(a, size).cwiseProduct(msm.stationary), indicator(b, size)};
    return {std::vector<StepPointer>(length, denseStep(msm.transitions.transpose())), {boundary}};
}

} // namespace equivariant::probabilistic_world
