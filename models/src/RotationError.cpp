// SPDX-License-Identifier: MIT
#include "equivariant/RotationError.h"

#include "equivariant/Error.h"
#include "equivariant/ReferenceEvaluator.h"

#include <Eigen/Geometry>
#include <random>

namespace equivariant {

namespace {

constexpr double milli = 1000; // meV in one eV

Structure rotated(Structure structure, const Eigen::Matrix3d& rotation) {
    for (Eigen::Vector3d& position : structure.positions)
        position = rotation * position;
    structure.cell = structure.cell * rotation.transpose();
    return structure;
}

/// Sum of r x F, which has a meaning in a periodic box too when it is taken from the virial.
Eigen::Vector3d torqueOf(const Eigen::Matrix3d& virial) {
    return {virial(1, 2) - virial(2, 1), virial(2, 0) - virial(0, 2), virial(0, 1) - virial(1, 0)};
}

/// Sum over the values of their squared distance from the mean.
double scatter(const Eigen::ArrayXd& values) {
    return (values - values.mean()).square().sum();
}

/// Energies, forces in the frame of the structure and torques, one column or entry per rotation.
struct Turned {
    Eigen::ArrayXd energies;
    Eigen::ArrayXXd forces; ///< [3 atoms][rotations]
    double squaredTorques = 0;
};

Turned evaluateTurned(const ReferenceEvaluator& evaluator, const Structure& structure,
                      const std::vector<Eigen::Matrix3d>& rotations) {
    const auto count = static_cast<Eigen::Index>(rotations.size());
    Turned result;
    result.energies.resize(count);
    result.forces.resize(3 * static_cast<Eigen::Index>(structure.positions.size()), count);
    for (Eigen::Index k = 0; k < count; k++) {
        const Eigen::Matrix3d& rotation = rotations[static_cast<std::size_t>(k)];
        const Evaluation evaluation = evaluator.evaluate(rotated(structure, rotation));
        result.energies[k] = evaluation.energy;
        for (std::size_t i = 0; i < evaluation.forces.size(); i++)
            result.forces.col(k).segment<3>(3 * static_cast<Eigen::Index>(i)) =
                (rotation.transpose() * evaluation.forces[i]).array();
        result.squaredTorques += torqueOf(evaluation.virial).squaredNorm();
    }
    return result;
}

} // namespace

Eigen::Matrix3d randomRotation(std::mt19937& random, bool planar) {
    std::normal_distribution<double> normal;
    Eigen::Quaterniond quaternion(normal(random), 0, 0, normal(random));
    if (!planar) {
        quaternion.x() = normal(random);
        quaternion.y() = normal(random);
    }
    return quaternion.normalized().toRotationMatrix();
}

std::vector<Eigen::Matrix3d> randomRotations(const Model& model, int count, unsigned seed) {
    const auto* ponita = std::get_if<PonitaParameters>(&model.getParameters());
    const bool planar = ponita && ponita->getDimension() == 2;
    std::mt19937 random(seed);
    std::vector<Eigen::Matrix3d> rotations;
    for (int k = 0; k < count; k++)
        rotations.push_back(randomRotation(random, planar));
    return rotations;
}

RotationError rotationError(const Model& model, const std::vector<Structure>& structures,
                            const std::vector<Eigen::Matrix3d>& rotations) {
    if (rotations.size() < 2)
        throw Error("a rotation error needs at least two rotations");
    if (structures.empty())
        throw Error("a rotation error needs at least one structure");
    // The evaluator lives no longer than this call and need not own the model.
    const ReferenceEvaluator evaluator({std::shared_ptr<const Model>(), &model});
    double energy = 0, force = 0, torque = 0, numComponents = 0;
    for (const Structure& structure : structures) {
        const Turned turned = evaluateTurned(evaluator, structure, rotations);
        energy += scatter(turned.energies);
        for (Eigen::Index i = 0; i < turned.forces.rows(); i++)
            force += scatter(turned.forces.row(i).transpose());
        torque += turned.squaredTorques;
        numComponents += static_cast<double>(turned.forces.rows());
    }
    const auto numStructures = static_cast<double>(structures.size());
    const auto numRotations = static_cast<double>(rotations.size());
    return {milli * std::sqrt(energy / (numStructures * (numRotations - 1))),
            milli * std::sqrt(force / (std::max(1.0, numComponents) * (numRotations - 1))),
            milli * std::sqrt(torque / (numStructures * numRotations))};
}

RotationError rotationError(const Model& model, const std::vector<Structure>& structures,
                            int numRotations, unsigned seed) {
    return rotationError(model, structures, randomRotations(model, numRotations, seed));
}

} // namespace equivariant
