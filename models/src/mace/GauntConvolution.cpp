// SPDX-License-Identifier: MIT
//
// Edge convolution by a Gaunt product (docs/theory/gaunt-mace.md):
//     m[l3][m3][k] += sqrt(4 pi) R_out[l3][k] (h[k] * sum_l2 R_edge[l2][k] Y_l2)[l3 m3].
#include "MaceNetwork.h"

#include <cmath>

namespace equivariant::mace {

namespace {

const double root4Pi = std::sqrt(4 * 3.14159265358979323846);

/// R_edge (first half of the radial outputs) or R_out (second half) of one degree.
auto weightsOf(const MaceParameters& model, const Eigen::MatrixX2d& radial, int half, int l) {
    const int k = model.numChannels;
    return radial.col(0).segment((half * (model.maxEll + 1) + l) * k, k).transpose();
}

/// The edge's filter, [lm][channel].
Features makeFilter(const MaceParameters& model, const Eigen::MatrixX2d& radial,
                    const Eigen::VectorXd& harmonics) {
    Features filter(harmonics.size(), model.numChannels);
    for (Eigen::Index lm = 0; lm < harmonics.size(); lm++)
        filter.row(lm) = harmonics[lm] * weightsOf(model, radial, 0, degreeOf(int(lm)));
    return filter;
}

} // namespace

void addGauntMessage(const MaceParameters& model, const MaceLayer& layer,
                     const Eigen::MatrixX2d& radial, const Eigen::VectorXd& harmonics,
                     const Features& sender, Messages& messages) {
    const Features product =
        layer.gauntConvolution->multiply(sender, makeFilter(model, radial, harmonics));
    for (int l = 0; l <= model.maxEll; l++)
        for (int m = 0; m <= 2 * l; m++)
            messages[l].row(m) +=
                root4Pi * product.row(l * l + m).cwiseProduct(weightsOf(model, radial, 1, l));
}

MessageAdjoint pullBackGauntMessage(const MaceParameters& model, const MaceLayer& layer,
                                    const Eigen::MatrixX2d& radial,
                                    const Eigen::VectorXd& harmonics, const Features& sender,
                                    const Messages& adjoint, Features& senderAdjoint) {
    const int k = model.numChannels;
    MessageAdjoint result{Eigen::VectorXd::Zero(radial.rows()),
                          Eigen::VectorXd::Zero(harmonics.size())};
    const Features filter = makeFilter(model, radial, harmonics);
    const Features product = layer.gauntConvolution->multiply(sender, filter);
    Features productAdjoint(product.rows(), k);
    for (int l = 0; l <= model.maxEll; l++) {
        auto outAdjoint = result.radial.segment((model.maxEll + 1 + l) * k, k);
        for (int m = 0; m <= 2 * l; m++) {
            const int lm = l * l + m;
            outAdjoint += root4Pi * adjoint[l].row(m).cwiseProduct(product.row(lm)).transpose();
            productAdjoint.row(lm) =
                root4Pi * adjoint[l].row(m).cwiseProduct(weightsOf(model, radial, 1, l));
        }
    }
    const auto adjoints = layer.gauntConvolution->pullBack(sender, filter, productAdjoint);
    senderAdjoint += adjoints.x;
    for (Eigen::Index lm = 0; lm < harmonics.size(); lm++) {
        const int l = degreeOf(int(lm));
        result.radial.segment(l * k, k) += harmonics[lm] * adjoints.y.row(lm).transpose();
        result.harmonics[lm] = adjoints.y.row(lm).dot(weightsOf(model, radial, 0, l));
    }
    return result;
}

} // namespace equivariant::mace
