// SPDX-License-Identifier: MIT
//
// Values at the points of a product grid that is exact to degree l1 + l2 + lOut: synthesis,
// pointwise product, analysis with the quadrature's weights.
#include "GauntMethods.h"
#include "SphereValues.h"

namespace equivariant {

SphereValues::SphereValues(const SphereQuadrature& rule, int lMax)
    : values(rule.points.rows(), numHarmonics(lMax)) {
    for (auto& gradient : gradients)
        gradient.resize(rule.points.rows(), numHarmonics(lMax));
    for (Eigen::Index p = 0; p < rule.points.rows(); p++) {
        const auto harmonics = sphericalHarmonicsWithGradient(lMax, rule.points.row(p).transpose(),
                                                              Normalization::Integral);
        values.row(p) = harmonics.values.transpose();
        for (int d = 0; d < 3; d++)
            gradients[d].row(p) = harmonics.gradients.col(d).transpose();
    }
}

Eigen::MatrixXd curlProduct(const SphereQuadrature& rule, const std::array<Eigen::MatrixXd, 3>& f,
                            const std::array<Eigen::MatrixXd, 3>& g) {
    Eigen::MatrixXd result = Eigen::MatrixXd::Zero(f[0].rows(), f[0].cols());
    for (int a = 0; a < 3; a++) {
        const int b = (a + 1) % 3, c = (a + 2) % 3;
        result +=
            rule.points.col(a).asDiagonal() * (f[b].cwiseProduct(g[c]) - f[c].cwiseProduct(g[b]));
    }
    return result;
}

std::array<Eigen::MatrixXd, 3> gradientsOf(const SphereValues& harmonics,
                                           const Eigen::MatrixXd& x) {
    return {harmonics.gradients[0] * x, harmonics.gradients[1] * x, harmonics.gradients[2] * x};
}

namespace {

class GridGaunt : public GauntTensorProduct::Map {
public:
    GridGaunt(int lMax1, int lMax2, int lMaxOut, GauntParity parity)
        : rule(productGrid(lMax1 + lMax2 + lMaxOut)), first(rule, lMax1), second(rule, lMax2),
          parity(parity) {
        const SphereValues output(rule, lMaxOut);
        analysis = output.values.transpose() * rule.weights.asDiagonal();
    }

    Features multiply(const Features& x, const Features& y) const override {
        if (parity == GauntParity::Odd)
            return analysis * curlProduct(rule, gradientsOf(first, x), gradientsOf(second, y));
        return analysis * (first.values * x).cwiseProduct(second.values * y);
    }

private:
    SphereQuadrature rule;
    SphereValues first, second;
    Eigen::MatrixXd analysis; ///< [lm][point]
    GauntParity parity;
};

} // namespace

std::shared_ptr<const GauntTensorProduct::Map> makeGridGaunt(int lMax1, int lMax2, int lMaxOut,
                                                             GauntParity parity) {
    return std::make_shared<GridGaunt>(lMax1, lMax2, lMaxOut, parity);
}

} // namespace equivariant
