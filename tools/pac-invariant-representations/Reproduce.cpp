// SPDX-License-Identifier: MIT
//
// The experiments behind docs/tools/pac-invariant-representations.md.
#include "Bounds.h"
#include "Experiments.h"
#include "Icp.h"
#include "Sem.h"

#include "Plot.h"
#include "support/Decompositions.h"
#include "support/Parallel.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace equivariant::pac_invariant_representations {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using support::Random;
using support::Reproduction;

constexpr int indegree = 3;

std::vector<Environment> unseen(const LinearSem& sem, const InterventionFamily& family, int count,
                                std::uint64_t seed) {
    Random random(seed, 99);
    return drawEnvironments(sem, family, count, random);
}

LinearSem makeSem(int n, std::uint64_t seed) {
    Random random(seed);
    return randomSem(n, indegree, random);
}

/// The parents of Y are invariant, whatever happens elsewhere.
void exactness(Reproduction& run) {
    const LinearSem sem = makeSem(10, 1);
    const std::vector<Environment> others = unseen(sem, {}, 2000, 1);
    const Certificate parents = certify(sem.exactRepresentation(), others, {});
    run.atMost("parents of Y, exact moments, 2000 unseen environments: largest |g|",
               parents.largestNorm, 1e-12);
    run.atMost("parents of Y: |error - 1| everywhere",
               std::max(std::abs(parents.largestError - 1), std::abs(parents.smallestError - 1)),
               1e-12);

    const Environment base = environmentOf("base", sem.covariance(), sem.target);
    const MatrixXd all = MatrixXd::Identity(10, 10);
    const Certificate regression = certify({all, pooledHead({base}, all)}, others, {});
    run.atLeast("least squares on all features in one environment: largest |g| in the unseen",
                regression.largestNorm, 10);
    run.report("least squares on all features: smallest error", regression.smallestError);
    run.report("least squares on all features: largest error", regression.largestError);

    Random random(1, 1);
    SearchOptions options;
    const SearchResult found = searchSubsets(drawEnvironments(sem, {}, 16, random), options);
    run.holds("fit on 16 environments with exact moments finds the parents",
              found.found && found.best.features == sem.parentsOfTarget());
    run.atMost("fit on 16 environments: largest |g| of what it finds, 2000 unseen",
               certify(found.best.representation, others, options).largestNorm, 1e-10);
}

struct Outcome {
    double violations = 0; ///< share of unseen environments
    bool isParents = false;
};

Outcome trial(const LinearSem& sem, const InterventionFamily& family, int m, std::uint64_t seed,
              int numUnseen) {
    Random random(seed, 1);
    const SearchOptions options;
    const SearchResult found = searchSubsets(drawEnvironments(sem, family, m, random), options);
    const Certificate certificate =
        certify(found.best.representation, unseen(sem, family, numUnseen, seed), options);
    return {double(certificate.violations) / numUnseen,
            found.best.features == sem.parentsOfTarget()};
}

/// Means over seeds.
Outcome average(int seeds, const std::function<Outcome(int)>& trial, int* parents = nullptr) {
    std::vector<Outcome> outcomes(seeds);
    support::parallelFor(seeds, [&](int seed) { outcomes[seed] = trial(seed); });
    Outcome mean;
    for (const Outcome& outcome : outcomes) {
        mean.violations += outcome.violations / seeds;
        if (parents)
            *parents += outcome.isParents;
    }
    return mean;
}

void numberOfEnvironments(Reproduction& run) {
    constexpr int seeds = 20;
    const int numUnseen = run.choose(500, 2000);
    command::Series curve{"", {}, {}};
    for (int m : {1, 2, 4, 8, 16}) {
        int parents = 0;
        const double violations =
            average(
                seeds, [&](int seed) { return trial(makeSem(10, 1), {}, m, seed, numUnseen); },
                &parents)
                .violations;
        const std::string name = "one model, 20 draws of " + std::to_string(m) + " environments: ";
        if (m == 1)
            run.atLeast(name + "unseen environments violated", violations, 0.8);
        else if (m == 16)
            run.atMost(name + "unseen environments violated", violations, 0.05);
        else
            run.report(name + "unseen environments violated", violations);
        run.report(name + "parents found", parents);
        curve.x.push_back(m);
        curve.y.push_back(violations);
    }
    if (const auto path = run.figure("environments.png"))
        command::writePng(*path, {{"One model of 10 features",
                                   "training environments",
                                   "share of unseen environments violated",
                                   {curve}}});
}

/// Two features on which interventions always act, drawn once for each model.
InterventionFamily twoFixedSites(const LinearSem& sem, std::uint64_t seed) {
    Random random(seed, 2);
    InterventionFamily family;
    for (int i : random.permutation(static_cast<int>(sem.b.rows())))
        if (i != sem.target && family.at.size() < 2)
            family.at.push_back(i);
    return family;
}

void numberOfFeatures(Reproduction& run) {
    constexpr int seeds = 10;
    const int numUnseen = run.choose(500, 2000);
    std::vector<double> sizes, at8;
    bool isEnough = true;
    for (int n : {6, 10, 16, 24})
        for (int m : {8, 16}) {
            const double violations =
                average(seeds, [&](int seed) {
                    const LinearSem sem = makeSem(n, 100 + seed);
                    return trial(sem, twoFixedSites(sem, seed), m, seed, numUnseen);
                }).violations;
            const std::string name = "two fixed sites, " + std::to_string(n) + " features, " +
                                     std::to_string(m) + " environments: share violated";
            if (m == 16) {
                run.atMost(name, violations, 0.06);
                isEnough = isEnough && violations <= 0.05;
            } else {
                run.report(name, violations);
                sizes.push_back(n);
                at8.push_back(violations);
            }
        }
    MatrixXd design = MatrixXd::Ones(4, 2);
    design.col(1) = Eigen::Map<const VectorXd>(sizes.data(), 4);
    const VectorXd line =
        design.colPivHouseholderQr().solve(Eigen::Map<const VectorXd>(at8.data(), 4));
    run.atMost("two fixed sites, 8 environments: slope of the share over the features", line[1],
               0.01);
    run.holds("two fixed sites: 16 environments are enough for 95 % at every size", isEnough);
}

/// The smallest degree of a polynomial through the entries of covariances along a line.
int measuredDegree(int sites, std::uint64_t seed) {
    const LinearSem sem = makeSem(10, seed);
    Random random(seed, 3);
    InterventionFamily family;
    family.sites = sites;
    const MatrixXd b0 = sem.b, change = family.draw(sem, random).b - b0;
    constexpr int points = 15;
    MatrixXd values(points, 121);
    VectorXd places(points);
    for (int i = 0; i < points; i++) {
        places[i] = std::cos(M_PI * (i + 0.5) / points);
        LinearSem moved = sem;
        moved.b = b0 + places[i] * change;
        const MatrixXd covariance = moved.covariance();
        values.row(i) = Eigen::Map<const VectorXd>(covariance.data(), 121).transpose();
    }
    for (int degree = 0; degree < points - 1; degree++) {
        MatrixXd basis(points, degree + 1); // Chebyshev polynomials
        for (int k = 0; k <= degree; k++)
            basis.col(k) = (k * places.array().acos()).cos();
        const MatrixXd rest = values - basis * basis.colPivHouseholderQr().solve(values);
        if (rest.cwiseAbs().maxCoeff() <= 1e-10 * values.cwiseAbs().maxCoeff())
            return degree;
    }
    return points;
}

void degrees(Reproduction& run) {
    for (int sites : {1, 2, 3}) {
        int largest = 0;
        for (int seed = 0; seed < 10; seed++)
            largest = support::larger(largest, measuredDegree(sites, 200 + seed));
        run.atMost("degree of covariances in the coefficients of " + std::to_string(sites) +
                       " sites, ten models",
                   largest, 2 * sites);
    }
}

void finiteSamples(Reproduction& run) {
    const LinearSem sem = makeSem(10, 1);
    const int draws = run.choose(40, 100);
    MatrixXd design(3, 2);
    VectorXd logs(3);
    int above = 0, total = 0;
    for (int k = 0; k < 3; k++) {
        const int n = 100 * static_cast<int>(std::pow(10, k));
        std::vector<double> errors(draws), slacks(draws);
        support::parallelFor(draws, [&](int t) {
            Random random(1, 4 + k, t);
            const LinearSem changed = InterventionFamily().draw(sem, random);
            const Matrix rows = changed.sample(n, random);
            std::vector<int> others;
            for (int j = 0; j <= 10; j++)
                if (j != sem.target)
                    others.push_back(j);
            const Environment found = environmentOf("sample", Matrix(rows(Eigen::all, others)),
                                                    VectorXd(rows.col(sem.target)));
            const Residual r = residual(found, sem.exactRepresentation());
            errors[t] = r.norm; // g itself is 0
            slacks[t] = r.slack;
        });
        double squares = 0;
        for (int t = 0; t < draws; t++) {
            squares += errors[t] * errors[t] / draws;
            above += errors[t] > slacks[t];
            total++;
        }
        design.row(k) << 1, std::log(n);
        logs[k] = std::log(squares) / 2;
        run.report("root mean square |g^ - g| of " + std::to_string(n) + " rows",
                   std::sqrt(squares));
    }
    run.within("exponent of |g^ - g| in the number of rows",
               design.colPivHouseholderQr().solve(logs)[1], -0.6, -0.4);
    run.atMost("share of samples whose |g^ - g| is above its slack, eta = 0.05",
               double(above) / total, 0.05);
}

void indirect(Reproduction& run) {
    const LinearSem sem = makeSem(11, 5);
    const MatrixXd o = Random(5, 5).normalMatrix(20, 11);
    const Representation latent = sem.exactRepresentation();
    const Representation observed{onObserved(latent.phi, o), latent.w};
    const VectorXd wrong = latent.w + VectorXd::Ones(latent.w.size());
    double difference = 0;
    for (const Environment& z : unseen(sem, {}, 100, 5))
        for (const VectorXd& w : {latent.w, wrong})
            difference = support::larger(difference, (residual(z, {latent.phi, w}).g -
                                                      residual(observe(z, o), {observed.phi, w}).g)
                                                         .norm());
    run.atMost("X = O Z, 20 by 11: residual of Phi O^+ on X against that of Phi on Z", difference,
               1e-9);
}

/// Whether an intervention changed the equation of a child of Y: only then, or at Y itself, does
/// the law of Y given all other variables change.
bool actsOnChild(const LinearSem& sem, const LinearSem& changed) {
    for (Index i = 0; i < sem.b.rows(); i++) {
        const bool isChild = sem.b(i, sem.target) != 0;
        if (isChild &&
            (sem.b.row(i) != changed.b.row(i) || sem.variances[i] != changed.variances[i]))
            return true;
    }
    return false;
}

/// Invariant causal prediction, another criterion, on the same samples.
void peer(Reproduction& run) {
    constexpr int seeds = 20;
    int accepted = 0, rejected = 0, rejectable = 0;
    for (int seed = 0; seed < seeds; seed++) {
        const LinearSem sem = makeSem(10, seed);
        std::vector<Samples> data;
        std::vector<int> all(10), others;
        std::iota(all.begin(), all.end(), 0);
        for (int j = 0; j <= 10; j++)
            if (j != sem.target)
                others.push_back(j);
        bool isTouched = false;
        for (int t = 0; t < 8; t++) {
            Random random(seed, 6, t);
            const LinearSem changed = InterventionFamily().draw(sem, random);
            const Matrix rows = changed.sample(1000, random);
            isTouched = isTouched || actsOnChild(sem, changed);
            data.push_back({rows(Eigen::all, others), rows.col(sem.target)});
        }
        accepted += invarianceTest(data, sem.parentsOfTarget()) > 0.05;
        rejectable += isTouched;
        rejected += isTouched && invarianceTest(data, all) <= 0.05;
    }
    run.atLeast("invariant causal prediction at level 0.05 accepts the parents, of 20 models",
                accepted, 17);
    run.report("models of 20 with an intervention at a child of Y", rejectable);
    run.atLeast("invariant causal prediction rejects all features together, share of these models",
                double(rejected) / rejectable, 0.9);
}

/// a -> y -> c, a -> c, where the paths from a to c cancel: interventions at a alone leave a
/// representation with c invariant.
void cancellation(Reproduction& run) {
    LinearSem sem{MatrixXd::Zero(3, 3), VectorXd::Ones(3), 1, {"a", "y", "c"}};
    sem.b(1, 0) = 1;
    sem.b(2, 0) = -1;
    sem.b(2, 1) = 1;
    InterventionFamily training, outside;
    training.at = {0};
    outside.at = {2};
    Random random(7);
    const SearchResult found = searchSubsets(drawEnvironments(sem, training, 8, random), {});
    const auto uses = [&](int feature) {
        const auto& features = found.best.features;
        return std::count(features.begin(), features.end(), feature) > 0;
    };
    run.holds("cancelling paths: a child of Y is chosen where nothing acts on it",
              found.found && uses(1));
    run.atMost(
        "cancelling paths: unseen environments violated within the family",
        double(certify(found.best.representation, unseen(sem, training, 300, 8), {}).violations),
        0);
    run.atLeast("cancelling paths: bound of the certificate outside of the family",
                certify(found.best.representation, unseen(sem, outside, 300, 8), {}).upperBound,
                0.5);
}

void bounds(Reproduction& run) {
    run.within("certificate, no violation in 300, eta = 0.05", clopperPearson(0, 300, 0.05),
               0.00994 - 1e-4, 0.00994 + 1e-4);
    const double free = dimensionFreeBound(2, 3, 0.05, 0.05).environments;
    const double small = ambientBound(3, 10, 0.05, 0.05).environments;
    const double large = ambientBound(3, 1000, 0.05, 0.05).environments;
    run.report("theory, 2 sites of 3 parents, any number of features: environments", free);
    run.report("theory, 10 features, rank 3: environments", small);
    run.report("theory, 1000 features, rank 3: environments", large);
    run.holds("theory: the ambient bound grows with the features", large > 10 * small);
}

} // namespace

void reproduce(Reproduction& run) {
    exactness(run);
    numberOfEnvironments(run);
    numberOfFeatures(run);
    degrees(run);
    finiteSamples(run);
    indirect(run);
    peer(run);
    cancellation(run);
    bounds(run);
    reproduceEnsembles(run);
}

} // namespace equivariant::pac_invariant_representations
