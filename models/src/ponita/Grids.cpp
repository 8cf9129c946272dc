// SPDX-License-Identifier: MIT
//
// Named orientation grids: icosahedral ones, Lebedev's, Fibonacci spirals, and regular polygons.
#include "equivariant/Error.h"
#include "equivariant/Model.h"
#include "equivariant/Orientations.h"
#include "equivariant/SphereQuadrature.h"

#include <algorithm>
#include <cmath>

namespace equivariant {

namespace {

const double golden = (1 + std::sqrt(5.0)) / 2;

/// A point and a weight; the orbit of the point under a group is part of a grid.
struct Generator {
    Eigen::Vector3d point;
    double weight; ///< of each point of the orbit
};

/// All images under the rotations of a group that is extended by the inversion.
OrientationGrid orbits(RotationGroup group, const std::vector<Generator>& generators) {
    OrientationGrid grid;
    std::vector<double> weights;
    for (const Generator& generator : generators) {
        const std::size_t first = grid.points.size();
        for (const Eigen::Matrix3d& rotation : rotationsOf(group))
            for (const double sign : {1.0, -1.0}) {
                const Eigen::Vector3d image = sign * (rotation * generator.point.normalized());
                if (std::none_of(grid.points.begin() + static_cast<std::ptrdiff_t>(first),
                                 grid.points.end(), [&](const Eigen::Vector3d& known) {
                                     return (known - image).norm() < 1e-6;
                                 })) {
                    grid.points.push_back(image.normalized());
                    weights.push_back(generator.weight);
                }
            }
    }
    grid.weights = Eigen::Map<const Eigen::VectorXd>(weights.data(),
                                                     static_cast<Eigen::Index>(weights.size()));
    return grid;
}

OrientationGrid icosahedral(double vertexWeight, double faceWeight) {
    std::vector<Generator> generators;
    if (vertexWeight != 0)
        generators.push_back({{0, 1, golden}, vertexWeight});
    if (faceWeight != 0)
        generators.push_back({{1, 1, 1}, faceWeight});
    return orbits(RotationGroup::Icosahedral, generators);
}

OrientationGrid lebedevGrid(int count, const std::string& name) {
    for (int degree = 3; degree <= 23; degree += 2) {
        const SphereQuadrature rule = lebedev(degree);
        if (rule.points.rows() != count || rule.weights.minCoeff() <= 0)
            continue;
        OrientationGrid grid;
        for (Eigen::Index i = 0; i < count; i++)
            grid.points.push_back(rule.points.row(i).transpose().normalized());
        grid.weights = rule.weights / rule.weights.sum();
        return grid;
    }
    throw Error("unknown orientation grid '" + name +
                "': Lebedev's with positive weights have 6, 14, "
                "26, 38, 50, 86, 110, 146, 170 or 194 points");
}

/// cos(theta_i) = 1 - (2i+1)/N, phi_i = pi i (1 + sqrt 5)
OrientationGrid fibonacciGrid(int count) {
    OrientationGrid grid;
    for (int i = 0; i < count; i++) {
        const double z = 1 - (2 * i + 1.0) / count, rho = std::sqrt(1 - z * z);
        const double phi = 2 * EIGEN_PI * i * golden;
        grid.points.emplace_back(rho * std::cos(phi), rho * std::sin(phi), z);
    }
    grid.weights = Eigen::VectorXd::Constant(count, 1.0 / count);
    return grid;
}

OrientationGrid circleGrid(int count) {
    OrientationGrid grid;
    for (int i = 0; i < count; i++) {
        const double angle = 2 * EIGEN_PI * i / count;
        grid.points.emplace_back(std::cos(angle), std::sin(angle), 0);
    }
    grid.weights = Eigen::VectorXd::Constant(count, 1.0 / count);
    return grid;
}

/// The number after the last hyphen, or -1.
int countIn(const std::string& name) {
    const std::string digits = name.substr(name.rfind('-') + 1);
    if (digits.empty() || digits.size() > 4 ||
        digits.find_first_not_of("0123456789") != std::string::npos)
        return -1;
    return std::stoi(digits);
}

} // namespace

OrientationGrid orientationGrid(const std::string& name) {
    if (name == "icosahedron-12")
        return icosahedral(1.0 / 12, 0);
    if (name == "dodecahedron-20")
        return icosahedral(0, 1.0 / 20);
    if (name == "icosahedral-32")
        return icosahedral(5.0 / 168, 27.0 / 840);
    const int count = countIn(name);
    const std::string family = name.substr(0, name.rfind('-'));
    if (family == "lebedev")
        return lebedevGrid(count, name);
    if (count >= 1 && count <= 1024 && family == "fibonacci")
        return fibonacciGrid(count);
    if (count >= 1 && count <= 1024 && family == "circle")
        return circleGrid(count);
    throw Error("unknown orientation grid '" + name +
                "' (known: icosahedron-12, dodecahedron-20, icosahedral-32, lebedev-N, "
                "fibonacci-N, circle-N)");
}

std::shared_ptr<const Model> withOrientations(const Model& model, const std::string& gridName) {
    const auto* parameters = std::get_if<PonitaParameters>(&model.getParameters());
    if (parameters == nullptr || !parameters->hasGrid())
        throw Error("orientations cannot be replaced: the model has no orientation grid");
    const OrientationGrid grid = orientationGrid(gridName);
    const int dimension = parameters->getDimension();
    const bool planar = gridName.rfind("circle-", 0) == 0;
    if (planar != (dimension == 2))
        throw Error("orientation grid '" + gridName + "' has the wrong dimension for the model");
    ModelFile file = model.getFile();
    Tensor points;
    points.shape = {grid.points.size(), static_cast<std::size_t>(dimension)};
    for (const Eigen::Vector3d& point : grid.points)
        points.data.insert(points.data.end(), point.data(), point.data() + dimension);
    Tensor weights;
    weights.shape = {grid.points.size()};
    weights.data.assign(grid.weights.data(), grid.weights.data() + grid.weights.size());
    file.tensors["orientations"] = std::move(points);
    file.tensors["orientation_weights"] = std::move(weights);
    file.provenance += "; orientations replaced by " + gridName;
    return Model::fromBytes(file.serialize(), "model on the grid " + gridName);
}

} // namespace equivariant
