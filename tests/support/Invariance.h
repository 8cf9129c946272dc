// SPDX-License-Identifier: MIT
//
// What must hold for the energy and forces of any potential.
#pragma once

#include "equivariant/ReferenceEvaluator.h"
#include "support/Compare.h"
#include "support/Structures.h"

namespace equivariant::test {

/// Forces and virial against central differences of fourth order of the energy, relative to the
/// largest of them.
inline void expectDerivatives(const ReferenceEvaluator& evaluator, const Structure& structure,
                              double tolerance, double h = 1e-3, int head = 0) {
    const Evaluation exact = evaluator.evaluate(structure, head);
    const auto differentiate = [&](const auto& moved) {
        const auto energy = [&](double x) {
            return evaluator.evaluate(moved(x), head, false).interactionEnergy;
        };
        return (8 * (energy(h) - energy(-h)) - (energy(2 * h) - energy(-2 * h))) / (12 * h);
    };
    std::vector<double> found, expected;
    for (std::size_t i = 0; i < structure.positions.size(); i++)
        for (int d = 0; d < 3; d++) {
            found.push_back(exact.forces[i][d]);
            expected.push_back(-differentiate([&](double x) {
                Structure moved = structure;
                moved.positions[i][d] += x;
                return moved;
            }));
        }
    EXPECT_TRUE(allClose(found, expected, tolerance));
    found.clear();
    expected.clear();
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            found.push_back(exact.virial(i, j));
            expected.push_back(-differentiate([&](double x) {
                Eigen::Matrix3d strain = Eigen::Matrix3d::Identity();
                strain(j, i) += x; // moves component j along i, v -> v + x e_j v_i
                return transformed(structure, strain);
            }));
        }
    EXPECT_TRUE(allClose(found, expected, tolerance));
}

/// Energy under translation, permutation and, in a box, moving one atom by a box vector; and the
/// sum of the forces.
inline void expectExactSymmetries(const ReferenceEvaluator& evaluator, const Structure& structure,
                                  double tolerance) {
    const Evaluation reference = evaluator.evaluate(structure);
    const auto expectSame = [&](const Structure& other) {
        EXPECT_TRUE(close(evaluator.evaluate(other).interactionEnergy, reference.interactionEnergy,
                          tolerance));
    };
    Structure moved = structure;
    for (auto& position : moved.positions)
        position += Eigen::Vector3d(12.3, -4.5, 0.7);
    expectSame(moved);
    Structure reversed = structure;
    std::reverse(reversed.positions.begin(), reversed.positions.end());
    std::reverse(reversed.atomicNumbers.begin(), reversed.atomicNumbers.end());
    expectSame(reversed);
    if (structure.periodic[0]) {
        Structure unwrapped = structure;
        unwrapped.positions[1] += 2 * structure.cell.row(0) - 3 * structure.cell.row(2);
        expectSame(unwrapped);
    }
    Eigen::Vector3d sum = Eigen::Vector3d::Zero();
    double largest = 1;
    for (const auto& force : reference.forces) {
        sum += force;
        largest = std::max(largest, force.norm());
    }
    EXPECT_LT(sum.norm(), 1e-11 * largest);
}

/// Energy, forces and virial under a rotation and under inversion.
inline void expectRotationInvariance(const ReferenceEvaluator& evaluator,
                                     const Structure& structure, double tolerance) {
    const Evaluation reference = evaluator.evaluate(structure);
    const Eigen::Matrix3d rotation = randomRotation(3);
    for (const Eigen::Matrix3d& matrix : {rotation, Eigen::Matrix3d(-rotation)}) {
        const Evaluation turned = evaluator.evaluate(transformed(structure, matrix));
        EXPECT_TRUE(close(turned.interactionEnergy, reference.interactionEnergy, tolerance));
        for (std::size_t i = 0; i < reference.forces.size(); i++) {
            const Eigen::Vector3d expected = matrix * reference.forces[i];
            EXPECT_LT((turned.forces[i] - expected).norm(),
                      100 * tolerance * std::max(1.0, expected.norm()));
        }
    }
    const double scale = std::max(1.0, reference.virial.norm());
    EXPECT_LT((reference.virial - reference.virial.transpose()).norm(), 1e-11 * scale);
}

} // namespace equivariant::test
