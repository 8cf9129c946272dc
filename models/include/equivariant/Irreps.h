// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace equivariant {

/// One block of an irreps string: so many copies of degree l with parity +1 (e) or -1 (o).
struct Irrep {
    int multiplicity, l, parity;
};

/// Parses a string like "128x0e+128x1o". Throws Error naming the string.
std::vector<Irrep> parseIrreps(const std::string& text);

/// The contrary.
std::string formatIrreps(const std::vector<Irrep>& irreps);

/// Checks that a feature has degrees 0, 1, … with natural parity (-1)^l and one multiplicity, and
/// returns its highest degree. Throws Error naming `name` if not, or if there are not `channels`
/// copies.
int requireUniformIrreps(const std::string& text, int channels, const std::string& name);

} // namespace equivariant
