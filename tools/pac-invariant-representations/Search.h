// SPDX-License-Identifier: MIT
//
// Which features, or which directions in feature space, predict the target the same way everywhere.
#pragma once

#include "Environment.h"

#include <cstdint>
#include <optional>

namespace equivariant::pac_invariant_representations {

/// Pooled: the least-squares head of all environments together. Minimax: the head with the smallest
/// largest |g|.
enum class Head { Pooled, Minimax };

struct SearchOptions {
    double eps = 0.1;      ///< largest |g| that counts as invariant, beside its slack
    bool relative = false; ///< eps is for the value without units instead; slack likewise
    double eta = 0.05;     ///< of the slack, for all environments together
    int mostFeatures = 3;
    Head head = Head::Pooled;
};

/// Throws Error for no environment, environments of different size and options that make no sense.
void check(const std::vector<Environment>& environments, const SearchOptions& options);

struct Candidate {
    Representation representation;
    std::vector<int> features; ///< of a subset, else empty
    double error = 0;          ///< mean over environments of the mean squared error
    double largestNorm = 0, largestRelative = 0, largestSlack = 0; ///< over environments
    bool isInvariant = false; ///< within eps and slack in every environment
};

struct SearchResult {
    /// Counts a candidate and keeps it if it is the best so far.
    void consider(Candidate candidate, const SearchOptions& options);

    bool found = false;
    Candidate best; ///< if none is invariant, the one that comes closest
    long candidates = 0, invariant = 0;
};

/// All sets of up to `mostFeatures` features, smaller ones first: of those that are invariant the
/// one with the smallest error, the first one among equals (1e-12). Throws Error for no
/// environment, environments of different size, dependent features and options that make no sense.
/// @param usable  features that may be used; empty: all
SearchResult searchSubsets(const std::vector<Environment>& environments,
                           const SearchOptions& options, const std::vector<int>& usable = {});

struct GeneralOptions {
    SearchOptions search; ///< mostFeatures is the number of rows of Phi
    int restarts = 8;
    std::uint64_t seed = 0;
};

/// Minimises mean error + lambda * sum |g|^2 over w and Phi with orthonormal rows (L-BFGS), lambda
/// in 13 steps from 1e-2 to 1e4, each starting from the last. What is invariant competes as above.
/// Throws Error as above, and for more rows than features.
SearchResult optimiseGeneral(const std::vector<Environment>& environments,
                             const GeneralOptions& options);

/// A representation judged in environments.
Candidate judge(const std::vector<Environment>& environments, Representation representation,
                const SearchOptions& options);

/// Head of a representation. Throws Error if Phi E[X X^T] Phi^T is singular.
Eigen::VectorXd pooledHead(const std::vector<Environment>& environments,
                           const Eigen::MatrixXd& phi);
Eigen::VectorXd minimaxHead(const std::vector<Environment>& environments,
                            const Eigen::MatrixXd& phi);

/// Features that are linearly independent over all environments, by a pivoted QR decomposition of
/// their correlations; constant and redundant ones are left out. Throws Error for no environment
/// and environments of different size.
std::vector<int> independentFeatures(const std::vector<Environment>& environments);

} // namespace equivariant::pac_invariant_representations
