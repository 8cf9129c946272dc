// SPDX-License-Identifier: MIT
#include "Product.h"

#include "equivariant/SphereQuadrature.h"
#include "equivariant/SphericalHarmonics.h"

#include <torch/torch.h>

namespace equivariant::training {

using torch::Tensor;

namespace {

Tensor toTensor(const Eigen::MatrixXd& matrix, const torch::TensorOptions& options) {
    const Features rows = matrix; // row-major
    return torch::from_blob(const_cast<double*>(rows.data()), {rows.rows(), rows.cols()},
                            torch::kFloat64)
        .to(options, false, true);
}

/// Tangential gradients of the orthonormal harmonics at points, [xyz] of [points][lm].
std::vector<Tensor> gradientsAt(const SphereQuadrature& rule, int lMax,
                                const torch::TensorOptions& options) {
    std::array<Eigen::MatrixXd, 3> gradients;
    gradients.fill(Eigen::MatrixXd(rule.points.rows(), numHarmonics(lMax)));
    for (Eigen::Index p = 0; p < rule.points.rows(); p++) {
        const auto at = sphericalHarmonicsWithGradient(lMax, rule.points.row(p).transpose(),
                                                       Normalization::Integral);
        for (int axis = 0; axis < 3; axis++)
            gradients[axis].row(p) = at.gradients.col(axis).transpose();
    }
    std::vector<Tensor> result;
    for (const auto& gradient : gradients)
        result.push_back(toTensor(gradient, options));
    return result;
}

Eigen::MatrixXd valuesAt(const SphereQuadrature& rule, int lMax) {
    Eigen::MatrixXd values(rule.points.rows(), numHarmonics(lMax));
    for (Eigen::Index p = 0; p < rule.points.rows(); p++)
        values.row(p) =
            sphericalHarmonics(lMax, rule.points.row(p).transpose(), Normalization::Integral)
                .transpose();
    return values;
}

Tensor analysisOn(const SphereQuadrature& rule, int lMax, const torch::TensorOptions& options) {
    return toTensor(valuesAt(rule, lMax).transpose() * rule.weights.asDiagonal(), options);
}

Tensor degreesUpTo(int lMax, torch::Device device) {
    std::vector<int64_t> degrees;
    for (int lm = 0; lm < numHarmonics(lMax); lm++)
        degrees.push_back(degreeOf(lm));
    return torch::tensor(degrees, torch::kInt64).to(device);
}

std::vector<Tensor> multiplyEach(const std::vector<Tensor>& matrices, const Tensor& x) {
    std::vector<Tensor> results;
    for (const Tensor& matrix : matrices)
        results.push_back(torch::matmul(matrix, x));
    return results;
}

} // namespace

GauntSphereProduct::GauntSphereProduct(const GauntManyBody::Sizes& sizes, Weights weights,
                                       const torch::TensorOptions& options)
    : sizes(sizes), weights(std::move(weights)), options(options),
      inputDegrees(degreesUpTo(sizes.lMax, options.device())),
      outputDegrees(degreesUpTo(sizes.outputLMax, options.device())) {
    const int degree = sizes.correlation * sizes.lMax + sizes.outputLMax;
    const SphereQuadrature rule = productGrid(degree);
    grid = makeGrid(degree);
    analysis = analysisOn(rule, sizes.outputLMax, options);
    if (!sizes.oddPaths)
        return;
    const int bracketLMax = std::max(2 * sizes.lMax - 1, 0);
    bracketGrid = makeGrid(2 * sizes.lMax + bracketLMax);
    bracketAnalysis = analysisOn(productGrid(2 * sizes.lMax + bracketLMax), bracketLMax, options);
    bracketGradients = gradientsAt(rule, bracketLMax, options);
}

GauntSphereProduct::Grid GauntSphereProduct::makeGrid(int exactDegree) const {
    const SphereQuadrature rule = productGrid(exactDegree);
    Grid result{toTensor(rule.points, options), toTensor(valuesAt(rule, sizes.lMax), options), {}};
    if (sizes.oddPaths)
        result.inputGradients = gradientsAt(rule, sizes.lMax, options);
    return result;
}

/// Coefficients of a function, times weights [species][channels][L]; [atoms][LM][channels].
Tensor GauntSphereProduct::project(const Tensor& function, const Tensor& outputWeights,
                                   const Batch& batch) const {
    const Tensor coefficients = torch::matmul(analysis, function)
                                    .reshape({-1, batch.numAtoms, sizes.channels})
                                    .permute({1, 0, 2});
    return coefficients * outputWeights.index_select(2, outputDegrees)
                              .transpose(1, 2)
                              .index_select(0, batch.species);
}

/// Coefficients of g_(order+1) of a copy, [lm][atoms * channels].
Tensor GauntSphereProduct::makeFactor(int copy, int order, const Tensor& a,
                                      const Batch& batch) const {
    Tensor factor = a.permute({1, 0, 2});
    if (sizes.copies > 0)
        factor =
            factor *
            weights.factors[copy][order].index_select(1, inputDegrees).transpose(0, 1).unsqueeze(1);
    return factor.reshape({a.size(1), int64_t(batch.numAtoms) * sizes.channels});
}

/// r·(grad f x grad g).
Tensor GauntSphereProduct::curl(const Grid& on, const std::vector<Tensor>& f,
                                const std::vector<Tensor>& g) const {
    Tensor sum;
    for (int a = 0; a < 3; a++) {
        const int b = (a + 1) % 3, c = (a + 2) % 3;
        const Tensor part = on.points.select(1, a).unsqueeze(1) * (f[b] * g[c] - f[c] * g[b]);
        sum = sum.defined() ? sum + part : part;
    }
    return sum;
}

/// {{g_1, g_2}, g_3} at the points.
Tensor GauntSphereProduct::doubleBracket(const std::vector<Tensor>& g) const {
    const Tensor inner = torch::matmul(
        bracketAnalysis, curl(bracketGrid, multiplyEach(bracketGrid.inputGradients, g[0]),
                              multiplyEach(bracketGrid.inputGradients, g[1])));
    return curl(grid, multiplyEach(bracketGradients, inner),
                multiplyEach(grid.inputGradients, g[2]));
}

Tensor GauntSphereProduct::evaluate(const Batch& batch, const Tensor& a) const {
    const bool isPublished = sizes.copies == 0;
    const Tensor linear = isPublished ? weights.weights[0] : weights.linear;
    Tensor b = a.narrow(1, 0, numHarmonics(sizes.outputLMax)) *
               linear.index_select(2, outputDegrees).transpose(1, 2).index_select(0, batch.species);
    for (int copy = 0; copy < std::max(sizes.copies, 1); copy++) {
        std::vector<Tensor> coefficients, values;
        for (int order = 0; order < sizes.correlation; order++) {
            coefficients.push_back(makeFactor(copy, order, a, batch));
            values.push_back(isPublished && order > 0
                                 ? values[0]
                                 : torch::matmul(grid.input, coefficients.back()));
        }
        Tensor product = values[0];
        for (int order = 2; order <= sizes.correlation; order++) {
            product = product * values[order - 1];
            b = b +
                project(product,
                        isPublished ? weights.weights[order - 1] : weights.weights[order - 2][copy],
                        batch);
        }
        if (!sizes.oddPaths)
            continue;
        Tensor odd = doubleBracket(coefficients);
        for (int order = 3; order <= sizes.correlation; order++) {
            if (order > 3)
                odd = odd * values[order - 1];
            b = b + project(odd, weights.odd[order - 3][copy], batch);
        }
    }
    return b;
}

} // namespace equivariant::training
