// SPDX-License-Identifier: MIT
#include "Monomials.h"

#include <cmath>

namespace equivariant::one_connection_rule {

void Block::add(const Exponents& exponents) {
    indices[exponents] = size();
    monomials.push_back(exponents);
}

namespace {

/// Distributes what is left of the degree on the variables from `first` on.
void addMonomials(int n, int left, std::size_t first, Exponents& exponents,
                  std::map<Multidegree, Block>& blocks) {
    if (left == 0) {
        blocks[multidegreeOf(n, exponents)].add(exponents);
        return;
    }
    for (std::size_t variable = first; variable < exponents.size(); variable++) {
        exponents[variable]++;
        addMonomials(n, left - 1, variable, exponents, blocks);
        exponents[variable]--;
    }
}

} // namespace

std::map<Multidegree, Block> makeBlocks(int n, int degree) {
    std::map<Multidegree, Block> blocks;
    Exponents exponents(n * (n + 1) / 2, 0);
    addMonomials(n, degree, 0, exponents, blocks);
    return blocks;
}

double countMonomials(int n, int degree) {
    double count = 1;
    for (int k = 1; k <= degree; k++)
        count *= (n * (n + 1) / 2.0 + k - 1) / k;
    return std::round(count);
}

Multidegree multidegreeOf(int n, const Exponents& exponents) {
    Multidegree degrees(n, 0);
    std::size_t variable = 0;
    for (int i = 0; i < n; i++)
        for (int j = i; j < n; j++, variable++) {
            degrees[i] += static_cast<int>(exponents[variable]);
            degrees[j] += static_cast<int>(exponents[variable]);
        }
    return degrees;
}

} // namespace equivariant::one_connection_rule
