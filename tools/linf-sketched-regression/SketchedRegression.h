// SPDX-License-Identifier: MIT
//
// Least squares through a sketch: x' = argmin ||S A x - S b||, such that every coefficient is
// close,
//   ||x' - x*||_inf <= eps/sqrt(d) ||A x* - b|| ||A^+||,
// and not only the residual (Song, Ye, Yin & Zhang, ICML 2023, arXiv:2302.00248; corrected by Song
// & Zhang, 2026). docs/tools/linf-sketched-regression.md says what is proved and what is not.
#pragma once

#include "Sketch.h"

namespace equivariant::linf_sketched_regression {

struct RegressionOptions {
    SketchOptions sketch; ///< rows 0: chosen from eps and delta
    double eps = 0.5, delta = 0.01;
    bool refine = false; ///< LSQR on the whole problem, preconditioned by the sketch
};

struct SketchedSolution {
    Eigen::VectorXd x;
    Eigen::Index rows;      ///< of the sketch
    double conditionNumber; ///< of S A
    double residual;        ///< ||S (A x' - b)||, which estimates ||A x' - b|| from below
    /// [columns] sqrt(residual^2 [(S A)^T (S A)]^-1_jj / (rows - d)): the standard deviation of
    /// x'_j over sketches, exact on average for Gauss. Zero after refinement.
    Eigen::VectorXd standardErrors;
    /// What eps the largest of them stands for: max_j sqrt(d)/(residual ||(S A)^+||)
    /// standardErrors_j
    double typicalEps;
    int iterations = 0; ///< of the refinement
    bool converged = true;
    std::vector<std::string> warnings;
};

/// eps^-2 d log(d/delta) rounded up, at least 2(d+1); the constant is 1.
Eigen::Index rowsFor(Eigen::Index d, double eps, double delta);

/// Rows in a pool that the theorem of 2026 asks for with all its constants 1: a power of two
/// >= max(n/m, d (d+1) log^2(n m d sqrt(d)/delta)).
double theoremPool(Eigen::Index n, Eigen::Index m, Eigen::Index d, double delta);

/// Throws Error for n <= d, rows < d+1, sizes that differ and numbers that are not finite; Failure
/// with status 3 if S A has not full column rank (pivots below 1e-12 of the largest, after columns
/// were scaled).
SketchedSolution solveSketched(const MatrixView& a, const VectorView& b,
                               const RegressionOptions& options);

/// The same for a sketch that is given, [rows][n].
SketchedSolution solveWithSketch(const MatrixView& sketch, const MatrixView& a,
                                 const VectorView& b);

} // namespace equivariant::linf_sketched_regression
