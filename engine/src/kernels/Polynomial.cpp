// SPDX-License-Identifier: MIT
#include "Kernels.h"
#include "Simd.h"

namespace equivariant::EQUIVARIANT_ISA {

namespace {

constexpr int maxVariables = 81; // degrees up to 8, what model files allow

/// Several rows of one block of channels: they share the walk through the trie and the
/// coefficients, and their chains of additions run side by side.
template <class Real, int rows> struct Point {
    Vec<Real> x[maxVariables][rows];
    Vec<Real> adjoint[maxVariables][rows];
    const PolynomialNode* nodes;
    const Real* coefficients;
};

/// value[] of the node's trie; `depth` is how many factors its longest term has.
template <int depth, class Real, int rows>
EQUIVARIANT_INLINE void evaluateNode(const Point<Real, rows>& point, int index, Vec<Real>* value) {
    const PolynomialNode& node = point.nodes[index];
    const Vec<Real> own = load(point.coefficients + std::size_t(index) * lanes<Real>);
    for (int r = 0; r < rows; r++)
        value[r] = own;
    for (int c = node.firstChild; c < node.firstChild + node.numChildren; c++) {
        const Vec<Real>* x = point.x[point.nodes[c].variable];
        if constexpr (depth > 1) {
            Vec<Real> child[rows];
            evaluateNode<depth - 1>(point, c, child);
            for (int r = 0; r < rows; r++)
                value[r] += x[r] * child[r];
        } else {
            const Vec<Real> child = load(point.coefficients + std::size_t(c) * lanes<Real>);
            for (int r = 0; r < rows; r++)
                value[r] += x[r] * child;
        }
    }
}

/// The same, and adds to the adjoints of the variables; `product` is the output's adjoint times the
/// variables on the way to the node.
template <int depth, class Real, int rows>
EQUIVARIANT_INLINE void pullBackNode(Point<Real, rows>& point, int index, const Vec<Real>* product,
                                     Vec<Real>* value) {
    const PolynomialNode& node = point.nodes[index];
    const Vec<Real> own = load(point.coefficients + std::size_t(index) * lanes<Real>);
    for (int r = 0; r < rows; r++)
        value[r] = own;
    for (int c = node.firstChild; c < node.firstChild + node.numChildren; c++) {
        const int variable = point.nodes[c].variable;
        const Vec<Real>* x = point.x[variable];
        Vec<Real>* adjoint = point.adjoint[variable];
        if constexpr (depth > 1) {
            Vec<Real> child[rows], next[rows];
            for (int r = 0; r < rows; r++)
                next[r] = product[r] * x[r];
            pullBackNode<depth - 1>(point, c, next, child);
            for (int r = 0; r < rows; r++) {
                value[r] += x[r] * child[r];
                adjoint[r] += product[r] * child[r];
            }
        } else {
            const Vec<Real> child = load(point.coefficients + std::size_t(c) * lanes<Real>);
            for (int r = 0; r < rows; r++) {
                value[r] += x[r] * child;
                adjoint[r] += product[r] * child;
            }
        }
    }
}

template <class Real>
EQUIVARIANT_INLINE std::size_t offsetOf(std::size_t stride, int l, int block, int row) {
    return block * stride + std::size_t(row) * (2 * l + 1) * lanes<Real>;
}

template <class Real, int rows>
EQUIVARIANT_INLINE void startPoint(const PolynomialArgs<Real>& args, int block, int row,
                                   Point<Real, rows>& point) {
    point.nodes = args.nodes;
    point.coefficients = args.coefficients + block * args.coefficientStride;
    for (int l = 0; l <= args.lMax; l++)
        for (int r = 0; r < rows; r++) {
            const Real* x = args.x[l].data + offsetOf<Real>(args.x[l].stride, l, block, row + r);
            for (int m = 0; m <= 2 * l; m++)
                point.x[l * l + m][r] = load(x + m * lanes<Real>);
        }
}

template <int depth, class Real, int rows>
void forward(const PolynomialArgs<Real>& args, int block, int row) {
    Point<Real, rows> point;
    startPoint(args, block, row, point);
    for (int L = 0; L <= args.outputLMax; L++)
        for (int m = 0; m <= 2 * L; m++) {
            Vec<Real> value[rows];
            evaluateNode<depth>(point, L * L + m, value);
            for (int r = 0; r < rows; r++)
                store(args.outputs[L].data +
                          offsetOf<Real>(args.outputs[L].stride, L, block, row + r) +
                          m * lanes<Real>,
                      value[r]);
        }
}

template <int depth, class Real, int rows>
void reverse(const PolynomialArgs<Real>& args, int block, int row) {
    Point<Real, rows> point;
    startPoint(args, block, row, point);
    for (int i = 0; i < (args.lMax + 1) * (args.lMax + 1); i++)
        for (int r = 0; r < rows; r++)
            point.adjoint[i][r] = broadcast(Real(0));
    for (int L = 0; L <= args.outputLMax; L++)
        for (int m = 0; m <= 2 * L; m++) {
            Vec<Real> adjoint[rows], value[rows];
            for (int r = 0; r < rows; r++)
                adjoint[r] = load(args.outputAdjoints[L].data +
                                  offsetOf<Real>(args.outputAdjoints[L].stride, L, block, row + r) +
                                  m * lanes<Real>);
            pullBackNode<depth>(point, L * L + m, adjoint, value);
        }
    for (int l = 0; l <= args.lMax; l++)
        for (int r = 0; r < rows; r++) {
            Real* out = args.xAdjoints[l].data +
                        offsetOf<Real>(args.xAdjoints[l].stride, l, block, row + r);
            for (int m = 0; m <= 2 * l; m++)
                store(out + m * lanes<Real>, point.adjoint[l * l + m][r]);
        }
}

template <int depth, bool isForward, class Real> void walk(const PolynomialArgs<Real>& args) {
    constexpr int rows = 2;
    for (int block = 0; block < args.channelBlocks; block++) {
        int row = args.firstRow;
        const int end = args.firstRow + args.numRows;
        for (; row + rows <= end; row += rows)
            if constexpr (isForward)
                forward<depth, Real, rows>(args, block, row);
            else
                reverse<depth, Real, rows>(args, block, row);
        for (; row < end; row++)
            if constexpr (isForward)
                forward<depth, Real, 1>(args, block, row);
            else
                reverse<depth, Real, 1>(args, block, row);
    }
}

template <bool isForward, class Real> void walkDepth(const PolynomialArgs<Real>& args) {
    switch (args.depth) {
    case 1:
        return walk<1, isForward>(args);
    case 2:
        return walk<2, isForward>(args);
    case 3:
        return walk<3, isForward>(args);
    default:
        return walk<4, isForward>(args);
    }
}

} // namespace

template <class Real> void polynomial(const PolynomialArgs<Real>& args) {
    walkDepth<true>(args);
}

template <class Real> void polynomialBack(const PolynomialArgs<Real>& args) {
    walkDepth<false>(args);
}

template void polynomial(const PolynomialArgs<float>&);
template void polynomial(const PolynomialArgs<double>&);
template void polynomialBack(const PolynomialArgs<float>&);
template void polynomialBack(const PolynomialArgs<double>&);

} // namespace equivariant::EQUIVARIANT_ISA
