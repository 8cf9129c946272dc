// SPDX-License-Identifier: MIT
#include "SteerableProduct.h"

#include "equivariant/Couplings.h"
#include "equivariant/SphereQuadrature.h"
#include "equivariant/SphericalHarmonics.h"

#include <torch/torch.h>

namespace equivariant::nbody {

using torch::Tensor;

namespace {

Tensor degreeOfFeatures(const Tensor& features, int l) {
    return features.narrow(1, l * l, 2 * l + 1);
}

class PathProduct : public SteerableProduct {
public:
    PathProduct(int lMax, const Tensor& weights)
        : lMax(lMax), paths(pathsUpTo(lMax)), weights(weights) {
        for (const ConvolutionPath& path : paths) {
            // Normalised so that a scalar attribute of 1 changes nothing.
            Tensor coupling =
                torch::zeros({2 * path.l2 + 1, 2 * path.l3 + 1, 2 * path.l1 + 1}, torch::kFloat64);
            for (const CouplingEntry& entry : wigner3j(path.l1, path.l2, path.l3))
                coupling[entry.b][entry.c][entry.a] = entry.value * std::sqrt(2.0 * path.l3 + 1);
            couplings.push_back(coupling.to(weights.scalar_type()));
        }
    }

    Tensor evaluate(const Tensor& features, const Tensor& attributes) const override {
        std::vector<Tensor> outputs(lMax + 1);
        for (std::size_t p = 0; p < paths.size(); p++) {
            const auto& [l1, l2, l3] = paths[p];
            const Tensor matrices = torch::tensordot(degreeOfFeatures(attributes, l2), couplings[p],
                                                     {1}, {0}); // [rows][m3][m1]
            const Tensor part =
                torch::matmul(torch::bmm(matrices, degreeOfFeatures(features, l1)), weights[p]);
            outputs[l3] = outputs[l3].defined() ? outputs[l3] + part : part;
        }
        return torch::cat(outputs, 1);
    }

private:
    const int lMax;
    const std::vector<ConvolutionPath> paths;
    const Tensor weights;
    std::vector<Tensor> couplings; ///< of each path, [m2][m3][m1]
};

class GauntProductLayer : public SteerableProduct {
public:
    GauntProductLayer(int lMax, const Tensor& input, const Tensor& attribute, const Tensor& output)
        : input(input), attribute(attribute), output(output), sphere(lMax, input.scalar_type()) {}

    Tensor evaluate(const Tensor& features, const Tensor& attributes) const override {
        const Tensor weighted = mapChannels(attributes.unsqueeze(2), attribute.unsqueeze(1));
        return mapChannels(sphere.multiply(mapChannels(features, input), weighted), output);
    }

private:
    const Tensor input, attribute, output;
    const SphereProduct sphere;
};

} // namespace

std::vector<ConvolutionPath> pathsUpTo(int lMax) {
    std::vector<ConvolutionPath> paths;
    for (int l1 = 0; l1 <= lMax; l1++)
        for (int l2 = 0; l2 <= lMax; l2++)
            for (int l3 = 0; l3 <= lMax; l3++)
                if (isTriangle(l1, l2, l3) && (l1 + l2 + l3) % 2 == 0)
                    paths.push_back({l1, l2, l3});
    return paths;
}

std::unique_ptr<SteerableProduct> makePathProduct(int lMax, const Tensor& weights) {
    return std::make_unique<PathProduct>(lMax, weights);
}

std::unique_ptr<SteerableProduct> makeGauntProduct(int lMax, const Tensor& input,
                                                   const Tensor& attribute, const Tensor& output) {
    return std::make_unique<GauntProductLayer>(lMax, input, attribute, output);
}

Tensor mapChannels(const Tensor& features, const Tensor& weights) {
    std::vector<Tensor> outputs;
    for (int l = 0; l < weights.size(0); l++)
        outputs.push_back(torch::matmul(degreeOfFeatures(features, l), weights[l]));
    return torch::cat(outputs, 1);
}

SphereProduct::SphereProduct(int lMax, const torch::TensorOptions& options) {
    const SphereQuadrature rule = lebedev(3 * lMax);
    const int64_t numPoints = rule.points.rows();
    synthesis = torch::empty({numPoints, numHarmonics(lMax)}, torch::kFloat64);
    for (int64_t p = 0; p < numPoints; p++) {
        const Eigen::VectorXd y =
            sphericalHarmonics(lMax, rule.points.row(p).transpose(), Normalization::Component);
        for (int lm = 0; lm < numHarmonics(lMax); lm++)
            synthesis[p][lm] = y[lm];
    }
    const double sphereArea = 4 * std::acos(-1.0);
    Tensor weights = torch::empty({numPoints}, torch::kFloat64);
    for (int64_t p = 0; p < numPoints; p++)
        weights[p] = rule.weights[p] / sphereArea;
    analysis = (synthesis.t() * weights).to(options);
    synthesis = synthesis.to(options);
}

Tensor SphereProduct::multiply(const Tensor& a, const Tensor& b) const {
    return torch::matmul(analysis, torch::matmul(synthesis, a) * torch::matmul(synthesis, b));
}

} // namespace equivariant::nbody
