// SPDX-License-Identifier: MIT
#include "EdgeFunctions.h"

#include "equivariant/SphericalHarmonics.h"

#include <torch/torch.h>

namespace equivariant::training {

using torch::Tensor;

Harmonics::Harmonics(int lMax, const torch::TensorOptions& options) : lMax(lMax) {
    const Eigen::Vector3d direction = Eigen::Vector3d(0.3, -0.7, 0.5).normalized();
    const Eigen::VectorXd values =
        sphericalHarmonics(std::max(lMax, 1), direction, Normalization::Component);
    Tensor first = torch::zeros({3, 3}, torch::kFloat64);
    for (int axis = 0; axis < 3; axis++) {
        const auto column =
            sphericalHarmonics(1, Eigen::Vector3d::Unit(axis), Normalization::Component);
        for (int m = 0; m < 3; m++)
            first[axis][m] = column[1 + m];
    }
    steps.push_back(first.to(options));
    for (int l = 2; l <= lMax; l++) {
        // Products of degrees l-1 and 1 coupled to l are harmonics up to a factor, which one
        // direction tells.
        Tensor map = torch::zeros({2 * l - 1, 3, 2 * l + 1}, torch::kFloat64);
        Eigen::VectorXd coupled = Eigen::VectorXd::Zero(2 * l + 1);
        for (const CouplingEntry& c : wigner3j(l - 1, 1, l)) {
            map[c.a][c.b][c.c] = c.value;
            coupled[c.c] += c.value * values[(l - 1) * (l - 1) + c.a] * values[1 + c.b];
        }
        const double factor = values.segment(l * l, 2 * l + 1).dot(coupled) / coupled.squaredNorm();
        steps.push_back((factor * map).reshape({(2 * l - 1) * 3, 2 * l + 1}).to(options));
    }
}

Tensor Harmonics::evaluate(const Tensor& directions) const {
    std::vector<Tensor> degrees = {torch::ones_like(directions.narrow(1, 0, 1))};
    Tensor first;
    for (int l = 1; l <= lMax; l++) {
        if (l == 1)
            degrees.push_back(first = torch::matmul(directions, steps[0]));
        else
            degrees.push_back(torch::matmul(
                (degrees.back().unsqueeze(2) * first.unsqueeze(1)).flatten(1), steps[l - 1]));
    }
    return torch::cat(degrees, 1);
}

Tensor evaluateCutoff(const Tensor& r, double rMax, int p) {
    const Tensor u = r / rMax;
    const double a = (p + 1) * (p + 2) / 2.0, b = p * (p + 2.0), c = p * (p + 1) / 2.0;
    const Tensor value = 1 - u.pow(p) * (a - u * (b - c * u));
    return torch::where(u < 1, value, torch::zeros_like(value));
}

Tensor transformDistance(const MaceParameters& model, const Tensor& r, const Tensor& radiusSums) {
    if (model.agnesi) {
        const auto& [a, q, p] = *model.agnesi;
        const Tensor rho = 2 * r / radiusSums;
        return 1 / (1 + a * rho.pow(q) / (1 + rho.pow(q - p)));
    }
    if (model.soft) {
        const Tensor p0 = 0.75 * radiusSums, p1 = 4.0 / 3.0 * radiusSums;
        return p0 + (r - p0) * 0.5 *
                        (1 + torch::tanh(model.soft->alpha / (p1 - p0) * (r - 0.5 * (p0 + p1))));
    }
    return r;
}

Tensor evaluateBasis(const RadialBasis& basis, const Tensor& weights, const Tensor& d) {
    const Tensor x = d.unsqueeze(1);
    switch (basis.type) {
    case RadialBasisType::Bessel:
        return basis.coefficient * torch::sin(weights * x) / x;
    case RadialBasisType::Gaussian:
        return torch::exp(basis.coefficient * (x - weights).square());
    case RadialBasisType::Chebyshev:
        break;
    }
    std::vector<Tensor> polynomials = {torch::ones_like(x), x};
    for (int n = 2; n <= basis.size; n++)
        polynomials.push_back(2 * x * polynomials[n - 1] - polynomials[n - 2]);
    return torch::cat(polynomials, 1).narrow(1, 1, basis.size);
}

Tensor evaluateZbl(const ZblRepulsion& zbl, const Tensor& r, const Tensor& charges1,
                   const Tensor& charges2, const Tensor& radiusSums) {
    const Tensor a =
        zbl.aPrefactor * 0.529 / (charges1.pow(zbl.aExponent) + charges2.pow(zbl.aExponent));
    Tensor phi = torch::zeros_like(r);
    for (int i = 0; i < 4; i++)
        phi = phi + zbl.c[i] * torch::exp(-ZblRepulsion::decay[i] * r / a);
    const Tensor u = r / radiusSums;
    return 0.5 * ZblRepulsion::coulomb * charges1 * charges2 * phi / r *
           evaluateCutoff(u, 1, zbl.p);
}

Tensor activate(const Activation& activation, const Tensor& x) {
    switch (activation.type) {
    case Activation::Type::Silu:
        return activation.constant * torch::silu(x);
    case Activation::Type::Tanh:
        return activation.constant * torch::tanh(x);
    case Activation::Type::Abs:
        return activation.constant * torch::abs(x);
    case Activation::Type::None:
        break;
    }
    return activation.constant * x;
}

} // namespace equivariant::training
