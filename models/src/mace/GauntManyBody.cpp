// SPDX-License-Identifier: MIT
#include "equivariant/GauntManyBody.h"

#include "../math/SphereValues.h"
#include "equivariant/GauntProduct.h"

#include <vector>

namespace equivariant {

using Values = Eigen::MatrixXd; // [point][channel]

struct GauntManyBody::Implementation {
    Implementation(const Sizes& sizes, const Weights& weights)
        : sizes(sizes), weights(weights),
          rule(productGrid(sizes.correlation * sizes.lMax + sizes.outputLMax)),
          input(rule, sizes.lMax), output(rule, sizes.outputLMax),
          bracketHarmonics(rule, bracketLMax()),
          bracket(sizes.lMax, sizes.lMax, bracketLMax(), GauntMethod::Sparse, GauntParity::Odd) {}

    /// Degree of the curl product of two factors.
    int bracketLMax() const { return sizes.oddPaths ? std::max(2 * sizes.lMax - 1, 0) : 0; }
    int numCopies() const { return std::max(sizes.copies, 1); }

    /// An array [..][channels][degrees] at a fixed leading index, spread to [lm][channel].
    Features perHarmonic(const Tensor& tensor, std::size_t leading, int lMax) const {
        Features spread(numHarmonics(lMax), sizes.channels);
        for (int lm = 0; lm < numHarmonics(lMax); lm++)
            for (int k = 0; k < sizes.channels; k++)
                spread(lm, k) =
                    tensor.data[(leading * sizes.channels + k) * (lMax + 1) + degreeOf(lm)];
        return spread;
    }
    Features factorWeights(int copy, int factor) const {
        return perHarmonic(weights.factors, copy * sizes.correlation + factor, sizes.lMax);
    }
    Features linearWeights(int species) const {
        return sizes.copies == 0 ? perHarmonic(weights.weights, species, sizes.outputLMax)
                                 : perHarmonic(weights.linear, species, sizes.outputLMax);
    }
    /// Output weights of order >= 2, and of the odd paths of order >= 3.
    Features evenWeights(int order, int copy, int species) const {
        const int leading = sizes.copies == 0 ? order - 1 : (order - 2) * sizes.copies + copy;
        return perHarmonic(weights.weights, leading * sizes.species + species, sizes.outputLMax);
    }
    Features oddWeights(int order, int copy, int species) const {
        return perHarmonic(weights.odd,
                           ((order - 3) * sizes.copies + copy) * sizes.species + species,
                           sizes.outputLMax);
    }

    /// The factors g_1, g_2, … of a copy: coefficients and values. Published: all are A itself.
    struct Factors {
        std::vector<Features> coefficients;
        std::vector<Values> values;
    };
    Factors makeFactors(int copy, const Features& a) const {
        Factors factors;
        for (int i = 0; i < sizes.correlation; i++) {
            factors.coefficients.push_back(
                sizes.copies == 0 ? a : Features(a.cwiseProduct(factorWeights(copy, i))));
            factors.values.push_back(input.values * factors.coefficients.back());
        }
        return factors;
    }

    /// {{g_1, g_2}, g_3}.
    Values doubleBracket(const Factors& factors) const {
        const Features inner = bracket.multiply(factors.coefficients[0], factors.coefficients[1]);
        return curlProduct(rule, gradientsOf(bracketHarmonics, inner),
                           gradientsOf(input, factors.coefficients[2]));
    }

    /// Analysis of a function and multiplication by output weights; and its reverse.
    Features project(const Values& function, const Features& outputWeights) const {
        const Features coefficients =
            output.values.transpose() * (rule.weights.asDiagonal() * function);
        return coefficients.cwiseProduct(outputWeights);
    }
    Values pullBackProject(const Features& adjoint, const Features& outputWeights) const {
        return rule.weights.asDiagonal() * (output.values * adjoint.cwiseProduct(outputWeights));
    }

    /// Reverse of curlProduct(): adds to the adjoints of the coefficients of f and g.
    void pullBackCurl(const SphereValues& fHarmonics, const Features& f, const Features& g,
                      const Values& adjoint, Features& fAdjoint, Features& gAdjoint) const {
        const auto df = gradientsOf(fHarmonics, f), dg = gradientsOf(input, g);
        for (int a = 0; a < 3; a++) {
            const int b = (a + 1) % 3, c = (a + 2) % 3;
            const Values weighted = rule.points.col(a).asDiagonal() * adjoint;
            fAdjoint += fHarmonics.gradients[b].transpose() * weighted.cwiseProduct(dg[c]);
            fAdjoint -= fHarmonics.gradients[c].transpose() * weighted.cwiseProduct(dg[b]);
            gAdjoint += input.gradients[c].transpose() * weighted.cwiseProduct(df[b]);
            gAdjoint -= input.gradients[b].transpose() * weighted.cwiseProduct(df[c]);
        }
    }

    Sizes sizes;
    Weights weights;
    SphereQuadrature rule;
    SphereValues input, output, bracketHarmonics;
    GauntTensorProduct bracket;
};

GauntManyBody::GauntManyBody(const Sizes& sizes, const Weights& weights)
    : implementation(std::make_shared<Implementation>(sizes, weights)) {}

const GauntManyBody::Sizes& GauntManyBody::getSizes() const {
    return implementation->sizes;
}

const GauntManyBody::Weights& GauntManyBody::getWeights() const {
    return implementation->weights;
}

Features GauntManyBody::evaluate(int species, const Features& a) const {
    const Implementation& im = *implementation;
    Features b =
        a.topRows(numHarmonics(im.sizes.outputLMax)).cwiseProduct(im.linearWeights(species));
    for (int copy = 0; copy < im.numCopies(); copy++) {
        const auto factors = im.makeFactors(copy, a);
        Values product = factors.values[0];
        for (int order = 2; order <= im.sizes.correlation; order++) {
            product = product.cwiseProduct(factors.values[order - 1]).eval();
            b += im.project(product, im.evenWeights(order, copy, species));
        }
        if (!im.sizes.oddPaths)
            continue;
        Values odd = im.doubleBracket(factors);
        for (int order = 3; order <= im.sizes.correlation; order++) {
            if (order > 3)
                odd = odd.cwiseProduct(factors.values[order - 1]).eval();
            b += im.project(odd, im.oddWeights(order, copy, species));
        }
    }
    return b;
}

Features GauntManyBody::pullBack(int species, const Features& a, const Features& adjoint) const {
    const Implementation& im = *implementation;
    const int correlation = im.sizes.correlation;
    Features result = Features::Zero(a.rows(), a.cols());
    result.topRows(adjoint.rows()) = adjoint.cwiseProduct(im.linearWeights(species));
    for (int copy = 0; copy < im.numCopies(); copy++) {
        const auto factors = im.makeFactors(copy, a);
        // Adjoints of the factors' values (even paths) and coefficients (brackets).
        std::vector<Values> values(correlation, Values::Zero(factors.values[0].rows(), a.cols()));
        std::vector<Features> coefficients(correlation, Features::Zero(a.rows(), a.cols()));

        std::vector<Values> products = {factors.values[0]};
        for (int order = 2; order <= correlation; order++)
            products.push_back(products.back().cwiseProduct(factors.values[order - 1]));
        Values running = Values::Zero(values[0].rows(), a.cols());
        for (int order = correlation; order >= 2; order--) {
            running += im.pullBackProject(adjoint, im.evenWeights(order, copy, species));
            values[order - 1] += running.cwiseProduct(products[order - 2]);
            running = running.cwiseProduct(factors.values[order - 1]).eval();
        }
        values[0] += running;

        if (im.sizes.oddPaths && correlation >= 3) {
            std::vector<Values> odd = {im.doubleBracket(factors)};
            for (int order = 4; order <= correlation; order++)
                odd.push_back(odd.back().cwiseProduct(factors.values[order - 1]));
            running.setZero();
            for (int order = correlation; order >= 3; order--) {
                running += im.pullBackProject(adjoint, im.oddWeights(order, copy, species));
                if (order == 3)
                    break;
                values[order - 1] += running.cwiseProduct(odd[order - 4]);
                running = running.cwiseProduct(factors.values[order - 1]).eval();
            }
            const Features inner =
                im.bracket.multiply(factors.coefficients[0], factors.coefficients[1]);
            Features innerAdjoint = Features::Zero(inner.rows(), inner.cols());
            im.pullBackCurl(im.bracketHarmonics, inner, factors.coefficients[2], running,
                            innerAdjoint, coefficients[2]);
            const auto pair =
                im.bracket.pullBack(factors.coefficients[0], factors.coefficients[1], innerAdjoint);
            coefficients[0] += pair.x;
            coefficients[1] += pair.y;
        }
        for (int i = 0; i < correlation; i++) {
            const Features total = coefficients[i] + im.input.values.transpose() * values[i];
            result += im.sizes.copies == 0
                          ? total
                          : Features(total.cwiseProduct(im.factorWeights(copy, i)));
        }
    }
    return result;
}

} // namespace equivariant
