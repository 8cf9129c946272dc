// SPDX-License-Identifier: MIT
#include "GauntPlans.h"
#include "Packed.h"
#include "equivariant/Error.h"
#include "equivariant/GauntKernel.h"
#include "kernels/Kernels.h"

#include <algorithm>
#include <string>

namespace equivariant {

namespace {

GauntGridPlan makePlan(int lMax, int lMaxOut, int degree) {
    constexpr int maxTotal = 80;
    if (lMax < 0 || lMax > maxGauntDegree || lMaxOut < 0 || lMaxOut > maxGauntDegree ||
        degree < 2 || degree > maxTotal || degree * lMax + lMaxOut > maxTotal)
        throw Error("powers up to " + std::to_string(degree) + " of degree " +
                    std::to_string(lMax) + " cut off at " + std::to_string(lMaxOut) +
                    " are out of range");
    return GauntGridPlan(degree * lMax + lMaxOut, std::max(lMax, lMaxOut));
}

} // namespace

template <class Real> class GauntPowers<Real>::Implementation {
public:
    Implementation(int lMax, int lMaxOut, int degree)
        : lMax(lMax), lMaxOut(lMaxOut), degree(degree), kernels(getKernels<Real>()),
          tables(makePlan(lMax, lMaxOut, degree)) {}

    GauntPowerArgs<Real> args(std::size_t numBlocks, Real* scratch) const {
        GauntPowerArgs<Real> args{};
        args.numBlocks = static_cast<int>(numBlocks);
        args.lMax = lMax;
        args.lMaxOut = lMaxOut;
        args.degree = degree;
        args.grid = tables.view(scratch);
        return args;
    }

    VectorArray<Real> makeScratch() const {
        return VectorArray<Real>(kernels.lanes * gauntGridScratch(tables.numLatitudes,
                                                                  tables.numQuarters,
                                                                  tables.lMaxTables, degree - 1));
    }

    const int lMax, lMaxOut, degree;
    const Kernels<Real>& kernels;
    const GauntGridTables<Real> tables;
};

template <class Real>
GauntPowers<Real>::GauntPowers(int lMax, int lMaxOut, int degree)
    : implementation(new Implementation(lMax, lMaxOut, degree)) {}

template <class Real> GauntPowers<Real>::~GauntPowers() = default;

template <class Real>
void GauntPowers<Real>::evaluate(std::size_t numBlocks, const Real* x, Real* z) const {
    VectorArray<Real> scratch = implementation->makeScratch();
    GauntPowerArgs<Real> args = implementation->args(numBlocks, scratch.data());
    args.x = x;
    args.z = z;
    implementation->kernels.gaunt().powers(args);
}

template <class Real>
void GauntPowers<Real>::pullBack(std::size_t numBlocks, const Real* x, const Real* zAdjoint,
                                 Real* xAdjoint) const {
    VectorArray<Real> scratch = implementation->makeScratch();
    GauntPowerArgs<Real> args = implementation->args(numBlocks, scratch.data());
    args.x = x;
    args.zAdjoint = zAdjoint;
    args.xAdjoint = xAdjoint;
    implementation->kernels.gaunt().powersBack(args);
}

template <class Real> int GauntPowers<Real>::getNumLanes() const {
    return implementation->kernels.lanes;
}

template class GauntPowers<float>;
template class GauntPowers<double>;

} // namespace equivariant
