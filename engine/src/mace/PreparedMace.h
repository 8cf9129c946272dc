// SPDX-License-Identifier: MIT
//
// A MACE or Gaunt-MACE model for some of its elements, as the kernels read it. Names follow
// docs/theory/mace.md; species are those in use, counted anew.
#pragma once

#include "Network.h"
#include "RadialTable.h"
#include "mace/ConvolutionPlan.h"
#include "mace/ProductPolynomial.h"
#include "mace/SphereProduct.h"

#include <optional>

namespace equivariant {

/// A dense map and its transpose, for the reverse pass.
template <class Real> struct MapPair {
    PackedLinear<Real> forward, reverse;

    MapPair() = default;
    /// @param map  [in][out]
    MapPair(const Eigen::MatrixXd& map, int lanes)
        : forward(map.transpose(), {}, lanes), reverse(map, {}, lanes) {}
};

/// A ProductPolynomial as the trie of the kernels.
template <class Real> struct PackedPolynomial {
    PackedPolynomial() = default;
    PackedPolynomial(const ProductPolynomial& polynomial, const std::vector<int>& speciesInUse,
                     int channels, int lanes);

    /// Everything but rows and panels.
    PolynomialArgs<Real> getArguments(int species) const {
        PolynomialArgs<Real> args{};
        args.depth = depth;
        args.nodes = nodes.data();
        args.coefficients = coefficients[species].data();
        args.coefficientStride = coefficientStride;
        return args;
    }

    int depth = 1;
    std::vector<PolynomialNode> nodes;
    std::vector<VectorArray<Real>> coefficients; ///< [species][channel block][node][lane]
    std::size_t coefficientStride = 0;
};

/// The readout of a layer for one head.
template <class Real> struct PackedReadout {
    bool isLinear = true;
    Eigen::VectorXd linear;  ///< [channels]
    MapPair<Real> hidden;    ///< channels to hidden units
    Eigen::VectorXd outputs; ///< [hidden units]
};

template <class Real> struct PreparedLayer {
    /// @param method  of EvaluatorOptions::product
    PreparedLayer(const MaceParameters& model, int t, const std::vector<int>& speciesInUse,
                  int lanes, const std::string& method);

    const MaceLayer& layer;
    ConvolutionPlan<Real> plan;
    std::optional<RadialTable<Real>> table;       ///< absent: exact
    std::optional<RadialTable<double>> density;   ///< of density layers, unless exact
    std::vector<MapPair<Real>> linearUp;          ///< [l]; none in the first layer
    std::vector<std::vector<MapPair<Real>>> mix;  ///< [species or 1][group]: linear, skip where it
                                                  ///< follows, division by avgNumNeighbors
    std::vector<std::vector<MapPair<Real>>> skip; ///< [species][l] of residual layers
    PackedPolynomial<Real> product;
    std::optional<SphereProduct<Real>> sphere; ///< in its place
    std::string productDescription;            ///< of the method chosen
    std::vector<MapPair<Real>> productLinear;  ///< [L]
    std::vector<PackedReadout<Real>> readouts; ///< [head], or none

private:
    void chooseProduct(const MaceParameters& model, int t, const std::vector<int>& speciesInUse,
                       int lanes, const std::string& method);
};

template <class Real>
class PreparedMace : public PreparedNetwork,
                     public std::enable_shared_from_this<PreparedMace<Real>> {
public:
    /// @param lanes  channels of a block: the width of a vector, or all channels for a GPU
    /// @param tableTolerance  relative error that tables may have
    PreparedMace(const MaceParameters& model, const EvaluatorOptions& options,
                 const std::vector<bool>& usedSpecies, int lanes, double tableTolerance);
    std::unique_ptr<Network> makeNetwork() const override;
    void describe(EvaluatorDescription& description) const override;

    /// Values and slopes of a layer's radial functions for a pair of species of the model.
    ValuesAndDerivatives radialFunctions(int t, int sender, int receiver,
                                         const std::vector<double>& distances) const;
    /// Which of distinctPairs has the radial functions of a pair of species in use.
    int pairOf(int species1, int species2) const { return pairs[species1 * numSpecies + species2]; }

    const MaceParameters& model;
    const Kernels<Real>& kernels;
    int lanes, blocks, numSpecies = 0;
    std::vector<int> speciesInUse;                  ///< [species] of the model
    std::vector<std::pair<int, int>> distinctPairs; ///< species of the model
    std::vector<int> indexOf;        ///< [species of the model] species in use, or -1
    std::vector<Real> normalization; ///< [lm] of the harmonics, component normalization
    RowArray<Real> firstUp;          ///< [species] linear_up of the embedding, one row each
    RowArray<Real> firstSkip; ///< [species] self-connection of a residual first layer, or empty
    std::vector<PreparedLayer<Real>> layers;

private:
    void findPairs();
    void makeTables(double tolerance);
    RowArray<Real> packRows(const Eigen::MatrixXd& rows) const;

    std::vector<int> pairs;
};

} // namespace equivariant
