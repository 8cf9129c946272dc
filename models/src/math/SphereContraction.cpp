// SPDX-License-Identifier: MIT
#include "equivariant/SphereContraction.h"

#include "SphereValues.h"
#include "equivariant/Error.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace equivariant {

namespace {

/// The integral of the harmonics with these packed indices (one to three of them). One alone is
/// paired with Y_00, as MACE's linear coupling is x_00 itself.
double blockEntry(const std::vector<int>& lm) {
    if (lm.size() < 3)
        return lm.front() == lm.back() ? 1 : 0;
    const int l1 = degreeOf(lm[0]), l2 = degreeOf(lm[1]), l3 = degreeOf(lm[2]);
    for (const CouplingEntry& entry : wigner3j(l1, l2, l3))
        if (entry.a == lm[0] - l1 * l1 && entry.b == lm[1] - l2 * l2 && entry.c == lm[2] - l3 * l3)
            return gauntFactor(l1, l2, l3) * entry.value;
    return 0;
}

SphereContraction::Path identify(const std::vector<const UTensorEntry*>& entries) {
    SphereContraction::Path path{{}, 0};
    if (entries.empty())
        return path; // vanishes identically
    for (int lm : entries.front()->lm)
        path.degrees.push_back(degreeOf(lm));
    path.scale = entries.front()->value / blockEntry(entries.front()->lm);
    for (const UTensorEntry* entry : entries) {
        bool same = true;
        for (std::size_t i = 0; i < entry->lm.size(); i++)
            same = same && degreeOf(entry->lm[i]) == path.degrees[i];
        if (!same || !(std::abs(entry->value - path.scale * blockEntry(entry->lm)) <
                       1e-6 * std::abs(path.scale)))
            throw Error("a path of the couplings to scalars is not one Gaunt block");
    }
    return path;
}

} // namespace

SphereContraction::SphereContraction(const std::vector<UTensor>& couplings)
    : lMax(couplings.empty() ? 0 : couplings.front().lMax),
      quadrature(lebedev(std::max<int>(2, couplings.size()) * lMax)),
      harmonics(SphereValues(quadrature, lMax).values) {
    if (couplings.empty() || couplings.size() > 3)
        throw Error("the contraction on the sphere is for correlations 1 to 3");
    for (std::size_t i = 0; i < couplings.size(); i++) {
        const UTensor& u = couplings[i];
        if (u.L != 0 || u.degree != static_cast<int>(i) + 1 || u.lMax != lMax)
            throw Error("the contraction on the sphere needs couplings to L = 0 of orders 1, 2, …");
        std::vector<std::vector<const UTensorEntry*>> byPath(u.numPaths);
        for (const UTensorEntry& entry : u.entries)
            byPath[entry.path].push_back(&entry);
        paths.emplace_back();
        for (const auto& entries : byPath)
            paths.back().push_back(identify(entries));
    }
}

SphereContraction::Result
SphereContraction::evaluate(const Eigen::VectorXd& x,
                            const std::vector<Eigen::VectorXd>& weights) const {
    // Merge the paths that differ in the order of their degrees only.
    std::map<std::vector<int>, double> polynomial;
    double linear = 0;
    for (std::size_t order = 0; order < paths.size(); order++)
        for (std::size_t p = 0; p < paths[order].size(); p++) {
            const double coefficient = weights[order][p] * paths[order][p].scale;
            std::vector<int> degrees = paths[order][p].degrees;
            std::sort(degrees.begin(), degrees.end());
            if (order == 0)
                linear += coefficient;
            else
                polynomial[degrees] += coefficient;
        }
    Eigen::MatrixXd f(quadrature.weights.size(), lMax + 1);
    for (int l = 0; l <= lMax; l++)
        f.col(l) = harmonics.middleCols(l * l, 2 * l + 1) * x.segment(l * l, 2 * l + 1);
    Eigen::VectorXd value = Eigen::VectorXd::Zero(f.rows());
    Eigen::MatrixXd slope = Eigen::MatrixXd::Zero(f.rows(), f.cols());
    for (const auto& [degrees, coefficient] : polynomial) {
        Eigen::ArrayXd term = Eigen::ArrayXd::Constant(f.rows(), coefficient);
        for (int l : degrees)
            term *= f.col(l).array();
        value.array() += term;
        for (std::size_t i = 0; i < degrees.size(); i++) {
            Eigen::ArrayXd rest = Eigen::ArrayXd::Constant(f.rows(), coefficient);
            for (std::size_t j = 0; j < degrees.size(); j++)
                if (j != i)
                    rest *= f.col(degrees[j]).array();
            slope.col(degrees[i]).array() += rest;
        }
    }
    Result result{linear * x[0] + quadrature.weights.dot(value), Eigen::VectorXd(x.size())};
    for (int l = 0; l <= lMax; l++)
        result.gradient.segment(l * l, 2 * l + 1) =
            harmonics.middleCols(l * l, 2 * l + 1).transpose() *
            quadrature.weights.cwiseProduct(slope.col(l));
    result.gradient[0] += linear;
    return result;
}

} // namespace equivariant
