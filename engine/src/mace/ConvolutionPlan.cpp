// SPDX-License-Identifier: MIT
#include "mace/ConvolutionPlan.h"

#include "equivariant/SphericalHarmonics.h"

#include <algorithm>
#include <cmath>

namespace equivariant {

template <class Real>
ConvolutionPlan<Real>::ConvolutionPlan(const MaceParameters& model, const MaceLayer& layer)
    : channels(model.numChannels) {
    if (layer.gauntConvolution)
        addGauntPaths(layer.inputLMax, model.maxEll);
    else
        addPaths(layer);
}

template <class Real> void ConvolutionPlan<Real>::addPaths(const MaceLayer& layer) {
    for (const ConvolutionPath& path : layer.paths) {
        const double factor = std::sqrt(2.0 * path.l3 + 1);
        std::vector<CouplingEntry> entries;
        for (const CouplingEntry& c : wigner3j(path.l1, path.l2, path.l3))
            entries.push_back({c.a, path.l2 * path.l2 + c.b, c.c, factor * c.value});
        const int index = static_cast<int>(paths.size());
        paths.push_back({path.l1, path.l3, index, static_cast<int>(first.size()) - 1, index, true,
                         path.l2 == 0});
        groups.push_back(path.l3);
        addCoupling(path.l1, path.l3, entries);
    }
    numFunctions = static_cast<int>(paths.size());
}

template <class Real> void ConvolutionPlan<Real>::addGauntPaths(int inputLMax, int maxEll) {
    const double root4Pi = std::sqrt(4 * 3.14159265358979323846);
    for (int l3 = 0; l3 <= maxEll; l3++) {
        bool firstOfGroup = true;
        for (int l1 = 0; l1 <= inputLMax; l1++)
            for (int l2 = std::abs(l1 - l3); l2 <= std::min(l1 + l3, maxEll); l2 += 2) {
                const double factor = root4Pi * gauntFactor(l1, l2, l3);
                std::vector<CouplingEntry> entries;
                for (const CouplingEntry& c : wigner3j(l1, l2, l3))
                    entries.push_back({c.a, l2 * l2 + c.b, c.c, factor * c.value});
                const std::pair<int, int> product = {l2, maxEll + 1 + l3};
                const auto known = std::find(factors.begin(), factors.end(), product);
                const int function = static_cast<int>(known - factors.begin());
                if (known == factors.end())
                    factors.push_back(product);
                paths.push_back({l1, l3, function, static_cast<int>(first.size()) - 1, l3,
                                 firstOfGroup, l2 == 0});
                firstOfGroup = false;
                addCoupling(l1, l3, entries);
            }
        groups.push_back(l3);
    }
    numFunctions = static_cast<int>(factors.size());
}

/// The matrix [m3][m1] of a path; a diagonal one is stored as its single entry.
template <class Real>
void ConvolutionPlan<Real>::addCoupling(int l1, int l3, const std::vector<CouplingEntry>& entries) {
    const bool isDiagonal = paths.back().isDiagonal;
    for (int m3 = 0; m3 <= (isDiagonal ? 0 : 2 * l3); m3++)
        for (int m1 = 0; m1 <= (isDiagonal ? 0 : 2 * l1); m1++) {
            for (const CouplingEntry& c : entries)
                if (c.a == m1 && c.c == m3) {
                    harmonic.push_back(c.b);
                    value.push_back(static_cast<Real>(c.value));
                }
            first.push_back(static_cast<int>(value.size()));
        }
}

template <class Real>
ValuesAndDerivatives ConvolutionPlan<Real>::functionsOf(const ValuesAndDerivatives& network) const {
    if (factors.empty())
        return network;
    const auto numDistances = network.values.cols();
    ValuesAndDerivatives result{Eigen::MatrixXd(numFunctions * channels, numDistances),
                                Eigen::MatrixXd(numFunctions * channels, numDistances)};
    for (int f = 0; f < numFunctions; f++) {
        const int a = factors[f].first * channels, b = factors[f].second * channels;
        const auto rowsOf = [this](const Eigen::MatrixXd& matrix, int row) {
            return matrix.middleRows(row, channels).array();
        };
        result.values.middleRows(f * channels, channels) =
            rowsOf(network.values, a) * rowsOf(network.values, b);
        result.derivatives.middleRows(f * channels, channels) =
            rowsOf(network.values, a) * rowsOf(network.derivatives, b) +
            rowsOf(network.derivatives, a) * rowsOf(network.values, b);
    }
    return result;
}

template struct ConvolutionPlan<float>;
template struct ConvolutionPlan<double>;

} // namespace equivariant
