// SPDX-License-Identifier: MIT
//
// Edge convolution ("conv_tp"): m[path][m3][k] += R[path][k] sqrt(2 l3+1) sum C[m1 m2 m3] h[L1
// m1][k] Y[l2 m2].
#include "MaceNetwork.h"

#include <cmath>

namespace equivariant::mace {

Messages zeroMessages(const MaceParameters& model, const MaceLayer& layer) {
    Messages messages;
    for (const ConvolutionPath& path : layer.paths)
        messages.push_back(Features::Zero(2 * path.l3 + 1, model.numChannels));
    return messages;
}

void addMessage(const MaceParameters& model, const MaceLayer& layer, const Eigen::MatrixX2d& radial,
                const Eigen::VectorXd& harmonics, const Features& sender, Messages& messages) {
    if (layer.gauntConvolution)
        return addGauntMessage(model, layer, radial, harmonics, sender, messages);
    const int k = model.numChannels;
    for (std::size_t p = 0; p < layer.paths.size(); p++) {
        const auto [l1, l2, l3] = layer.paths[p];
        const double factor = std::sqrt(2.0 * l3 + 1);
        Features coupled = Features::Zero(2 * l3 + 1, k);
        for (const CouplingEntry& c : wigner3j(l1, l2, l3))
            coupled.row(c.c) +=
                factor * c.value * harmonics[l2 * l2 + c.b] * sender.row(l1 * l1 + c.a);
        const auto weights = radial.col(0).segment(p * k, k).transpose().array();
        for (int m = 0; m <= 2 * l3; m++)
            messages[p].row(m).array() += weights * coupled.row(m).array();
    }
}

MessageAdjoint pullBackMessage(const MaceParameters& model, const MaceLayer& layer,
                               const Eigen::MatrixX2d& radial, const Eigen::VectorXd& harmonics,
                               const Features& sender, const Messages& adjoint,
                               Features& senderAdjoint) {
    if (layer.gauntConvolution)
        return pullBackGauntMessage(model, layer, radial, harmonics, sender, adjoint,
                                    senderAdjoint);
    const int k = model.numChannels;
    MessageAdjoint result{Eigen::VectorXd::Zero(radial.rows()),
                          Eigen::VectorXd::Zero(harmonics.size())};
    for (std::size_t p = 0; p < layer.paths.size(); p++) {
        const auto [l1, l2, l3] = layer.paths[p];
        const double factor = std::sqrt(2.0 * l3 + 1);
        const auto weights = radial.col(0).segment(p * k, k).transpose().array();
        auto weightsAdjoint = result.radial.segment(p * k, k);
        for (const CouplingEntry& c : wigner3j(l1, l2, l3)) {
            const double coefficient = factor * c.value, y = harmonics[l2 * l2 + c.b];
            const auto h = sender.row(l1 * l1 + c.a).array();
            const auto message = adjoint[p].row(c.c).array();
            weightsAdjoint += (coefficient * y * message * h).matrix().transpose();
            result.harmonics[l2 * l2 + c.b] += coefficient * (message * weights * h).sum();
            senderAdjoint.row(l1 * l1 + c.a).array() += coefficient * y * message * weights;
        }
    }
    return result;
}

Features applyMaps(const std::vector<Eigen::MatrixXd>& maps, const Features& x, int outputLMax) {
    const int channels = static_cast<int>(maps.front().cols());
    Features y = Features::Zero((outputLMax + 1) * (outputLMax + 1), channels);
    for (std::size_t l = 0; l < maps.size(); l++)
        y.middleRows(l * l, 2 * l + 1) = x.middleRows(l * l, 2 * l + 1) * maps[l];
    return y;
}

Features pullBackMaps(const std::vector<Eigen::MatrixXd>& maps, const Features& adjoint,
                      int inputLMax) {
    const int channels = static_cast<int>(maps.front().rows());
    Features x = Features::Zero((inputLMax + 1) * (inputLMax + 1), channels);
    for (std::size_t l = 0; l < maps.size(); l++)
        x.middleRows(l * l, 2 * l + 1) = adjoint.middleRows(l * l, 2 * l + 1) * maps[l].transpose();
    return x;
}

} // namespace equivariant::mace
