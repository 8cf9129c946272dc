// SPDX-License-Identifier: MIT
//
// Tables of the Gaunt kernels, in double; rounded once when they are copied to Real.
#pragma once

#include "kernels/GauntKernels.h"

#include <cstddef>
#include <vector>

namespace equivariant {

/// Throws Error for a degree that no kernel has.
void checkGauntDegrees(int lMax1, int lMax2, int lMaxOut);

/// What GauntSparseArgs asks for.
struct GauntSparsePlan {
    GauntSparsePlan(int lMax1, int lMax2, int lMaxOut);

    bool isSymmetric;
    std::vector<GauntGroup> groups;
    std::vector<GauntTile> tiles;
    std::vector<int> pairs;
    std::vector<double> coefficients;
};

/// Tables of a grid that integrates products of total degree `exactDegree`.
struct GauntGridPlan {
    GauntGridPlan(int exactDegree, int lMaxTables);

    int numLatitudes, numQuarters, lMaxTables;
    std::vector<double> theta, analysis, cosines, sines;
};

/// The same in the kernels' precision.
template <class Real> struct GauntGridTables {
    explicit GauntGridTables(const GauntGridPlan& plan)
        : numLatitudes(plan.numLatitudes), numQuarters(plan.numQuarters),
          lMaxTables(plan.lMaxTables), theta(plan.theta.begin(), plan.theta.end()),
          analysis(plan.analysis.begin(), plan.analysis.end()),
          cosines(plan.cosines.begin(), plan.cosines.end()),
          sines(plan.sines.begin(), plan.sines.end()) {}

    GauntGrid<Real> view(Real* scratch) const {
        return {numLatitudes,   numQuarters,  lMaxTables,      theta.data(),
                cosines.data(), sines.data(), analysis.data(), scratch};
    }

    int numLatitudes, numQuarters, lMaxTables;
    std::vector<Real> theta, analysis, cosines, sines;
};

/// Vector operations of one block.
std::size_t countSparseOperations(const GauntSparsePlan& plan);
std::size_t countGridOperations(int lMax1, int lMax2, int lMaxOut);

} // namespace equivariant
