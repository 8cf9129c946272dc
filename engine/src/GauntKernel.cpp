// SPDX-License-Identifier: MIT
#include "equivariant/GauntKernel.h"

#include "GauntPlans.h"
#include "Packed.h"
#include "equivariant/Error.h"
#include "kernels/Kernels.h"

#include <algorithm>
#include <optional>
#include <string>

namespace equivariant {

namespace {

bool isSparsePossible(int lMax1, int lMax2) {
    return (lMax1 + 1) * (lMax2 + 1) <= maxSparsePairs;
}

GauntMethod cheapest(int lMax1, int lMax2, int lMaxOut) {
    checkGauntDegrees(lMax1, lMax2, lMaxOut);
    if (!isSparsePossible(lMax1, lMax2))
        return GauntMethod::Grid;
    const GauntSparsePlan plan(lMax1, lMax2, lMaxOut);
    // An operation of the grid takes a third longer, measured with AVX-512: more of its operands
    // come from memory.
    return 3 * countSparseOperations(plan) <= 4 * countGridOperations(lMax1, lMax2, lMaxOut)
               ? GauntMethod::Sparse
               : GauntMethod::Grid;
}

template <class Real> struct SparseTables {
    explicit SparseTables(GauntSparsePlan from)
        : coefficients(from.coefficients.begin(), from.coefficients.end()), plan(std::move(from)) {}
    std::vector<Real> coefficients;
    GauntSparsePlan plan;
};

} // namespace

template <class Real> class GauntKernel<Real>::Implementation {
public:
    Implementation(int lMax1, int lMax2, int lMaxOut, GauntMethod method)
        : lMax1(lMax1), lMax2(lMax2), lMaxOut(lMaxOut), kernels(getKernels<Real>()) {
        checkGauntDegrees(lMax1, lMax2, lMaxOut);
        if (method == GauntMethod::Fourier)
            throw Error("a Gaunt kernel has no Fourier method; use sparse or grid");
        if (method == GauntMethod::Grid)
            grid.emplace(GauntGridPlan(lMax1 + lMax2 + lMaxOut, std::max({lMax1, lMax2, lMaxOut})));
        else if (isSparsePossible(lMax1, lMax2))
            sparse.emplace(GauntSparsePlan(lMax1, lMax2, lMaxOut));
        else
            throw Error("degrees " + std::to_string(lMax1) + " and " + std::to_string(lMax2) +
                        " are too high for a sparse Gaunt kernel; use the grid");
    }

    GauntSparseArgs<Real> sparseArgs(std::size_t numBlocks) const {
        GauntSparseArgs<Real> args{};
        args.numBlocks = static_cast<int>(numBlocks);
        args.lMax1 = lMax1;
        args.lMax2 = lMax2;
        args.lMaxOut = lMaxOut;
        args.isSymmetric = sparse->plan.isSymmetric;
        args.numGroups = static_cast<int>(sparse->plan.groups.size());
        args.groups = sparse->plan.groups.data();
        args.tiles = sparse->plan.tiles.data();
        args.pairs = sparse->plan.pairs.data();
        args.coefficients = sparse->coefficients.data();
        return args;
    }

    GauntGridArgs<Real> gridArgs(std::size_t numBlocks, Real* scratch) const {
        GauntGridArgs<Real> args{};
        args.numBlocks = static_cast<int>(numBlocks);
        args.lMax1 = lMax1;
        args.lMax2 = lMax2;
        args.lMaxOut = lMaxOut;
        args.grid = grid->view(scratch);
        return args;
    }

    VectorArray<Real> makeScratch() const {
        return VectorArray<Real>(kernels.lanes * gauntGridScratch(grid->numLatitudes,
                                                                  grid->numQuarters,
                                                                  grid->lMaxTables, 2));
    }

    const int lMax1, lMax2, lMaxOut;
    const Kernels<Real>& kernels;
    std::optional<SparseTables<Real>> sparse;
    std::optional<GauntGridTables<Real>> grid;
};

template <class Real>
GauntKernel<Real>::GauntKernel(int lMax1, int lMax2, int lMaxOut)
    : GauntKernel(lMax1, lMax2, lMaxOut, cheapest(lMax1, lMax2, lMaxOut)) {}

template <class Real>
GauntKernel<Real>::GauntKernel(int lMax1, int lMax2, int lMaxOut, GauntMethod method)
    : implementation(new Implementation(lMax1, lMax2, lMaxOut, method)) {}

template <class Real> GauntKernel<Real>::~GauntKernel() = default;

template <class Real>
void GauntKernel<Real>::multiply(std::size_t numBlocks, const Real* x, const Real* y,
                                 Real* z) const {
    const auto run = [&](auto args, auto kernel) {
        args.x = x;
        args.y = y;
        args.z = z;
        kernel(args);
    };
    const GauntKernels<Real>& kernels = implementation->kernels.gaunt();
    if (implementation->sparse)
        return run(implementation->sparseArgs(numBlocks), kernels.sparse);
    VectorArray<Real> scratch = implementation->makeScratch();
    run(implementation->gridArgs(numBlocks, scratch.data()), kernels.grid);
}

template <class Real>
void GauntKernel<Real>::pullBack(std::size_t numBlocks, const Real* x, const Real* y,
                                 const Real* zAdjoint, Real* xAdjoint, Real* yAdjoint) const {
    const auto run = [&](auto args, auto kernel) {
        args.x = x;
        args.y = y;
        args.zAdjoint = zAdjoint;
        args.xAdjoint = xAdjoint;
        args.yAdjoint = yAdjoint;
        kernel(args);
    };
    const GauntKernels<Real>& kernels = implementation->kernels.gaunt();
    if (implementation->sparse)
        return run(implementation->sparseArgs(numBlocks), kernels.sparseBack);
    VectorArray<Real> scratch = implementation->makeScratch();
    run(implementation->gridArgs(numBlocks, scratch.data()), kernels.gridBack);
}

template <class Real> int GauntKernel<Real>::getNumLanes() const {
    return implementation->kernels.lanes;
}

template <class Real> GauntMethod GauntKernel<Real>::getMethod() const {
    return implementation->sparse ? GauntMethod::Sparse : GauntMethod::Grid;
}

template <class Real>
std::size_t GauntKernel<Real>::countOperations(int lMax1, int lMax2, int lMaxOut,
                                               GauntMethod method) {
    return method == GauntMethod::Sparse
               ? countSparseOperations(GauntSparsePlan(lMax1, lMax2, lMaxOut))
               : countGridOperations(lMax1, lMax2, lMaxOut);
}

template class GauntKernel<float>;
template class GauntKernel<double>;

} // namespace equivariant
