// SPDX-License-Identifier: MIT
#pragma once

#include "Polynomial.h"

#include <map>

namespace equivariant::one_connection_rule {

/// How often each vertex is an index of a monomial in the covariances.
using Multidegree = std::vector<int>;

/// The monomials of one multidegree.
class Block {
public:
    void add(const Exponents& exponents);

    int size() const { return static_cast<int>(monomials.size()); }
    const Exponents& operator[](int index) const { return monomials[index]; }
    int find(const Exponents& exponents) const { return indices.at(exponents); }

private:
    std::vector<Exponents> monomials;
    std::map<Exponents, int> indices;
};

/// All monomials of a degree in the covariances of n variables, by multidegree.
std::map<Multidegree, Block> makeBlocks(int n, int degree);

/// Number of monomials of a degree.
double countMonomials(int n, int degree);

Multidegree multidegreeOf(int n, const Exponents& exponents);

} // namespace equivariant::one_connection_rule
