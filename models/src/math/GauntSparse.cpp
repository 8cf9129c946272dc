// SPDX-License-Identifier: MIT
//
// Sum over the nonzero coefficients, the cheapest way for one product up to L = 4.
#include "GauntMethods.h"
#include "SphereValues.h"
#include "equivariant/SphericalHarmonics.h"

#include <algorithm>
#include <cmath>

namespace equivariant {

namespace {

class SparseGaunt : public GauntTensorProduct::Map {
public:
    SparseGaunt(int lMaxOut, std::vector<CouplingEntry> entries)
        : lMaxOut(lMaxOut), entries(std::move(entries)) {}

    Features multiply(const Features& x, const Features& y) const override {
        Features z = Features::Zero(numHarmonics(lMaxOut), x.cols());
        for (const CouplingEntry& entry : entries)
            z.row(entry.c).array() += entry.value * x.row(entry.a).array() * y.row(entry.b).array();
        return z;
    }

private:
    int lMaxOut;
    std::vector<CouplingEntry> entries;
};

/// The ratio of the curl product's coefficients to the 3j of three degrees (they are proportional
/// by the Wigner-Eckart theorem), from one integral over the sphere.
double curlFactor(int l1, int l2, int l3) {
    const auto& couplings = wigner3j(l1, l2, l3);
    const auto largest =
        std::max_element(couplings.begin(), couplings.end(), [](const auto& a, const auto& b) {
            return std::abs(a.value) < std::abs(b.value);
        });
    const SphereQuadrature rule = productGrid(l1 + l2 + l3);
    const SphereValues first(rule, l1), second(rule, l2), third(rule, l3);
    const auto column = [](const SphereValues& harmonics, int lm) {
        return std::array<Eigen::MatrixXd, 3>{harmonics.gradients[0].col(lm),
                                              harmonics.gradients[1].col(lm),
                                              harmonics.gradients[2].col(lm)};
    };
    const Eigen::VectorXd bracket = curlProduct(rule, column(first, l1 * l1 + largest->a),
                                                column(second, l2 * l2 + largest->b));
    const double integral =
        (bracket.array() * third.values.col(l3 * l3 + largest->c).array() * rule.weights.array())
            .sum();
    return integral / largest->value;
}

} // namespace

std::vector<CouplingEntry> curlCoefficients(int lMax1, int lMax2, int lMaxOut) {
    std::vector<CouplingEntry> entries;
    for (int l1 = 1; l1 <= lMax1; l1++)
        for (int l2 = 1; l2 <= lMax2; l2++)
            for (int l3 = 1; l3 <= lMaxOut; l3++) {
                if ((l1 + l2 + l3) % 2 == 0 || !isTriangle(l1, l2, l3))
                    continue;
                const double factor = curlFactor(l1, l2, l3);
                for (const CouplingEntry& entry : wigner3j(l1, l2, l3))
                    entries.push_back({l1 * l1 + entry.a, l2 * l2 + entry.b, l3 * l3 + entry.c,
                                       factor * entry.value});
            }
    return entries;
}

std::shared_ptr<const GauntTensorProduct::Map> makeSparseGaunt(int lMax1, int lMax2, int lMaxOut,
                                                               GauntParity parity) {
    return std::make_shared<SparseGaunt>(lMaxOut, parity == GauntParity::Odd
                                                      ? curlCoefficients(lMax1, lMax2, lMaxOut)
                                                      : gauntCoefficients(lMax1, lMax2, lMaxOut));
}

} // namespace equivariant
