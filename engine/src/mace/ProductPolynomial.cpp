// SPDX-License-Identifier: MIT
#include "mace/ProductPolynomial.h"

#include "equivariant/GauntProduct.h"
#include "equivariant/SphericalHarmonics.h"

#include <algorithm>

namespace equivariant {

namespace {

using Terms = ProductPolynomial::Terms;

void add(Terms& terms, std::vector<int> monomial, const Eigen::MatrixXd& coefficients) {
    std::sort(monomial.begin(), monomial.end());
    const auto [term, isNew] = terms.emplace(monomial, coefficients);
    if (!isNew)
        term->second += coefficients;
}

std::vector<Terms> expandContraction(const MaceParameters& model, const MaceLayer& layer) {
    std::vector<Terms> outputs(numHarmonics(layer.outputLMax));
    for (int L = 0; L <= layer.outputLMax; L++)
        for (int order = 1; order <= model.correlation; order++) {
            const auto& weights = layer.contraction[L][order - 1];
            for (const UTensorEntry& u : model.uTensors[L][order - 1].entries) {
                Eigen::MatrixXd coefficients(weights.size(), model.numChannels);
                for (std::size_t z = 0; z < weights.size(); z++)
                    coefficients.row(z) = u.value * weights[z].row(u.path);
                add(outputs[L * L + u.M], u.lm, coefficients);
            }
        }
    return outputs;
}

/// Expands the products of docs/theory/gaunt-mace.md; the sparse coefficients of a product of
/// harmonics are built up factor by factor.
class GauntExpansion {
public:
    explicit GauntExpansion(const GauntManyBody& product)
        : sizes(product.getSizes()), weights(product.getWeights()),
          outputs(numHarmonics(sizes.outputLMax)) {}

    std::vector<Terms> expand() {
        addLinear();
        for (int copy = 0; copy < std::max(sizes.copies, 1); copy++)
            for (int order = 2; order <= sizes.correlation; order++) {
                addOrder(copy, order, false);
                if (sizes.oddPaths && order >= 3)
                    addOrder(copy, order, true);
            }
        return std::move(outputs);
    }

private:
    /// Coefficients of a function on the sphere.
    using Function = std::map<int, double>;

    /// A row of weights [channels] at degree l of an array [leading][channels][degrees].
    Eigen::RowVectorXd row(const Tensor& tensor, std::size_t leading, int l, int degrees) const {
        Eigen::RowVectorXd result(sizes.channels);
        for (int k = 0; k < sizes.channels; k++)
            result[k] = tensor.data[(leading * sizes.channels + k) * degrees + l];
        return result;
    }

    Eigen::MatrixXd outputWeights(const Tensor& tensor, std::size_t leading, int L) const {
        Eigen::MatrixXd result(sizes.species, sizes.channels);
        for (int z = 0; z < sizes.species; z++)
            result.row(z) = row(tensor, leading * sizes.species + z, L, sizes.outputLMax + 1);
        return result;
    }

    void addLinear() {
        for (int o = 0; o < numHarmonics(std::min(sizes.outputLMax, sizes.lMax)); o++)
            add(outputs[o], {o},
                outputWeights(sizes.copies == 0 ? weights.weights : weights.linear, 0,
                              degreeOf(o)));
    }

    void addOrder(int copy, int order, bool odd) {
        const Tensor& tensor = odd ? weights.odd : weights.weights;
        const std::size_t leading =
            sizes.copies == 0 ? order - 1 : (order - (odd ? 3 : 2)) * sizes.copies + copy;
        std::vector<Eigen::MatrixXd> ofDegree;
        for (int L = 0; L <= sizes.outputLMax; L++)
            ofDegree.push_back(outputWeights(tensor, leading, L));
        std::vector<int> factors;
        extend(copy, order, odd, {}, factors, Eigen::RowVectorXd::Ones(sizes.channels), ofDegree);
    }

    /// Goes through all ordered factors; `function` is the product so far.
    void extend(int copy, int order, bool odd, const Function& function, std::vector<int>& factors,
                const Eigen::RowVectorXd& factorWeights,
                const std::vector<Eigen::MatrixXd>& ofDegree) {
        const int count = static_cast<int>(factors.size());
        if (count == order) {
            for (const auto& [lm, value] : function)
                if (lm < static_cast<int>(outputs.size()))
                    add(outputs[lm], factors,
                        value * ofDegree[degreeOf(lm)] * factorWeights.asDiagonal());
            return;
        }
        for (int a = 0; a < numHarmonics(sizes.lMax); a++) {
            const bool curl = odd && (count == 1 || count == 2);
            const Function next =
                count == 0 ? Function{{a, 1.0}} : multiply(function, a, curl, order - count - 1);
            if (next.empty())
                continue;
            Eigen::RowVectorXd nextWeights = factorWeights;
            if (sizes.copies > 0)
                nextWeights.array() *= row(weights.factors, copy * sizes.correlation + count,
                                           degreeOf(a), sizes.lMax + 1)
                                           .array();
            factors.push_back(a);
            extend(copy, order, odd, next, factors, nextWeights, ofDegree);
            factors.pop_back();
        }
    }

    /// Product with a harmonic; degrees that the factors to come cannot bring down are left out.
    Function multiply(const Function& function, int harmonic, bool curl, int factorsToCome) {
        const int limit = sizes.outputLMax + factorsToCome * sizes.lMax;
        Function result;
        for (const auto& [lm, value] : function)
            for (const CouplingEntry& c : couplings(lm, harmonic, curl))
                if (degreeOf(c.c) <= limit)
                    result[c.c] += value * c.value;
        for (auto entry = result.begin(); entry != result.end();)
            entry = std::abs(entry->second) < 1e-13 ? result.erase(entry) : std::next(entry);
        return result;
    }

    /// The coefficients of the product of two harmonics.
    const std::vector<CouplingEntry>& couplings(int lm, int harmonic, bool curl) {
        const int l1 = degreeOf(lm), l2 = degreeOf(harmonic);
        auto& table = tables[curl];
        const auto key = std::make_pair(lm, harmonic);
        if (table.count(key) == 0) {
            const auto entries =
                curl ? curlCoefficients(l1, l2, l1 + l2) : gauntCoefficients(l1, l2, l1 + l2);
            for (int a = l1 * l1; a < numHarmonics(l1); a++)
                for (int b = l2 * l2; b < numHarmonics(l2); b++)
                    table[{a, b}];
            for (const CouplingEntry& c : entries)
                if (c.a >= l1 * l1 && c.b >= l2 * l2)
                    table[{c.a, c.b}].push_back(c);
        }
        return table[key];
    }

    const GauntManyBody::Sizes& sizes;
    const GauntManyBody::Weights& weights;
    std::vector<Terms> outputs;
    std::map<std::pair<int, int>, std::vector<CouplingEntry>> tables[2];
};

/// Takes out terms that cancelled.
void prune(std::vector<Terms>& outputs) {
    double largest = 0;
    for (const Terms& terms : outputs)
        for (const auto& [monomial, coefficients] : terms)
            largest = std::max(largest, coefficients.cwiseAbs().maxCoeff());
    for (Terms& terms : outputs)
        for (auto term = terms.begin(); term != terms.end();)
            term = term->second.cwiseAbs().maxCoeff() <= 1e-15 * largest ? terms.erase(term)
                                                                         : std::next(term);
}

} // namespace

int ProductPolynomial::countTerms() const {
    int count = 0;
    for (const Terms& terms : outputs)
        count += static_cast<int>(terms.size());
    return count;
}

ProductPolynomial expandProduct(const MaceParameters& model, const MaceLayer& layer) {
    ProductPolynomial result;
    result.outputs = layer.gauntProduct ? GauntExpansion(*layer.gauntProduct).expand()
                                        : expandContraction(model, layer);
    prune(result.outputs);
    for (const Terms& terms : result.outputs)
        for (const auto& [monomial, coefficients] : terms)
            result.degree = std::max(result.degree, static_cast<int>(monomial.size()));
    return result;
}

} // namespace equivariant
