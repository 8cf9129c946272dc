// SPDX-License-Identifier: MIT
//
// Readouts of one head from the scalars of one atom. With several heads the hidden units of the
// other heads are masked out (head-major order).
#include "MaceNetwork.h"

namespace equivariant::mace {

namespace {

struct HiddenUnits {
    Eigen::Index first, count;
};

HiddenUnits hiddenUnitsOf(const MaceReadout& readout, int head) {
    const Eigen::Index count = readout.linear1.cols() / readout.linear2.cols();
    return {head * count, count};
}

} // namespace

const MaceReadout* readoutOf(const MaceParameters& model, int layer) {
    if (!model.useLastReadoutOnly)
        return &model.readouts[layer];
    return layer + 1 == model.numLayers ? &model.readouts[0] : nullptr;
}

double readoutEnergy(const MaceParameters& model, const MaceReadout& readout,
                     const Eigen::RowVectorXd& scalars, int head) {
    if (readout.isLinear)
        return scalars * readout.linear.col(head);
    const HiddenUnits units = hiddenUnitsOf(readout, head);
    const Eigen::RowVectorXd x = scalars * readout.linear1.middleCols(units.first, units.count);
    double energy = 0;
    for (Eigen::Index i = 0; i < units.count; i++)
        energy += model.readoutActivation(x[i]).value * readout.linear2(units.first + i, head);
    return energy;
}

Eigen::RowVectorXd readoutGradient(const MaceParameters& model, const MaceReadout& readout,
                                   const Eigen::RowVectorXd& scalars, int head) {
    if (readout.isLinear)
        return readout.linear.col(head).transpose();
    const HiddenUnits units = hiddenUnitsOf(readout, head);
    const auto weights = readout.linear1.middleCols(units.first, units.count);
    Eigen::RowVectorXd x = scalars * weights;
    for (Eigen::Index i = 0; i < units.count; i++)
        x[i] = model.readoutActivation(x[i]).derivative * readout.linear2(units.first + i, head);
    return x * weights.transpose();
}

} // namespace equivariant::mace
