// SPDX-License-Identifier: MIT
#include "equivariant/Couplings.h"
#include "equivariant/SphericalHarmonics.h"
#include "support/Compare.h"
#include "support/Golden.h"

#include <map>

using namespace equivariant;
using test::close;

namespace {

double lookUp(const std::vector<CouplingEntry>& entries, int a, int b, int c) {
    for (const CouplingEntry& entry : entries)
        if (entry.a == a && entry.b == b && entry.c == c)
            return entry.value;
    return 0;
}

int packed(int l, int m) {
    return l * l + l + m;
}

} // namespace

TEST(Gaunt, EqualsTheExactRationalTable) {
    const auto table = test::readJson(test::goldenPath("gaunt/real_gaunt_exact_L4.json"));
    std::map<std::array<int, 3>, double> expected;
    for (const auto& row : table.at("rows")) {
        const int a = packed(row[0], row[1]), b = packed(row[2], row[3]),
                  c = packed(row[4], row[5]);
        const double value =
            row[6].get<double>() * std::sqrt(row[7].get<double>() / row[8].get<double>() / M_PI);
        expected[{a, b, c}] = value;
        expected[{b, a, c}] = value;
    }
    ASSERT_GT(expected.size(), 1181u);
    const auto found = gauntCoefficients(4, 4, 8);
    EXPECT_EQ(found.size(), expected.size()); // zeros are exact: none is missing, none is extra
    for (const CouplingEntry& entry : found)
        EXPECT_TRUE(close(entry.value, expected.at({entry.a, entry.b, entry.c}), 1e-14))
            << entry.a << " " << entry.b << " " << entry.c;
}

TEST(Wigner3j, IsOrthogonalToDegreeEight) {
    // Sum over a, b of C_abc C_abc' = delta_cc' / (2 l3 + 1).
    for (int l1 = 0; l1 <= 8; l1++)
        for (int l2 = 0; l2 <= 8; l2++)
            for (int l3 = std::abs(l1 - l2); l3 <= std::min(l1 + l2, 8); l3++) {
                std::vector<double> gram((2 * l3 + 1) * (2 * l3 + 1), 0.0);
                std::map<std::pair<int, int>, std::vector<std::pair<int, double>>> byPair;
                for (const CouplingEntry& entry : wigner3j(l1, l2, l3))
                    byPair[{entry.a, entry.b}].emplace_back(entry.c, entry.value);
                for (const auto& item : byPair)
                    for (const auto& [c, u] : item.second)
                        for (const auto& [d, v] : item.second)
                            gram[c * (2 * l3 + 1) + d] += u * v;
                for (int c = 0; c <= 2 * l3; c++)
                    for (int d = 0; d <= 2 * l3; d++)
                        EXPECT_NEAR(gram[c * (2 * l3 + 1) + d], c == d ? 1.0 / (2 * l3 + 1) : 0,
                                    1e-14);
            }
}

TEST(Wigner3j, PermutesItsAxes) {
    for (int l1 = 0; l1 <= 4; l1++)
        for (int l2 = 0; l2 <= 4; l2++)
            for (int l3 = std::abs(l1 - l2); l3 <= std::min(l1 + l2, 4); l3++) {
                const double odd = (l1 + l2 + l3) % 2 == 0 ? 1 : -1;
                if (l1 == l2 || l2 == l3 || l1 == l3)
                    continue; // equal axes: fixed by the tensor's own symmetry
                for (const CouplingEntry& entry : wigner3j(l1, l2, l3)) {
                    EXPECT_NEAR(lookUp(wigner3j(l2, l1, l3), entry.b, entry.a, entry.c),
                                odd * entry.value, 1e-15);
                    EXPECT_NEAR(lookUp(wigner3j(l2, l3, l1), entry.b, entry.c, entry.a),
                                entry.value, 1e-15);
                }
            }
}

TEST(Wigner3j, TimesTheFactorIsGaunt) {
    const auto table = test::readJson(test::goldenPath("gaunt/gaunt_over_w3j_factor_L6.json"));
    int count = 0;
    for (const auto& row : table.at("rows")) {
        const double factor = std::sqrt(row[3].get<double>() / row[4].get<double>() / M_PI);
        EXPECT_TRUE(close(gauntFactor(row[0], row[1], row[2]), factor, 1e-14)) << row.dump();
        count++;
    }
    EXPECT_GT(count, 50);
}

TEST(Gaunt, WithAConstantIsTheIdentity) {
    // Y_00 = 1/sqrt(4 pi), so that G(00, b, c) = delta_bc / sqrt(4 pi).
    const auto found = gauntCoefficients(0, 8, 8);
    EXPECT_EQ(found.size(), 81u);
    for (const CouplingEntry& entry : found) {
        EXPECT_EQ(entry.b, entry.c);
        EXPECT_TRUE(close(entry.value, 1 / std::sqrt(4 * M_PI), 1e-14));
    }
}

TEST(Gaunt, IsTotallySymmetricToDegreeEight) {
    std::map<std::array<int, 3>, double> values;
    for (const CouplingEntry& entry : gauntCoefficients(8, 8, 8))
        values[{entry.a, entry.b, entry.c}] = entry.value;
    ASSERT_EQ(values.size(), 23621u); // counted from the selection rules
    for (const auto& [key, value] : values) {
        const auto [a, b, c] = key;
        EXPECT_TRUE(close(values.at({b, a, c}), value, 1e-14));
        EXPECT_TRUE(close(values.at({b, c, a}), value, 1e-14));
    }
}

TEST(UTensor, EqualsE3nnsCouplings) {
    int tensors = 0;
    for (int lMax = 1; lMax <= 3; lMax++)
        for (int degree = 1; degree <= 4; degree++)
            for (int L = 0; L <= 1; L++) {
                const std::string path =
                    test::goldenPath("mace/U_l" + std::to_string(lMax) + "_nu" +
                                     std::to_string(degree) + "_L" + std::to_string(L) + ".json");
                if (!std::filesystem::exists(path))
                    continue;
                tensors++;
                const auto golden = test::readJson(path);
                std::map<std::vector<int>, double> expected;
                for (std::size_t i = 0; i < golden.at("index").size(); i++)
                    expected[golden["index"][i].get<std::vector<int>>()] = golden["value"][i];
                const UTensor u = uTensor(lMax, degree, L);
                EXPECT_EQ(u.numPaths, golden.at("shape").back().get<int>()) << path;
                EXPECT_EQ(u.entries.size(), expected.size()) << path;
                for (const UTensorEntry& entry : u.entries) {
                    std::vector<int> key = entry.lm;
                    if (L > 0)
                        key.insert(key.begin(), entry.M);
                    key.push_back(entry.path);
                    ASSERT_EQ(expected.count(key), 1u) << path;
                    EXPECT_NEAR(entry.value, expected[key], 1e-14) << path;
                }
            }
    EXPECT_EQ(tensors, 16);
}
