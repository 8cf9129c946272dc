// SPDX-License-Identifier: MIT
#include "mace/SphereProduct.h"

#include "equivariant/Error.h"
#include "equivariant/SphereContraction.h"
#include "equivariant/SphericalHarmonics.h"

#include <algorithm>
#include <map>

namespace equivariant {

template <class Real>
std::optional<SphereProduct<Real>>
SphereProduct<Real>::make(const MaceParameters& model, const MaceLayer& layer,
                          const std::vector<int>& speciesInUse, int lanes) {
    SphereProduct result;
    result.channels = model.numChannels;
    result.lMax = model.maxEll;
    result.outputLMax = layer.outputLMax;
    const int degree = model.correlation * model.maxEll + layer.outputLMax;
    constexpr int highestLebedev = 41;
    if (degree > highestLebedev)
        return {};
    if (layer.gauntProduct) {
        const auto& sizes = layer.gauntProduct->getSizes();
        const int numFunctions = sizes.copies == 0 ? 1 : sizes.copies * sizes.correlation;
        if (sizes.oddPaths || numFunctions > maxSphereFunctions)
            return {};
        result.addGaunt(*layer.gauntProduct);
    } else if (!result.addScalarContraction(model, layer)) {
        return {};
    }
    result.addPoints(std::max(degree, 2));
    result.pack(speciesInUse, lanes);
    return result;
}

/// One point of each pair of opposite ones.
template <class Real> void SphereProduct<Real>::addPoints(int exactDegree) {
    const SphereQuadrature rule = lebedev(exactDegree);
    for (Eigen::Index p = 0; p < rule.weights.size(); p++) {
        const Eigen::Vector3d point = rule.points.row(p).transpose();
        int axis = 0;
        while (std::abs(point[axis]) < 1e-9)
            axis++;
        if (point[axis] < 0)
            continue;
        const Eigen::VectorXd y = sphericalHarmonics(lMax, point, Normalization::Integral);
        for (Eigen::Index lm = 0; lm < y.size(); lm++)
            harmonics.push_back(static_cast<Real>(y[lm]));
        quadrature.push_back(static_cast<Real>(rule.weights[p]));
    }
}

template <class Real> void SphereProduct<Real>::addGaunt(const GauntManyBody& product) {
    const auto& sizes = product.getSizes();
    const auto& weights = product.getWeights();
    // Weights [L](species, channel) of an array [leading][species][channels][L].
    const auto ofDegree = [&](const Tensor& tensor, int leading) {
        std::vector<Eigen::MatrixXd> result(sizes.outputLMax + 1,
                                            Eigen::MatrixXd(sizes.species, channels));
        std::size_t i = std::size_t(leading) * sizes.species * channels * (sizes.outputLMax + 1);
        for (int z = 0; z < sizes.species; z++)
            for (int k = 0; k < channels; k++)
                for (int L = 0; L <= sizes.outputLMax; L++)
                    result[L](z, k) = tensor.data[i++];
        return result;
    };
    linearWeights = ofDegree(sizes.copies == 0 ? weights.weights : weights.linear, 0);
    for (int copy = 0; copy < std::max(sizes.copies, 1); copy++) {
        for (int i = 0; i < (sizes.copies == 0 ? 1 : sizes.correlation); i++) {
            Eigen::MatrixXd factor = Eigen::MatrixXd::Ones(lMax + 1, channels);
            for (int k = 0; sizes.copies > 0 && k < channels; k++)
                for (int l = 0; l <= lMax; l++)
                    factor(l, k) =
                        weights.factors
                            .data[(std::size_t(copy * sizes.correlation + i) * channels + k) *
                                      (lMax + 1) +
                                  l];
            functionFactors.push_back(factor);
            functions.push_back({0, lMax});
        }
        for (int order = 2; order <= sizes.correlation; order++) {
            SphereTerm term{order, {}};
            for (int i = 0; i < order; i++)
                term.functions[i] = sizes.copies == 0 ? 0 : copy * sizes.correlation + i;
            const int leading = sizes.copies == 0 ? order - 1 : (order - 2) * sizes.copies + copy;
            products.push_back({term, ofDegree(weights.weights, leading)});
        }
    }
}

/// Functions are the parts of A of one degree each.
template <class Real>
bool SphereProduct<Real>::addScalarContraction(const MaceParameters& model,
                                               const MaceLayer& layer) {
    if (layer.outputLMax > 0 || model.correlation > 3 || model.maxEll >= maxSphereFunctions)
        return false;
    std::vector<std::vector<SphereContraction::Path>> paths;
    try {
        paths = SphereContraction(model.uTensors[0]).getPaths();
    } catch (const Error&) {
        return false; // stored couplings in another basis
    }
    for (int l = 0; l <= lMax; l++) {
        functions.push_back({l, l});
        functionFactors.push_back(Eigen::MatrixXd::Ones(lMax + 1, channels));
    }
    const auto& contraction = layer.contraction[0];
    const Eigen::Index species = contraction[0].size();
    linearWeights = {Eigen::MatrixXd::Zero(species, channels)};
    std::map<std::vector<int>, Eigen::MatrixXd> merged;
    for (std::size_t order = 0; order < paths.size(); order++)
        for (std::size_t p = 0; p < paths[order].size(); p++) {
            Eigen::MatrixXd weights(species, channels);
            for (Eigen::Index z = 0; z < species; z++)
                weights.row(z) = paths[order][p].scale * contraction[order][z].row(p);
            std::vector<int> degrees = paths[order][p].degrees;
            std::sort(degrees.begin(), degrees.end());
            if (paths[order][p].scale == 0)
                continue; // vanishes identically
            if (order == 0)
                linearWeights[0] += weights;
            else if (const auto [term, isNew] = merged.emplace(degrees, weights); !isNew)
                term->second += weights;
        }
    for (const auto& [degrees, weights] : merged) {
        SphereTerm term{static_cast<int>(degrees.size()), {}};
        std::copy(degrees.begin(), degrees.end(), term.functions);
        // The integral with Y_00 = 1/sqrt(4 pi) is that of the product times this.
        products.push_back({term, {std::sqrt(4 * 3.14159265358979323846) * weights}});
    }
    return true;
}

template <class Real>
void SphereProduct<Real>::pack(const std::vector<int>& speciesInUse, int lanes) {
    const int blocks = blocksOf(channels, lanes), degrees = outputLMax + 1;
    for (const Term& product : products)
        terms.push_back(product.term);
    factors.assign(std::size_t(blocks) * functions.size() * (lMax + 1) * lanes, 0);
    for (std::size_t q = 0; q < functions.size(); q++)
        for (int l = 0; l <= lMax; l++)
            for (int k = 0; k < channels; k++)
                factors[(((k / lanes) * functions.size() + q) * (lMax + 1) + l) * lanes +
                        k % lanes] = static_cast<Real>(functionFactors[q](l, k));
    const std::size_t stride = (products.size() + 1) * degrees * lanes;
    for (const int z : speciesInUse) {
        VectorArray<Real> packed(blocks * stride, 0);
        const auto put = [&](std::size_t row, const std::vector<Eigen::MatrixXd>& weights) {
            for (int L = 0; L < degrees; L++)
                for (int k = 0; k < channels; k++)
                    packed[(k / lanes) * stride + (row * degrees + L) * lanes + k % lanes] =
                        static_cast<Real>(weights[L](weights[L].rows() == 1 ? 0 : z, k));
        };
        put(0, linearWeights);
        for (std::size_t t = 0; t < products.size(); t++)
            put(t + 1, products[t].weights);
        coefficients.push_back(std::move(packed));
    }
}

template <class Real> SphereArgs<Real> SphereProduct<Real>::getArguments(int species) const {
    SphereArgs<Real> args{};
    args.numPoints = static_cast<int>(quadrature.size());
    args.lMax = lMax;
    args.outputLMax = outputLMax;
    args.numFunctions = static_cast<int>(functions.size());
    args.numTerms = static_cast<int>(terms.size());
    args.harmonics = harmonics.data();
    args.quadrature = quadrature.data();
    args.functions = functions.data();
    args.terms = terms.data();
    args.factors = factors.data();
    args.coefficients = coefficients[species].data();
    const int lanesOfBlock = getKernels<Real>().lanes;
    args.factorStride = functions.size() * (lMax + 1) * lanesOfBlock;
    args.coefficientStride = (terms.size() + 1) * (outputLMax + 1) * lanesOfBlock;
    return args;
}

/// As the kernels do it: the functions twice, each term at both points of a pair.
template <class Real> int SphereProduct<Real>::countOperations() const {
    const int degrees = outputLMax + 1, outputs = degrees * degrees;
    int values = 0, forward = 0, reverse = 0;
    for (const SphereFunction& function : functions)
        values += (function.high + 1) * (function.high + 1) - function.low * function.low;
    for (const SphereTerm& term : terms) {
        forward += 2 * (term.count - 1 + degrees);
        reverse += 2 * (degrees + term.count * (term.count - 1));
    }
    return static_cast<int>(quadrature.size()) * (3 * values + forward + reverse + 2 * outputs);
}

template class SphereProduct<float>;
template class SphereProduct<double>;

} // namespace equivariant
