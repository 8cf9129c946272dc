// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/ModelFile.h"

#include <string>
#include <vector>

namespace equivariant::training {

/// Sizes of a model to train. What belongs to other architectures than its own is not read.
struct ModelSizes {
    std::string architecture = "mace";
    std::vector<int> atomicNumbers; ///< ascending
    double cutoff = 5;              ///< Å
    int numLayers = 0;              ///< 0: 2 for MACE, 3 for PONITA
    int numChannels = 64;

    // MACE and Gaunt-MACE
    int maxL = 1;   ///< highest degree of features between layers
    int maxEll = 3; ///< of edges and messages
    int correlation = 3;
    int numRadialBasis = 8, cutoffPower = 5;
    std::vector<int> radialNetwork = {64, 64, 64};
    int readoutHidden = 16;
    bool pairRepulsion = false; ///< ZBL, as mace-torch adds it

    // Gaunt-MACE: docs/theory/gaunt-mace.md
    int copies = 8; ///< 0: the published product
    bool oddPaths = true;

    // PONITA: docs/model-file-ponita.md
    std::string space = "R3xS2"; ///< or "R3", "R3xS2-point-cloud", "SE3"
    std::string orientations = "dodecahedron-20";
    int bandLimit = 0; ///< highest degree of a band-limited kernel; 0: a kernel of the attributes
    int basisDim = 0;  ///< 0: numChannels
    int degree = 3, wideningFactor = 4, windowPower = 6;
    double smoothDelta = 0.3; ///< Å; 0: the published attribute
};

/// What a model takes from the training set.
struct DataStatistics {
    std::vector<double> isolatedAtomEnergies; ///< [species] eV
    double avgNumNeighbors = 1;
    double scale = 1;         ///< eV: root mean square of force components, in eV/Å
    double shift = 0;         ///< eV an atom
    double atomsPerFrame = 1; ///< mean
};

/// The config of a PONITA model file, all but its inputs and what belongs to potentials only.
nlohmann::json ponitaConfig(const ModelSizes& sizes);

/// A PONITA with random weights for a complete config.
/// @param orientations  name of the grid, for spaces with one; of SE3 a group of rotations:
///                      tetrahedral-12, octahedral-24 or icosahedral-60
/// Throws Error if there is no such grid.
ModelFile makeInitialPonita(const nlohmann::json& config, const std::string& orientations,
                            unsigned seed);

/// A model with the random weights of its paper. The same seed gives the same bytes everywhere.
/// Throws Error for a pair repulsion of elements beyond curium.
ModelFile makeInitialModel(const ModelSizes& sizes, const DataStatistics& statistics,
                           unsigned seed);

} // namespace equivariant::training
