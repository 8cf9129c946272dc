// SPDX-License-Identifier: MIT
#include "GauntPlans.h"

#include "equivariant/Couplings.h"
#include "equivariant/Error.h"
#include "equivariant/SphereQuadrature.h"
#include "equivariant/SphericalHarmonics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

namespace equivariant {

namespace {

/// Makes the tiles of one plan group after group.
class TileMaker {
public:
    TileMaker(GauntSparsePlan& plan, int lMax1, int lMax2, int lMaxOut)
        : plan(plan), lMax1(lMax1), lMax2(lMax2), lMaxOut(lMaxOut) {
        for (const CouplingEntry& entry : gauntCoefficients(lMax1, lMax2, lMaxOut))
            values[{{entry.a, entry.b}, entry.c}] = entry.value;
    }

    void addGroup(int i, int j, bool isSwapped) {
        GauntGroup group{i, j, isSwapped, 0, static_cast<int>(plan.tiles.size()), 0};
        makePairs(group);
        for (int parity = 0; parity < 2; parity++) {
            // Orders 0 have no sine, and i = 0 has the same outputs for i+j and j-i.
            addTiles(group, parity, 0, i + j, j == 0 ? 1 : 2);
            if (i > 0)
                addTiles(group, parity, 2, j - i, i == j ? 1 : 2);
        }
        group.numTiles = static_cast<int>(plan.tiles.size()) - group.firstTile;
        plan.groups.push_back(group);
    }

private:
    struct Pair {
        int l1, l2; ///< of the factor with order i and of the one with order j
        int index;
    };

    void makePairs(GauntGroup& group) {
        pairs.clear();
        const int uMax = group.isSwapped ? lMax2 : lMax1, vMax = group.isSwapped ? lMax1 : lMax2;
        for (int l1 = group.i; l1 <= uMax; l1++)
            for (int l2 = plan.isSymmetric && group.i == group.j ? l1 : group.j; l2 <= vMax; l2++)
                pairs.push_back({l1, l2, group.numPairs++});
    }

    double coefficient(const GauntGroup& group, const Pair& pair, int l3, int m) const {
        int a = pair.l1 * pair.l1 + pair.l1 + group.i, b = pair.l2 * pair.l2 + pair.l2 + group.j;
        if (group.isSwapped)
            std::swap(a, b);
        const auto found = values.find({{a, b}, l3 * l3 + l3 + m});
        if (found == values.end())
            return 0;
        // The kernel adds the two orders of factors, which are one where degrees and orders agree.
        const bool isTwice = plan.isSymmetric && group.i == group.j && pair.l1 == pair.l2;
        return isTwice ? found->second / 2 : found->second;
    }

    void addTiles(const GauntGroup& group, int parity, int stream, int m, int numStreams) {
        const int lowest = m + (m + parity) % 2;
        const int numDegrees = lowest > lMaxOut ? 0 : (lMaxOut - lowest) / 2 + 1;
        const int numTiles = (numDegrees + maxTileDegrees - 1) / maxTileDegrees;
        for (int t = 0; t < numTiles; t++) {
            const int begin = numDegrees * t / numTiles, end = numDegrees * (t + 1) / numTiles;
            GauntTile tile{stream,
                           numStreams,
                           static_cast<int>(plan.pairs.size()),
                           0,
                           static_cast<int>(plan.coefficients.size()),
                           lowest + 2 * begin,
                           end - begin,
                           m};
            for (const Pair& pair : pairs)
                if ((pair.l1 + pair.l2) % 2 == parity)
                    addPair(group, pair, tile);
            if (tile.numPairs > 0)
                plan.tiles.push_back(tile);
        }
    }

    void addPair(const GauntGroup& group, const Pair& pair, GauntTile& tile) {
        std::vector<double> row;
        for (int k = 0; k < tile.numDegrees; k++)
            row.push_back(coefficient(group, pair, tile.firstDegree + 2 * k, tile.m));
        if (std::all_of(row.begin(), row.end(), [](double value) { return value == 0; }))
            return;
        plan.pairs.push_back(4 * pair.index);
        plan.coefficients.insert(plan.coefficients.end(), row.begin(), row.end());
        tile.numPairs++;
    }

    GauntSparsePlan& plan;
    const int lMax1, lMax2, lMaxOut;
    std::map<std::pair<std::pair<int, int>, int>, double> values;
    std::vector<Pair> pairs; ///< of the group at hand
};

} // namespace

void checkGauntDegrees(int lMax1, int lMax2, int lMaxOut) {
    for (int l : {lMax1, lMax2, lMaxOut})
        if (l < 0 || l > maxGauntDegree)
            throw Error("a Gaunt kernel takes degrees 0 to " + std::to_string(maxGauntDegree) +
                        ", not " + std::to_string(l));
}

GauntSparsePlan::GauntSparsePlan(int lMax1, int lMax2, int lMaxOut) : isSymmetric(lMax1 == lMax2) {
    TileMaker maker(*this, lMax1, lMax2, lMaxOut);
    for (int i = 0; i <= std::max(lMax1, lMax2); i++)
        for (int j = i; j <= std::max(lMax1, lMax2); j++) {
            if (i <= lMax1 && j <= lMax2)
                maker.addGroup(i, j, false);
            if (!isSymmetric && i < j && i <= lMax2 && j <= lMax1)
                maker.addGroup(i, j, true);
        }
}

GauntGridPlan::GauntGridPlan(int exactDegree, int lMaxTables)
    : numQuarters(exactDegree / 4 + 1), lMaxTables(lMaxTables) {
    const SphereQuadrature rule = productGrid(exactDegree);
    const int longitudes = 4 * numQuarters, ruleLongitudes = exactDegree + 1;
    numLatitudes = 0;
    for (int i = 0; i < exactDegree / 2 + 1; i++) {
        const double cosine = rule.points(i * ruleLongitudes, 1);
        if (cosine < -1e-12)
            continue;
        // The equator is its own image.
        const double share = cosine < 1e-12 ? 0.5 : 1.0;
        const double weight =
            share * rule.weights[i * ruleLongitudes] * ruleLongitudes / longitudes;
        const Eigen::VectorXd harmonics = sphericalHarmonics(
            lMaxTables, {0, cosine, std::sqrt(1 - cosine * cosine)}, Normalization::Integral);
        for (int m = 0; m <= lMaxTables; m++)
            for (int l = m; l <= lMaxTables; l++) {
                theta.push_back(harmonics[l * l + l + m]);
                analysis.push_back(weight * theta.back());
            }
        numLatitudes++;
    }
    for (int quarter = 0; quarter < numQuarters; quarter++)
        for (int m = 0; m <= lMaxTables; m++) {
            const double phi = 2 * std::acos(-1.0) * (quarter + 0.5) / longitudes;
            cosines.push_back(std::cos(m * phi));
            sines.push_back(std::sin(m * phi));
        }
}

std::size_t countSparseOperations(const GauntSparsePlan& plan) {
    std::size_t count = 0;
    for (const GauntGroup& group : plan.groups) {
        const int products = group.j == 0 ? 1 : group.i == 0 ? 2 : 4;
        const int sums = group.i == 0 ? 0 : group.i == group.j ? 3 : 4;
        count += group.numPairs * ((plan.isSymmetric ? 2 : 1) * products + sums);
    }
    for (const GauntTile& tile : plan.tiles)
        count += tile.numStreams * tile.numDegrees * (tile.numPairs + 1);
    return count;
}

std::size_t countGridOperations(int lMax1, int lMax2, int lMaxOut) {
    const int degree = lMax1 + lMax2 + lMaxOut;
    const std::size_t quarters = degree / 4 + 1, latitudes = (degree / 2 + 2) / 2;
    std::size_t perLatitude = 8 * quarters;
    for (int lMax : {lMax1, lMax2, lMaxOut})
        perLatitude += (lMax + 1) * (lMax + 1) + 4 * (lMax + 1) + quarters * (4 * (lMax + 1) + 24);
    return latitudes * perLatitude;
}

} // namespace equivariant
