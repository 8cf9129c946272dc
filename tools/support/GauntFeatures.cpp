// SPDX-License-Identifier: MIT
#include "GauntFeatures.h"

#include "Parallel.h"

#include "equivariant/Error.h"
#include "equivariant/GauntProduct.h"
#include "equivariant/Graph.h"
#include "equivariant/RadialBasis.h"
#include "equivariant/SphericalHarmonics.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace equivariant::support {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr int cutoffPower = 5;

/// R_n(r) Y_lm of one neighbour and its derivatives by the vector to it.
struct Neighbor {
    int atom, element;
    MatrixXd values;                  ///< [lm][n]
    std::array<MatrixXd, 3> gradient; ///< [xyz][lm][n]
};

Neighbor makeNeighbor(int atom, int element, const Eigen::Vector3d& v,
                      const GauntFeatures::Sizes& sizes) {
    const double r = v.norm();
    const Eigen::Vector3d unit = v / r;
    const auto y = sphericalHarmonicsWithGradient(sizes.lMax, v, Normalization::Integral);
    RadialBasis basis;
    basis.size = sizes.radial;
    basis.weights = VectorXd::LinSpaced(sizes.radial, 1, sizes.radial) * M_PI / sizes.cutoff;
    basis.coefficient = std::sqrt(2 / sizes.cutoff);
    const Eigen::MatrixX2d bessel = basis.evaluate(r);
    const ValueAndDerivative cutoff = polynomialCutoff(r, sizes.cutoff, cutoffPower);
    const VectorXd radial = bessel.col(0) * cutoff.value;
    const VectorXd derivative = bessel.col(1) * cutoff.value + bessel.col(0) * cutoff.derivative;
    Neighbor result{atom, element, y.values * radial.transpose(), {}};
    for (int k = 0; k < 3; k++)
        result.gradient[k] =
            y.gradients.col(k) * radial.transpose() + y.values * (unit[k] * derivative).transpose();
    return result;
}

} // namespace

/// The densities of one atom: the invariants B, and their derivatives by the densities.
struct GauntFeatures::Environment {
    /// @param density  A, [lm][channel]
    Environment(const Features& density, const GauntTensorProduct& product, int lMax, Index count)
        : values(count), jacobian(MatrixXd::Zero(count, density.size())) {
        const Index channels = density.cols(), components = density.rows();
        const auto block = [&](Index row, Index channel) {
            return jacobian.row(row).segment(channel * components, components);
        };
        Index k = 0;
        values[k++] = 1;
        for (Index c = 0; c < channels; c++, k++) {
            values[k] = density(0, c);
            block(k, c)[0] = 1;
        }
        for (int l = 0; l <= lMax; l++)
            for (Index c = 0; c < channels; c++)
                for (Index c2 = c; c2 < channels; c2++, k++) {
                    const Index first = Index(l) * l, size = 2 * l + 1;
                    const auto x = density.col(c).segment(first, size);
                    const auto y = density.col(c2).segment(first, size);
                    values[k] = x.dot(y);
                    block(k, c).segment(first, size) += y.transpose();
                    block(k, c2).segment(first, size) += x.transpose();
                }
        addTriples(density, product, k);
    }

    void addTriples(const Features& density, const GauntTensorProduct& product, Index k) {
        const Index channels = density.cols(), components = density.rows();
        Features left(components, channels * channels), right(components, channels * channels);
        for (Index c = 0; c < channels; c++)
            for (Index c2 = 0; c2 < channels; c2++) {
                left.col(c * channels + c2) = density.col(c);
                right.col(c * channels + c2) = density.col(c2);
            }
        // The integral of f g h is the product of f g, cut off at the degree of h, with h.
        const Features products = product.multiply(left, right);
        for (Index c = 0; c < channels; c++)
            for (Index c2 = 0; c2 < channels; c2++, k++) {
                const auto square = products.col(c * channels + c);
                values[k] = square.dot(density.col(c2));
                jacobian.row(k).segment(c2 * components, components) += square.transpose();
                jacobian.row(k).segment(c * components, components) +=
                    2 * products.col(c * channels + c2).transpose();
            }
    }

    VectorXd values;   ///< [invariants]
    MatrixXd jacobian; ///< [invariants][channel, lm]
};

GauntFeatures::GauntFeatures(std::vector<int> atomicNumbers, Sizes sizes)
    : atomicNumbers(std::move(atomicNumbers)), sizes(sizes) {}

Index GauntFeatures::perElement() const {
    const auto channels = static_cast<Index>(atomicNumbers.size()) * sizes.radial;
    return 1 + channels + channels * (channels + 1) / 2 * (sizes.lMax + 1) + channels * channels;
}

Index GauntFeatures::size() const {
    return static_cast<Index>(atomicNumbers.size()) * perElement();
}

int GauntFeatures::findElement(int atomicNumber) const {
    const auto place = std::find(atomicNumbers.begin(), atomicNumbers.end(), atomicNumber);
    if (place == atomicNumbers.end())
        throw Error("the features do not know the element " + std::to_string(atomicNumber));
    return static_cast<int>(place - atomicNumbers.begin());
}

Matrix GauntFeatures::evaluate(const Structure& structure) const {
    const auto numAtoms = static_cast<int>(structure.positions.size());
    std::vector<std::vector<Neighbor>> neighbors(numAtoms);
    for (const Graph::Edge& edge : buildGraph(structure, sizes.cutoff).edges)
        neighbors[edge.receiver].push_back(
            makeNeighbor(edge.sender, findElement(structure.atomicNumbers[edge.sender]),
                         -edge.displacement, sizes));
    const Index components = numHarmonics(sizes.lMax), count = perElement();
    const auto channels = static_cast<Index>(atomicNumbers.size()) * sizes.radial;
    const GauntTensorProduct product(sizes.lMax, sizes.lMax, sizes.lMax);
    Matrix rows = Matrix::Zero(1 + 3 * numAtoms, size());
    for (int i = 0; i < numAtoms; i++) {
        Features density = Features::Zero(components, channels);
        for (const Neighbor& neighbor : neighbors[i])
            density.middleCols(Index(neighbor.element) * sizes.radial, sizes.radial) +=
                neighbor.values;
        const Environment environment(density, product, sizes.lMax, count);
        const Index first = findElement(structure.atomicNumbers[i]) * count;
        rows.row(0).segment(first, count) += environment.values.transpose();
        const Index width = sizes.radial * components;
        for (const Neighbor& neighbor : neighbors[i]) {
            const auto jacobian = environment.jacobian.middleCols(neighbor.element * width, width);
            for (int k = 0; k < 3; k++) {
                const VectorXd slope =
                    jacobian * Eigen::Map<const VectorXd>(neighbor.gradient[k].data(), width);
                rows.row(1 + 3 * neighbor.atom + k).segment(first, count) -= slope.transpose();
                rows.row(1 + 3 * i + k).segment(first, count) += slope.transpose();
            }
        }
    }
    return rows;
}

LinearProblem makeLinearProblem(const GauntFeatures& features,
                                const std::vector<command::Frame>& frames, double energyWeight) {
    std::vector<Index> starts = {0};
    for (std::size_t f = 0; f < frames.size(); f++) {
        const auto atoms = static_cast<Index>(frames[f].structure.positions.size());
        if (!frames[f].energy || static_cast<Index>(frames[f].forces.size()) != atoms)
            throw Error("frame " + std::to_string(f + 1) + " has no energy or no forces");
        starts.push_back(starts.back() + 1 + 3 * atoms);
    }
    LinearProblem problem{Matrix(starts.back(), features.size()),
                          VectorXd(starts.back()),
                          std::vector<int>(starts.back()),
                          {}};
    parallelFor(static_cast<int>(frames.size()), [&](int f) {
        const command::Frame& frame = frames[f];
        const Index first = starts[f], count = starts[f + 1] - first;
        problem.a.middleRows(first, count) = features.evaluate(frame.structure);
        problem.a.row(first) *= energyWeight;
        problem.b[first] = energyWeight * *frame.energy;
        for (Index i = 1; i < count; i++)
            problem.b[first + i] = frame.forces[(i - 1) / 3][(i - 1) % 3];
        std::fill_n(problem.frames.begin() + first, count, f);
    });
    problem.isEnergy.assign(starts.back(), false);
    for (std::size_t f = 0; f < frames.size(); f++)
        problem.isEnergy[starts[f]] = true;
    return problem;
}

double forceRmse(const LinearProblem& problem, const VectorXd& coefficients) {
    const VectorXd deviation = problem.a * coefficients - problem.b;
    double sum = 0;
    int count = 0;
    for (Index i = 0; i < deviation.size(); i++)
        if (problem.frames[i] >= 0 && !problem.isEnergy[i]) {
            sum += deviation[i] * deviation[i];
            count++;
        }
    return std::sqrt(sum / count);
}

void addRidge(LinearProblem& problem, double ridge) {
    const Index rows = problem.a.rows(), columns = problem.a.cols();
    VectorXd lengths = problem.a.colwise().norm();
    lengths = (lengths.array() > 0).select(lengths, 1); // what does not occur gets 0
    problem.a.conservativeResize(rows + columns, Eigen::NoChange);
    problem.a.bottomRows(columns) = Matrix((std::sqrt(ridge) * lengths).asDiagonal());
    problem.b.conservativeResize(rows + columns);
    problem.b.tail(columns).setZero();
    problem.frames.resize(rows + columns, -1);
    problem.isEnergy.resize(rows + columns, false);
}

std::vector<int> findElements(const std::vector<command::Frame>& frames) {
    std::set<int> elements;
    for (const command::Frame& frame : frames)
        elements.insert(frame.structure.atomicNumbers.begin(), frame.structure.atomicNumbers.end());
    return {elements.begin(), elements.end()};
}

} // namespace equivariant::support
