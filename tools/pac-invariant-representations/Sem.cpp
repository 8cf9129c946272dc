// SPDX-License-Identifier: MIT
#include "Sem.h"

#include "equivariant/Error.h"

#include <Eigen/LU>
#include <algorithm>

namespace equivariant::pac_invariant_representations {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using support::Random;

namespace {

/// A variable on a cycle, or -1: variables without parents among those left are taken away.
Index findCycle(const MatrixXd& b) {
    std::vector<bool> left(b.rows(), true);
    for (bool changed = true; changed;) {
        changed = false;
        for (Index i = 0; i < b.rows(); i++) {
            bool hasParent = false;
            for (Index j = 0; j < b.cols(); j++)
                hasParent = hasParent || (left[j] && b(i, j) != 0);
            if (left[i] && !hasParent) {
                left[i] = false;
                changed = true;
            }
        }
    }
    // From any that is left, parents lead into a cycle.
    const auto place = std::find(left.begin(), left.end(), true);
    if (place == left.end())
        return -1;
    Index at = place - left.begin();
    for (Index step = 0; step < b.rows(); step++)
        for (Index j = 0; j < b.cols(); j++)
            if (left[j] && b(at, j) != 0) {
                at = j;
                break;
            }
    return at;
}

double uniform(Random& random, double low, double high) {
    return low + (high - low) * random.uniform();
}

} // namespace

void LinearSem::check() const {
    const Index n = b.rows();
    if (b.cols() != n || variances.size() != n || Index(names.size()) != n || n < 2)
        throw Error("B, s and names do not fit together");
    support::requireFinite(Matrix(b), "B");
    if (!(variances.minCoeff() > 0) || !variances.allFinite())
        throw Error("s: variances have to be positive");
    if (target < 0 || target >= n)
        throw Error("the target is no variable");
    if (const Index variable = findCycle(b); variable >= 0)
        throw Error("B has a cycle through '" + names[variable] + "'");
}

MatrixXd LinearSem::covariance() const {
    const Index n = b.rows();
    const MatrixXd total = (MatrixXd::Identity(n, n) - b).inverse();
    return total * variances.asDiagonal() * total.transpose();
}

Matrix LinearSem::sample(Index count, Random& random) const {
    const Index n = b.rows();
    const MatrixXd total = (MatrixXd::Identity(n, n) - b).inverse();
    const Matrix noise = random.normalMatrix(count, n);
    return noise * variances.cwiseSqrt().asDiagonal() * total.transpose();
}

std::vector<int> LinearSem::parentsOfTarget() const {
    std::vector<int> parents;
    for (Index j = 0; j < b.cols(); j++)
        if (b(target, j) != 0)
            parents.push_back(static_cast<int>(j - (j > target)));
    return parents;
}

Representation LinearSem::exactRepresentation() const {
    const std::vector<int> parents = parentsOfTarget();
    Representation result{MatrixXd::Zero(Index(parents.size()), b.rows() - 1),
                          VectorXd(Index(parents.size()))};
    for (std::size_t k = 0; k < parents.size(); k++) {
        result.phi(Index(k), parents[k]) = 1;
        result.w[Index(k)] = b(target, parents[k] + (parents[k] >= target));
    }
    return result;
}

void InterventionFamily::check(const LinearSem& sem) const {
    for (Index site : at) {
        if (site < 0 || site >= sem.b.rows())
            throw Error("an intervention at a variable that does not exist");
        if (site == sem.target)
            throw Error("an intervention at the target '" + sem.names[site] +
                        "' breaks every invariance");
    }
    if (at.empty() && (sites < 1 || sites > sem.b.rows() - 1))
        throw Error("interventions at " + std::to_string(sites) + " of " +
                    std::to_string(sem.b.rows() - 1) + " features");
    if (!(range >= 0 && lowest > 0 && highest >= lowest))
        throw Error("coefficients or variances of interventions make no sense");
}

LinearSem InterventionFamily::draw(const LinearSem& sem, Random& random) const {
    check(sem);
    std::vector<Index> chosen = at;
    if (at.empty())
        for (int i : random.permutation(static_cast<int>(sem.b.rows())))
            if (i != sem.target && static_cast<int>(chosen.size()) < sites)
                chosen.push_back(i);
    LinearSem result = sem;
    for (Index i : chosen) {
        for (Index j = 0; j < sem.b.cols(); j++)
            if (sem.b(i, j) != 0 && kind != InterventionKind::Noise)
                result.b(i, j) = kind == InterventionKind::Do ? 0 : uniform(random, -range, range);
        result.variances[i] = uniform(random, lowest, highest);
    }
    return result;
}

LinearSem randomSem(int n, int indegree, Random& random) {
    LinearSem sem{MatrixXd::Zero(n + 1, n + 1), VectorXd::Ones(n + 1), (n + 1) / 2, {}};
    for (int i = 0; i <= n; i++) {
        sem.names.push_back(i == sem.target ? "y" : "x" + std::to_string(i - (i > sem.target)));
        const std::vector<int> before = random.permutation(i);
        for (int k = 0; k < std::min(i, indegree); k++)
            sem.b(i, before[k]) = random.sign() * uniform(random, 0.4, 1);
    }
    return sem;
}

std::vector<Environment> drawEnvironments(const LinearSem& sem, const InterventionFamily& family,
                                          int count, Random& random) {
    std::vector<Environment> environments;
    for (int t = 0; t < count; t++)
        environments.push_back(environmentOf("intervention " + std::to_string(t),
                                             family.draw(sem, random).covariance(), sem.target));
    return environments;
}

} // namespace equivariant::pac_invariant_representations
