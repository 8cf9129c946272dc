// SPDX-License-Identifier: MIT
#include "Hadamard.h"

namespace equivariant::linf_sketched_regression {

namespace {

using Eigen::Index;

/// The first two of the log2(rows) steps: four quarters at once, to pass over memory half as often.
void combineQuarters(double* data, Index quarter) {
    double *a = data, *b = a + quarter, *c = b + quarter, *d = c + quarter;
    for (Index i = 0; i < quarter; i++) {
        const double ac = a[i] + c[i], ca = a[i] - c[i], bd = b[i] + d[i], db = b[i] - d[i];
        a[i] = ac + bd;
        b[i] = ac - bd;
        c[i] = ca + db;
        d[i] = ca - db;
    }
}

} // namespace

Index nextPowerOfTwo(Index n) {
    Index power = 1;
    while (power < n)
        power *= 2;
    return power;
}

void hadamardTransform(double* data, Index rows, Index width) {
    // Depth first, so that all that fits into a cache is done while it is there.
    if (rows >= 4) {
        const Index quarter = rows / 4 * width;
        combineQuarters(data, quarter);
        for (int k = 0; k < 4; k++)
            hadamardTransform(data + k * quarter, rows / 4, width);
    } else if (rows == 2) {
        for (Index i = 0; i < width; i++) {
            const double sum = data[i] + data[i + width];
            data[i + width] = data[i] - data[i + width];
            data[i] = sum;
        }
    }
}

} // namespace equivariant::linf_sketched_regression
