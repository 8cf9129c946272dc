// SPDX-License-Identifier: MIT
#include "KMedoids.h"

#include "support/Failure.h"
#include "support/Parallel.h"
#include "support/Random.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace equivariant::local_reduced_order_bases {

using Eigen::Index;
using Eigen::VectorXd;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double improvement = 1e-12; // relative; less is rounding

/// Costs d (or d^2) and medoids that are being improved.
class Search {
public:
    explicit Search(const MatrixView& d) : d(d) {}

    /// Greedy: each medoid lowers the cost most.
    void build(int k) {
        VectorXd nearest = VectorXd::Constant(d.rows(), infinity);
        for (int n = 0; n < k; n++) {
            Index best = 0;
            double lowest = infinity;
            for (Index x = 0; x < d.rows(); x++) {
                if (isMedoid(x))
                    continue;
                const double cost = nearest.cwiseMin(d.row(x).transpose()).sum();
                if (cost < lowest * (1 - improvement)) {
                    lowest = cost;
                    best = x;
                }
            }
            add(best, nearest);
        }
    }

    /// Each medoid is drawn with a probability that grows with its distance^2 to those before.
    void seed(int k, const MatrixView& weights, support::Random random) {
        VectorXd nearest = VectorXd::Constant(d.rows(), infinity);
        add(random.below(d.rows()), nearest);
        VectorXd nearestWeight = weights.row(medoids[0]);
        while (static_cast<int>(medoids.size()) < k) {
            double left = random.uniform() * nearestWeight.sum();
            Index pick = -1;
            for (Index x = 0; x < d.rows() && left >= 0; x++)
                if (nearestWeight[x] > 0 && !isMedoid(x)) {
                    left -= nearestWeight[x];
                    pick = x;
                }
            add(pick, nearest);
            nearestWeight = nearestWeight.cwiseMin(weights.row(pick).transpose());
        }
    }

    /// The best swap of a medoid with another item, until none lowers the cost.
    void swapAll() {
        if (medoids.size() == 1) // BUILD tried all
            return alternate();
        while (swapOnce()) {
        }
    }

    /// Each cluster takes its best medoid, each item its nearest one, until nothing changes.
    void alternate() {
        for (double before = infinity; cost() < before * (1 - improvement);) {
            before = cost();
            const std::vector<int> labels = assign();
            for (std::size_t c = 0; c < medoids.size(); c++)
                medoids[c] = bestMedoid(labels, static_cast<int>(c), medoids[c]);
        }
    }

    Clustering finish() {
        std::sort(medoids.begin(), medoids.end());
        return {medoids, assign(), cost()};
    }

    double cost() const {
        VectorXd nearest = d.row(medoids[0]);
        for (int medoid : medoids)
            nearest = nearest.cwiseMin(d.row(medoid).transpose());
        return nearest.sum();
    }

private:
    bool isMedoid(Index x) const {
        return std::find(medoids.begin(), medoids.end(), x) != medoids.end();
    }

    void add(Index x, VectorXd& nearest) {
        medoids.push_back(static_cast<int>(x));
        nearest = nearest.cwiseMin(d.row(x).transpose());
    }

    std::vector<int> assign() const {
        std::vector<int> labels = nearestColumns(d(Eigen::all, medoids));
        for (std::size_t c = 0; c < medoids.size(); c++) // even if it equals another one
            labels[medoids[c]] = static_cast<int>(c);
        return labels;
    }

    int bestMedoid(const std::vector<int>& labels, int cluster, int current) const {
        std::vector<int> members;
        for (std::size_t i = 0; i < labels.size(); i++)
            if (labels[i] == cluster)
                members.push_back(static_cast<int>(i));
        const auto costOf = [&](int x) { return d.row(x)(members).sum(); };
        double lowest = costOf(current);
        for (int x : members)
            if (const double cost = costOf(x); cost < lowest * (1 - improvement)) {
                lowest = cost;
                current = x;
            }
        return current;
    }

    bool swapOnce() {
        const auto k = static_cast<Index>(medoids.size());
        std::vector<int> nearest(d.rows());
        VectorXd first(d.rows()), second = VectorXd::Constant(d.rows(), infinity);
        VectorXd removal = VectorXd::Zero(k); // what losing a medoid costs
        for (Index o = 0; o < d.rows(); o++) {
            first[o] = infinity;
            for (Index c = 0; c < k; c++) {
                const double distance = d(medoids[c], o);
                if (distance < first[o]) {
                    second[o] = first[o];
                    first[o] = distance;
                    nearest[o] = static_cast<int>(c);
                } else {
                    second[o] = std::min(second[o], distance);
                }
            }
            removal[nearest[o]] += second[o] - first[o];
        }
        double best = -improvement * first.sum();
        Index oldMedoid = -1, newMedoid = -1;
        VectorXd change(k);
        for (Index x = 0; x < d.rows(); x++) {
            if (isMedoid(x))
                continue;
            change = removal;
            double gain = 0; // of adding x and losing none
            for (Index o = 0; o < d.rows(); o++) {
                const double distance = d(x, o);
                if (distance < first[o]) {
                    gain += distance - first[o];
                    change[nearest[o]] += first[o] - second[o];
                } else if (distance < second[o]) {
                    change[nearest[o]] += distance - second[o];
                }
            }
            Index c;
            const double total = change.minCoeff(&c) + gain;
            if (total < best) {
                best = total;
                oldMedoid = c;
                newMedoid = x;
            }
        }
        if (oldMedoid < 0)
            return false;
        // The change is a difference of sums and may be all rounding; costs themselves are not.
        const double before = first.sum();
        const int replaced = std::exchange(medoids[oldMedoid], static_cast<int>(newMedoid));
        if (cost() < before * (1 - improvement))
            return true;
        medoids[oldMedoid] = replaced;
        return false;
    }

    const MatrixView& d;
    std::vector<int> medoids;
};

} // namespace

int countDistinct(const MatrixView& d) {
    constexpr double same = 1e-12;
    std::vector<Index> distinct;
    for (Index i = 0; i < d.rows(); i++)
        if (std::none_of(distinct.begin(), distinct.end(),
                         [&](Index j) { return d(i, j) <= same; }))
            distinct.push_back(i);
    return static_cast<int>(distinct.size());
}

std::vector<int> nearestColumns(const MatrixView& d) {
    std::vector<int> result(d.rows());
    for (Index i = 0; i < d.rows(); i++)
        d.row(i).minCoeff(&result[i]);
    return result;
}

Clustering kMedoids(const MatrixView& d, int k, const KMedoidsOptions& options) {
    if (d.rows() != d.cols())
        throw Error("the matrix of dissimilarities is not square");
    support::requireFinite(d, "dissimilarities");
    if (options.restarts < 1)
        throw Error("a clustering needs a start");
    if (k < 1 || k >= d.rows())
        throw Error("K = " + std::to_string(k) + " clusters of " + std::to_string(d.rows()) +
                    " runs are not possible");
    if (const int distinct = countDistinct(d); distinct < k)
        throw support::Failure(3, "K = " + std::to_string(k) + ": there are only " +
                                      std::to_string(distinct) + " distinct directions");
    const Matrix squares = d.cwiseAbs2();
    const MatrixView costs = options.squared ? MatrixView(squares) : d;
    std::vector<Clustering> found(options.restarts);
    support::parallelFor(options.restarts, [&](int start) {
        Search search(costs);
        if (start == 0)
            search.build(k);
        else
            search.seed(k, squares, support::Random(options.seed, start));
        if (d.rows() > options.largest)
            search.alternate();
        else
            search.swapAll();
        found[start] = search.finish();
    });
    Clustering* best = &found[0];
    for (Clustering& other : found)
        if (other.cost < best->cost * (1 - improvement))
            best = &other;
    return *best;
}

} // namespace equivariant::local_reduced_order_bases
