// SPDX-License-Identifier: MIT
#include "Sweep.h"

#include "States.h"

#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <limits>

namespace equivariant::probabilistic_world {

namespace {

enum class Direction { Forwards, Backwards };

/// One step for each column, which then are rescaled to a largest entry of 1. Adds the logarithms
/// of the factors to `logs`; a column that vanishes stays zero.
void advance(MatrixXd& columns, const Step& step, Direction direction, VectorXd* logs = nullptr) {
    VectorXd column;
    for (Index k = 0; k < columns.cols(); k++) {
        column = columns.col(k);
        direction == Direction::Forwards ? step.apply(column) : step.applyTransposed(column);
        const double largest = column.maxCoeff();
        columns.col(k) = largest > 0 ? VectorXd(column / largest) : column;
        if (logs)
            (*logs)[k] += std::log(largest) + step.logFactor();
    }
}

void requireBoundary(const VectorXd& values, const std::string& name, Index size) {
    if (values.size() != size)
        throw Error(name + " has " + std::to_string(values.size()) + " entries, but there are " +
                    std::to_string(size) + " states");
    for (Index i = 0; i < size; i++)
        if (!(values[i] >= 0) || !std::isfinite(values[i]))
            throw Error(name + ", entry " + std::to_string(i) + " is " +
                        (values[i] < 0 ? "negative" : "not finite"));
    if (values.maxCoeff() == 0)
        throw Error(name + " is zero everywhere");
}

} // namespace

VectorXd Slice::probabilities() const {
    return f.cwiseProduct(q).rowwise().sum();
}

Sweep::Sweep(Chain given)
    : chain(std::move(given)),
      spacing(std::max(1, static_cast<int>(std::sqrt(static_cast<double>(chain.steps.size()))))) {
    requireValid();
    sweepForwards();
    sweepBackwards();
}

void Sweep::requireValid() const {
    if (chain.boundaries.empty())
        throw Error("a chain needs an initial and a final boundary");
    const Index size =
        chain.steps.empty() ? chain.boundaries[0].initial.size() : chain.steps[0]->size();
    if (size == 0)
        throw Error("a chain needs at least one state");
    for (std::size_t t = 0; t < chain.steps.size(); t++)
        if (chain.steps[t]->size() != size)
            throw Error("step " + std::to_string(t) + " has " +
                        std::to_string(chain.steps[t]->size()) + " states, step 0 has " +
                        std::to_string(size));
    for (std::size_t k = 0; k < chain.boundaries.size(); k++) {
        const Boundary& pair = chain.boundaries[k];
        const std::string name = "boundary " + std::to_string(k);
        if (!(pair.weight >= 0) || !std::isfinite(pair.weight))
            throw Error(name + ": the weight has to be finite and not negative");
        requireBoundary(pair.initial, name + ": initial", size);
        requireBoundary(pair.final, name + ": final", size);
    }
}

void Sweep::sweepForwards() {
    const auto pairs = static_cast<Index>(chain.boundaries.size());
    MatrixXd f(chain.boundaries[0].initial.size(), pairs);
    logScales.resize(pairs);
    for (Index k = 0; k < pairs; k++) {
        const Boundary& pair = chain.boundaries[k];
        logScales[k] = std::log(pair.weight) + std::log(pair.initial.maxCoeff());
        f.col(k) = pair.initial / pair.initial.maxCoeff();
    }
    for (int t = 0; t <= length(); t++) {
        if (t % spacing == 0)
            forwards.push_back(f);
        if (t < length())
            advance(f, *chain.steps[t], Direction::Forwards, &logScales);
        if (f.maxCoeff() == 0)
            throw Error("Z = 0: no state is reached after step " + std::to_string(t));
    }
    for (Index k = 0; k < pairs; k++) {
        const VectorXd& final = chain.boundaries[k].final;
        const double scale = final.maxCoeff();
        logScales[k] += std::log(f.col(k).dot(final / scale)) + std::log(scale);
    }
    const double largest = logScales.maxCoeff();
    if (largest == -std::numeric_limits<double>::infinity())
        throw Error("Z = 0: the boundaries are incompatible: no history leads from the initial "
                    "states to the final ones, or none of a weight that numbers can say");
    shares = (logScales.array() - largest).exp();
    logarithmOfZ = largest + std::log(shares.sum());
    shares /= shares.sum();
    shares = (shares.array() < 1e-300).select(0, shares); // correlate() divides by them
}

void Sweep::sweepBackwards() {
    MatrixXd q(forwards[0].rows(), forwards[0].cols());
    for (Index k = 0; k < q.cols(); k++)
        q.col(k) = chain.boundaries[k].final / chain.boundaries[k].final.maxCoeff();
    backwards.resize(length() / spacing + 2);
    backwards.back() = q; // of the final time
    for (int t = length(); t >= 0; t--) {
        if (t % spacing == 0)
            backwards[t / spacing] = q;
        if (t > 0)
            advance(q, *chain.steps[t - 1], Direction::Backwards);
    }
}

std::vector<Slice> Sweep::slices(int first, int last) const {
    if (first < 0 || last > length() || first > last)
        throw Error("the times " + std::to_string(first) + " to " + std::to_string(last) +
                    " are not within 0 to " + std::to_string(length()));
    std::vector<Slice> slices(last - first + 1);
    int t = first / spacing * spacing;
    for (MatrixXd f = forwards[t / spacing]; t <= last; t++) {
        if (t >= first)
            slices[t - first].f = f;
        if (t < last)
            advance(f, *chain.steps[t], Direction::Forwards);
    }
    const int next = (last + spacing - 1) / spacing;
    const bool isWithin = next * spacing <= length();
    t = isWithin ? next * spacing : length();
    for (MatrixXd q = isWithin ? backwards[next] : backwards.back(); t >= first; t--) {
        if (t <= last)
            slices[t - first].q = q;
        if (t > first)
            advance(q, *chain.steps[t - 1], Direction::Backwards);
    }
    for (Slice& slice : slices)
        normalise(slice);
    return slices;
}

void Sweep::forEach(const std::function<void(int, const Slice&)>& use) const {
    for (int first = 0; first <= length(); first += spacing) {
        const int last = std::min(first + spacing - 1, length());
        const std::vector<Slice> piece = slices(first, last);
        for (int t = first; t <= last; t++)
            use(t, piece[t - first]);
    }
}

/// Gives each pair its share of the trace.
void Sweep::normalise(Slice& slice) const {
    for (Index k = 0; k < shares.size(); k++) {
        const double product = slice.q.col(k).dot(slice.f.col(k));
        if (shares[k] > 0 && !(product > 0))
            throw Error("the wave functions of boundary " + std::to_string(k) +
                        " overlap less than numbers can say");
        slice.q.col(k) *= shares[k] > 0 ? shares[k] / product : 0;
    }
}

std::vector<double> correlate(const Sweep& sweep, const VectorView& a, const VectorView& b,
                              int time, int lags) {
    const std::vector<Slice> slices = sweep.slices(time, time + lags);
    if (a.size() != slices[0].f.rows() || b.size() != a.size())
        throw Error("an observable needs a value for each of the " +
                    std::to_string(slices[0].f.rows()) + " states");
    std::vector<double> values(lags + 1, 0.0);
    for (Index k = 0; k < slices[0].f.cols(); k++) {
        VectorXd f = slices[0].f.col(k), v = b.cwiseProduct(f);
        for (int lag = 0; lag <= lags; lag++) {
            if (lag > 0) { // f and v are scaled alike
                sweep.getChain().steps[time + lag - 1]->apply(f);
                sweep.getChain().steps[time + lag - 1]->apply(v);
                const double largest = f.maxCoeff();
                f /= largest;
                v /= largest;
            }
            const auto q = slices[lag].q.col(k);
            if (sweep.getShares()[k] > 0)
                values[lag] += sweep.getShares()[k] * q.dot(a.cwiseProduct(v)) / q.dot(f);
        }
    }
    return values;
}

MatrixXd heisenberg(const Chain& chain, const VectorView& a, int time, int lag) {
    if (time < 0 || lag < 0 || time + lag > static_cast<int>(chain.steps.size()))
        throw Error("the times " + std::to_string(time) + " to " + std::to_string(time + lag) +
                    " are not within the chain");
    if (!chain.steps.empty() && a.size() != chain.steps[0]->size())
        throw Error("an observable needs a value for each of the " +
                    std::to_string(chain.steps[0]->size()) + " states");
    MatrixXd s = MatrixXd::Identity(a.size(), a.size()), inverse = s;
    for (int t = time; t < time + lag; t++) {
        const MatrixXd step = chain.steps[t]->toDense();
        const Eigen::PartialPivLU<MatrixXd> factorised(step);
        if (!(factorised.rcond() > 1e-14))
            throw Error("step " + std::to_string(t) +
                        " is singular, so that its inverse, and with "
                        "it the operator at an earlier time, does not exist");
        s = step * s;
        inverse *= factorised.inverse();
    }
    return inverse * a.asDiagonal() * s;
}

VectorXd spinProduct(int spins, const std::vector<int>& which) {
    VectorXd values = VectorXd::Ones(countStates(spins));
    for (int spin : which) {
        requireSpin(spin, spins);
        for (Index tau = 0; tau < values.size(); tau++)
            values[tau] *= spinOf(tau, spin, spins);
    }
    return values;
}

} // namespace equivariant::probabilistic_world
