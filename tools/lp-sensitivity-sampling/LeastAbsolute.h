// SPDX-License-Identifier: MIT
//
// The linear programs of p = 1, by the simplex method of CLP on their duals: as many rows as A has
// columns, and a bounded variable for each row of A.
#pragma once

#include "SliceMinimum.h"

#include <memory>

namespace equivariant::lp_sensitivity_sampling {

/// The slice minimum for p = 1 and one row after the other, each program starting from the last.
class AbsoluteSlices {
public:
    /// @param q  of full column rank
    explicit AbsoluteSlices(const MatrixView& q);
    ~AbsoluteSlices();

    /// As minimiseOnSlice(). Throws Error if the solver fails.
    SliceMinimum minimise(const VectorView& u);

private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation;
};

/// argmin_x sum_i weights_i |a_i x - b_i|, [columns]. Throws Error for sizes that differ, numbers
/// that are not finite, and if the solver fails.
/// @param weights  [rows], not negative; empty: 1
Eigen::VectorXd fitLeastAbsolute(const MatrixView& a, const VectorView& b,
                                 const VectorView& weights = Eigen::VectorXd());

} // namespace equivariant::lp_sensitivity_sampling
