// SPDX-License-Identifier: MIT
//
// Markov-state models with conditions at both ends: the wave functions of the chain are committors.
#pragma once

#include "Sweep.h"

namespace equivariant::probabilistic_world {

/// A Markov chain that was counted from a trajectory of states.
struct Msm {
    MatrixXd transitions; ///< [from][to] in `lag` steps of the trajectory, rows sum to 1
    VectorXd stationary;
    int lag;
};

/// Maximum likelihood without detailed balance: all pairs (t, t + lag) are counted. Throws Error
/// naming the row of an entry that is no state 0 … numStates-1, a state that is never visited or
/// never left, or one from which, or to which, not all others lead.
Msm estimateMsm(const VectorView& trajectory, int numStates, int lag);

/// The same for transition probabilities that are known. Throws Error for a table that is not
/// square, a row that is no probability, a state that is not connected, and a lag below 1.
Msm makeMsm(MatrixXd transitions, int lag);

/// -lag / log |eigenvalue| for the eigenvalues but the largest, descending, in steps of the
/// trajectory; infinite for a chain that is periodic.
VectorXd timescales(const Msm& msm);

/// Transition path theory from the states A to the states B (Metzner, Schütte & Vanden-Eijnden
/// 2009).
struct TransitionPaths {
    VectorXd forward;   ///< q+: next in B rather than A
    VectorXd backward;  ///< q-: last in A rather than B
    VectorXd density;   ///< mu q+ q- / Z_AB: where paths from A to B are
    double probability; ///< Z_AB: of being on such a path
    double flux;        ///< such paths that start, a lag time
    double rate;        ///< the same per time since A was last visited
};

/// Throws Error for sets that are empty, overlap, or name a state that is not there.
TransitionPaths transitionPaths(const Msm& msm, const std::vector<int>& a,
                                const std::vector<int>& b);

/// A chain whose wave functions are the committors. It has three copies of the states: before the
/// path leaves A, on the path between A and B, after it arrived in B. In the middle of a long chain
/// f on the second copy is proportional to mu q-, and q to q+.
Chain transitionChain(const Msm& msm, const std::vector<int>& a, const std::vector<int>& b,
                      int length);

/// Paths in A at time 0 and in B after `length` lag times, whatever they do in between.
Chain conditionedChain(const Msm& msm, const std::vector<int>& a, const std::vector<int>& b,
                       int length);

} // namespace equivariant::probabilistic_world
