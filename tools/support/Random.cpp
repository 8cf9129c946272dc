// SPDX-License-Identifier: MIT
#include "Random.h"

#include <Random123/philox.h>
#include <cmath>
#include <numeric>
#include <utility>

namespace equivariant::support {

Random::Random(std::uint64_t seed, std::uint64_t stream, std::uint64_t substream)
    : block{}, key{seed, stream}, substream(substream) {}

std::uint64_t Random::bits() {
    if (used == 4) {
        const r123::Philox4x64::ctr_type counter = {{numBlocks++, substream, 0, 0}};
        const r123::Philox4x64::ukey_type keys = {{key[0], key[1]}};
        const auto numbers = r123::Philox4x64()(counter, keys);
        for (int i = 0; i < 4; i++)
            block[i] = numbers[i];
        used = 0;
    }
    return block[used++];
}

double Random::uniform() {
    return static_cast<double>(bits() >> 11) * 0x1p-53;
}

double Random::normal() {
    if (!std::isnan(spare))
        return std::exchange(spare, std::numeric_limits<double>::quiet_NaN());
    const double radius = std::sqrt(-2 * std::log1p(-uniform()));
    const double angle = 2 * M_PI * uniform();
    spare = radius * std::sin(angle);
    return radius * std::cos(angle);
}

std::int64_t Random::below(std::int64_t count) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    const auto range = static_cast<std::uint64_t>(count);
    const std::uint64_t excess = (most % range + 1) % range; // numbers too many for equal shares
    std::uint64_t number = bits();
    while (number > most - excess)
        number = bits();
    return static_cast<std::int64_t>(number % range);
}

double Random::sign() {
    return bits() >> 63 ? 1 : -1;
}

std::vector<int> Random::permutation(int count) {
    std::vector<int> order(count);
    std::iota(order.begin(), order.end(), 0);
    for (int i = count - 1; i > 0; i--) // not std::shuffle, which differs between libraries
        std::swap(order[i], order[below(i + 1)]);
    return order;
}

Matrix Random::normalMatrix(Eigen::Index rows, Eigen::Index columns) {
    Matrix matrix(rows, columns);
    for (Eigen::Index i = 0; i < matrix.size(); i++)
        matrix.data()[i] = normal();
    return matrix;
}

Eigen::VectorXd Random::normalVector(Eigen::Index size) {
    return normalMatrix(size, 1);
}

} // namespace equivariant::support
