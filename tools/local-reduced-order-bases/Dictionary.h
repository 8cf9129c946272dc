// SPDX-License-Identifier: MIT
#pragma once

#include "Dissimilarity.h"

namespace equivariant::local_reduced_order_bases {

/// A dictionary of local bases in a file, with all that assigning new snapshots needs. Snapshots
/// and bases are in their own coordinates, not the Euclidean ones: V M V^T = 1.
struct Dictionary {
    Dissimilarity kind = Dissimilarity::Sine;
    Eigen::Index steps = 1;
    std::vector<int> labels;   ///< [runs]
    std::vector<int> runs;     ///< [runs] their numbers in the file of snapshots
    std::vector<int> medoids;  ///< [K] indices of labels
    Matrix medoidSnapshots;    ///< [K * steps][size] after the mean was taken off
    std::vector<Matrix> bases; ///< [K] of [modes][size]
    Matrix globalBasis;        ///< [modes][size]
    Matrix mean;               ///< [1][size], or empty
    Matrix mass;               ///< as InnerProduct takes it, or empty
    Matrix reference;          ///< [atoms][3] that frames are superposed on, or empty
    Matrix parameters;         ///< [runs][parameters], or empty
    bool isOfForces = false;   ///< of frames
};

/// HDF5 datasets of these names, bases as basis_0 ...
void writeDictionary(const std::string& path, const Dictionary& dictionary);

/// Throws Error naming the dataset that is missing or does not fit to the others.
Dictionary readDictionary(const std::string& path);

} // namespace equivariant::local_reduced_order_bases
