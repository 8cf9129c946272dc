// SPDX-License-Identifier: MIT
//
// PONITA: convolutions on position-orientation space, its published form and our options
// (docs/theory/ponita.md). E. J. Bekkers et al., ICLR 2024, arXiv:2310.02970.
#pragma once

#include "equivariant/Graph.h"
#include "equivariant/ModelFile.h"
#include "equivariant/PotentialInfo.h"

#include <Eigen/Core>
#include <string>
#include <vector>

namespace equivariant {

/// Rows of features or of attributes: [rows][channels], row-major.
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The space on which features live. A point cloud makes a node of every directed edge. SE3, whose
/// grid is of rotations, is there to compare spaces in training; no evaluator has it.
enum class PonitaSpace { R2, R3, R2xS1, R3xS2, R3xS2PointCloud, SE3 };

/// The second attribute b = |v - (v.n) n|, or sqrt(b^2 + delta^2) - delta, which has no cone point.
enum class PonitaInvariants { Published, Smooth };

/// A kernel of the attributes, or sum over l of R_l(r) P_l(cos), which a grid integrates exactly.
enum class PonitaKernel { Mlp, BandLimited };

/// Fixed rotations over which energies are averaged.
enum class RotationGroup { None, Tetrahedral, Octahedral, Icosahedral };

/// y = weight x + bias; no bias where the vector is empty.
struct PonitaLinear {
    Eigen::MatrixXd weight; ///< [out][in]
    Eigen::VectorXd bias;   ///< [out]
};

/// outer(GELU(inner(...))) with or without a GELU after it; what kernels are made of.
struct PonitaBasis {
    PonitaLinear inner; ///< [C][features]
    PonitaLinear outer; ///< [B][C], for band-limited kernels [(lMax+1) B][C]
};

struct PonitaLayer {
    Eigen::MatrixXd kernel;      ///< [C][B]
    Eigen::MatrixXd fiberKernel; ///< [C][B]; empty in spaces without a grid
    Eigen::VectorXd bias;        ///< [C], after the convolution
    Eigen::VectorXd normWeight;  ///< [C]
    Eigen::VectorXd normBias;    ///< [C]
    PonitaLinear linear1;        ///< [wC][C]
    PonitaLinear linear2;        ///< [C][wC]
    Eigen::VectorXd layerScale;  ///< [C], or empty
    PonitaLinear readout;        ///< [outputScalars + outputVectors][C], or empty
};

/// The parameters of a PONITA model. The inherited numLayers is how many cutoffs an energy reaches.
struct PonitaParameters : PotentialInfo {
    PonitaSpace space = PonitaSpace::R3xS2;
    PonitaInvariants invariants = PonitaInvariants::Published;
    PonitaKernel kernelType = PonitaKernel::Mlp;
    RotationGroup rotationAverage = RotationGroup::None;
    int hiddenDim = 0;           ///< C
    int basisDim = 0;            ///< B
    int numFactors = 0;          ///< longest product of attributes
    int lMax = 0;                ///< of a band-limited kernel
    double smoothDelta = 0;      ///< Å, of smooth invariants
    int windowPower = 0;         ///< p of the window; 0: no window
    double layerNormEps = 0;     ///< added to the variance
    double fiberScale = 1;       ///< factor of the weighted sum over orientations
    bool liftedEnvelope = false; ///< nodes of a point cloud fade out at the cutoff
    int inputScalars = 0, inputVectors = 0, outputScalars = 0, outputVectors = 0;

    /// Unit vectors [O] (z = 0 in the plane; in SE3 the axes x, y and z of each frame, [3 O]) and
    /// weights [O] that sum to 1; empty without a grid.
    std::vector<Eigen::Vector3d> orientations;
    Eigen::VectorXd orientationWeights;

    PonitaBasis basis;
    PonitaBasis fiberBasis;            ///< of an Mlp kernel on a grid
    Eigen::MatrixXd fiberCoefficients; ///< [lMax+1][B] of a band-limited kernel on a grid
    Eigen::MatrixXd embedding;         ///< [C][inputScalars + inputVectors]
    std::vector<PonitaLayer> layers;

    bool isPotential = false;    ///< one scalar per node, summed; else outputs per node only
    double scale = 0, shift = 0; ///< E = scale * sum + shift, eV; of a potential
    std::vector<int> inputIndex; ///< [species] channel that is 1

    int getDimension() const {
        return space == PonitaSpace::R2 || space == PonitaSpace::R2xS1 ? 2 : 3;
    }
    bool hasGrid() const {
        return space == PonitaSpace::R2xS1 || space == PonitaSpace::R3xS2 || hasFrames();
    }
    bool hasFrames() const { return space == PonitaSpace::SE3; }
    bool isPointCloud() const { return space == PonitaSpace::R3xS2PointCloud; }
};

/// Takes the parameters out of a model file. Throws Error naming `name` and what is wrong; a file
/// without orientation grid, scale or shift is refused, since none of them can be guessed.
PonitaParameters readPonita(const ModelFile& file, const std::string& name);

/// Evaluates a PONITA potential. Its shift is shared equally by the atoms.
/// @param species  [atoms], index into parameters.atomicNumbers
/// Throws Error if the model is no potential, or is planar and the atoms are not.
NetworkOutput evaluatePonita(const PonitaParameters& parameters, const Graph& graph,
                             const std::vector<int>& species, bool gradients);

} // namespace equivariant
