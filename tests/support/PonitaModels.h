// SPDX-License-Identifier: MIT
//
// Structures and networks for the tests of PONITA.
#pragma once

#include "equivariant/Model.h"
#include "equivariant/PonitaNetwork.h"
#include "equivariant/ReferenceEvaluator.h"
#include "support/Golden.h"

#include <vector>

namespace equivariant::test {

/// Positions of a golden structure; the third component is 0 in the plane.
inline std::vector<Eigen::Vector3d> readPositions(const nlohmann::json& rows) {
    std::vector<Eigen::Vector3d> positions;
    for (const auto& row : rows) {
        Eigen::Vector3d position = Eigen::Vector3d::Zero();
        for (std::size_t k = 0; k < row.size(); k++)
            position[static_cast<int>(k)] = row[k];
        positions.push_back(position);
    }
    return positions;
}

inline Structure readStructure(const nlohmann::json& golden) {
    Structure structure;
    structure.positions = readPositions(golden["positions"]);
    structure.atomicNumbers = golden.value("Z", std::vector<int>(structure.positions.size(), 1));
    return structure;
}

/// All numbers in nested lists, in their order.
inline std::vector<double> numbers(const nlohmann::json& value) {
    if (value.is_number())
        return {value.get<double>()};
    std::vector<double> result;
    for (const auto& part : value) {
        const auto inner = numbers(part);
        result.insert(result.end(), inner.begin(), inner.end());
    }
    return result;
}

inline std::vector<double> numbers(const std::vector<Eigen::Vector3d>& vectors, int dimension = 3) {
    std::vector<double> result;
    for (const Eigen::Vector3d& v : vectors)
        result.insert(result.end(), v.data(), v.data() + dimension);
    return result;
}

inline std::vector<double> numbers(const RowMatrix& matrix) {
    return {matrix.data(), matrix.data() + matrix.size()};
}

inline const PonitaParameters& ponitaOf(const Model& model) {
    return std::get<PonitaParameters>(model.getParameters());
}

/// One-hot inputs of atoms.
inline PonitaFields oneHot(const Model& model, const Structure& structure) {
    const PonitaParameters& parameters = ponitaOf(model);
    const int count = static_cast<int>(structure.positions.size());
    PonitaFields inputs{RowMatrix::Zero(count, parameters.inputScalars), RowMatrix(count, 0)};
    for (int i = 0; i < count; i++) {
        const int species = model.getSpecies(structure.atomicNumbers[static_cast<std::size_t>(i)]);
        inputs.scalars(i, parameters.inputIndex[static_cast<std::size_t>(species)]) = 1;
    }
    return inputs;
}

/// Gradients with respect to positions from those with respect to displacements.
inline std::vector<Eigen::Vector3d>
positionGradients(const Graph& graph, const std::vector<Eigen::Vector3d>& edgeGradients) {
    std::vector<Eigen::Vector3d> result(static_cast<std::size_t>(graph.numNodes),
                                        Eigen::Vector3d::Zero());
    for (std::size_t e = 0; e < graph.edges.size(); e++) {
        result[static_cast<std::size_t>(graph.edges[e].receiver)] += edgeGradients[e];
        result[static_cast<std::size_t>(graph.edges[e].sender)] -= edgeGradients[e];
    }
    return result;
}

} // namespace equivariant::test
