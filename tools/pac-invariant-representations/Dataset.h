// SPDX-License-Identifier: MIT
//
// Environments of files, one each.
#pragma once

#include "Sem.h"

namespace equivariant::pac_invariant_representations {

/// Environments with the same features in the same order.
struct Dataset {
    std::vector<std::string> features;
    std::vector<Environment> environments;
};

struct ReadOptions {
    std::string target;
    std::vector<std::string> features; ///< their order; empty: all that the first file has
    std::string names;                 ///< file of the names of columns, one a line
    std::vector<std::string> info;     ///< keys of frames whose values are features
};

/// Reads environments. The ending of a path says the format:
///   A.csv               the first line names the columns, one of which is the target
///   A.npy, A.h5:DATASET columns as the file `names` says
///   A.json              moments: {names, covariance [N][N], samples: 0 if exact}
///   A.xyz               frames; the target is `energy`, features are values of `info`
///   A.xyz,B.npy         or the columns of B, a row a frame
/// Throws Error naming the file for missing, duplicate or additional columns, the target among the
/// features, no features, cells that are not finite, not more rows than features, and covariances
/// that are none.
Dataset readEnvironments(const std::vector<std::string>& paths, const ReadOptions& options);

/// {names, target, B, s}. Throws Error naming the file, and a variable on a cycle.
LinearSem readSem(const std::string& path);
void writeSem(const std::string& path, const LinearSem& sem);

/// The covariance of all variables of a model as a file of moments.
void writeMoments(const std::string& path, const LinearSem& sem);

} // namespace equivariant::pac_invariant_representations
