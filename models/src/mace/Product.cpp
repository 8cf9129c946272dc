// SPDX-License-Identifier: MIT
//
// Product basis: a Gaunt product, or the symmetric contraction: per element z and channel k
//     B[LM][k] = sum_nu sum_eta W[nu, L][z, eta, k] sum U[M; lm_1 … lm_nu; eta] prod A[lm_i][k].
#include "MaceNetwork.h"

namespace equivariant::mace {

namespace {

const Eigen::MatrixXd& weightsFor(const std::vector<Eigen::MatrixXd>& weights, int species) {
    return weights.size() == 1 ? weights[0] : weights[species];
}

} // namespace

Features product(const MaceParameters& model, const MaceLayer& layer, int species,
                 const Features& a) {
    if (layer.gauntProduct)
        return layer.gauntProduct->evaluate(species, a);
    const int lMax = layer.outputLMax;
    Features b = Features::Zero((lMax + 1) * (lMax + 1), model.numChannels);
    for (int L = 0; L <= lMax; L++)
        for (int order = 1; order <= model.correlation; order++) {
            const auto& weights = weightsFor(layer.contraction[L][order - 1], species);
            for (const UTensorEntry& u : model.uTensors[L][order - 1].entries) {
                Eigen::RowVectorXd term = u.value * weights.row(u.path);
                for (int lm : u.lm)
                    term.array() *= a.row(lm).array();
                b.row(L * L + u.M) += term;
            }
        }
    return b;
}

Features pullBackProduct(const MaceParameters& model, const MaceLayer& layer, int species,
                         const Features& a, const Features& adjoint) {
    if (layer.gauntProduct)
        return layer.gauntProduct->pullBack(species, a, adjoint);
    Features result = Features::Zero(a.rows(), a.cols());
    for (int L = 0; L <= layer.outputLMax; L++)
        for (int order = 1; order <= model.correlation; order++) {
            const auto& weights = weightsFor(layer.contraction[L][order - 1], species);
            for (const UTensorEntry& u : model.uTensors[L][order - 1].entries) {
                const Eigen::RowVectorXd common =
                    u.value * weights.row(u.path).cwiseProduct(adjoint.row(L * L + u.M));
                for (int i = 0; i < order; i++) {
                    Eigen::RowVectorXd term = common;
                    for (int j = 0; j < order; j++)
                        if (j != i)
                            term.array() *= a.row(u.lm[j]).array();
                    result.row(u.lm[i]) += term;
                }
            }
        }
    return result;
}

} // namespace equivariant::mace
