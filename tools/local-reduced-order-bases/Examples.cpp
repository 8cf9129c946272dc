// SPDX-License-Identifier: MIT
#include "Examples.h"

#include "Dissimilarity.h"

#include "support/Parallel.h"
#include "support/Random.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <limits>

namespace equivariant::local_reduced_order_bases {

using Eigen::Index;
using Eigen::Vector3d;
using Eigen::VectorXd;
using support::Random;

Example makePeaks(int count, std::uint64_t seed) {
    constexpr Index size = 200;
    constexpr double width = 0.03;
    const Eigen::RowVectorXd x = Eigen::RowVectorXd::LinSpaced(size, 0, 1);
    Example example{Matrix(count, size), {}, Matrix(count, 2)};
    Random random(seed);
    for (int i = 0; i < count; i++) {
        const auto window = static_cast<int>(random.below(4));
        const double c = (window + 0.2 + 0.6 * random.uniform()) / 4;
        const double a = random.sign() * std::pow(10, 2 * random.uniform() - 1);
        example.values.row(i) = a * (-((x.array() - c) / width).square()).exp();
        example.classes.push_back(window);
        example.parameters.row(i) << c, a;
    }
    return example;
}

namespace {

/// Finite volumes: Rusanov's flux, explicit Euler steps.
VectorXd solveBurgers(double a, double nu) {
    constexpr Index cells = 256;
    constexpr double dx = 1.0 / cells, end = 0.5;
    VectorXd u(cells), flux(cells + 1);
    for (Index i = 0; i < cells; i++)
        u[i] = a * std::pow(std::sin(M_PI * (static_cast<double>(i) + 0.5) * dx), 2);
    for (double t = 0; t < end;) {
        const double speed = u.cwiseAbs().maxCoeff();
        const double dt = std::min({0.4 * dx / speed, 0.2 * dx * dx / nu, end - t});
        for (Index i = 0; i <= cells; i++) {
            const double left = i > 0 ? u[i - 1] : 0, right = i < cells ? u[i] : 0;
            flux[i] = (left * left + right * right) / 4 -
                      std::max(std::abs(left), std::abs(right)) * (right - left) / 2 -
                      nu * (right - left) / dx;
        }
        u -= dt / dx * (flux.tail(cells) - flux.head(cells));
        t = end - t <= dt ? end : t + dt;
    }
    return u;
}

} // namespace

Example makeBurgers(int count, std::uint64_t seed) {
    Example example{Matrix(count, 256), {}, Matrix(count, 2)};
    support::parallelFor(count, [&](int i) {
        Random random(seed, i);
        const double a = 0.5 + 1.5 * random.uniform(), nu = 1e-3 + 9e-3 * random.uniform();
        example.values.row(i) = solveBurgers(a, nu);
        example.parameters.row(i) << a, nu;
    });
    return example;
}

namespace {

constexpr int numAtoms = 6;

double torsion(const Positions& x, int first) {
    const Vector3d a = x.col(first + 1) - x.col(first), b = x.col(first + 2) - x.col(first + 1),
                   c = x.col(first + 3) - x.col(first + 2);
    return std::atan2(b.norm() * a.dot(b.cross(c)), a.cross(b).dot(b.cross(c)));
}

/// In kT; lengths in units of a bond.
double chainEnergy(const Positions& x) {
    constexpr double bond = 400, angle = 100, bending = 1.95, barrier = 8, stiff = 20;
    double energy = 0;
    for (int i = 0; i + 1 < numAtoms; i++)
        energy += bond / 2 * std::pow((x.col(i + 1) - x.col(i)).norm() - 1, 2);
    for (int i = 0; i + 2 < numAtoms; i++) {
        const Vector3d a = x.col(i) - x.col(i + 1), b = x.col(i + 2) - x.col(i + 1);
        energy += angle / 2 * std::pow(std::atan2(a.cross(b).norm(), a.dot(b)) - bending, 2);
    }
    energy += barrier / 2 * (1 - std::cos(2 * torsion(x, 1)));
    return energy + stiff / 2 * (2 + std::cos(torsion(x, 0)) + std::cos(torsion(x, 2)));
}

Positions chainForces(const Positions& x) {
    constexpr double h = 1e-5;
    Positions forces(3, numAtoms), moved = x;
    for (Index i = 0; i < x.size(); i++) {
        double& coordinate = moved.data()[i];
        coordinate = x.data()[i] + h;
        const double up = chainEnergy(moved);
        coordinate = x.data()[i] - h;
        forces.data()[i] = (chainEnergy(moved) - up) / (2 * h);
        coordinate = x.data()[i];
    }
    return forces;
}

/// A planar chain, the middle bond cis or trans.
Positions startChain(bool isTrans) {
    constexpr double bending = 1.95;
    Positions x = Positions::Zero(3, numAtoms);
    double direction = 0;
    for (int i = 1; i < numAtoms; i++) {
        x.col(i) = x.col(i - 1) + Vector3d(std::cos(direction), std::sin(direction), 0);
        // Bends in turns to the left and right, but twice to the same side around a cis bond.
        const bool isLeft = (i % 2 == 1) != (!isTrans && i >= 3);
        direction += (isLeft ? 1 : -1) * (M_PI - bending);
    }
    return x;
}

} // namespace

Chain simulateChain(int runs, std::uint64_t seed) {
    constexpr int framesOfRun = 50, stepsOfFrame = 100;
    constexpr double dt = 4e-4;
    Chain chain{std::vector<Positions>(runs * framesOfRun), std::vector<int>(runs * framesOfRun)};
    support::parallelFor(runs, [&](int run) {
        Random random(seed, run);
        Positions x = startChain(run % 2 == 1);
        for (int frame = 0; frame < framesOfRun; frame++) {
            for (int step = 0; step < stepsOfFrame; step++) {
                x += dt * chainForces(x);
                for (double& coordinate : x.reshaped())
                    coordinate += std::sqrt(2 * dt) * random.normal();
            }
            chain.frames[run * framesOfRun + frame] = x;
            chain.classes[run * framesOfRun + frame] = std::cos(torsion(x, 1)) < 0;
        }
    });
    return chain;
}

namespace {

Means lloyd(const Matrix& rows, int k, Random random) {
    Means means{Matrix(k, rows.cols()), {}};
    means.centres.row(0) = rows.row(random.below(rows.rows()));
    VectorXd nearest = VectorXd::Constant(rows.rows(), std::numeric_limits<double>::infinity());
    for (int c = 1; c < k; c++) {
        nearest =
            nearest.cwiseMin((rows.rowwise() - means.centres.row(c - 1)).rowwise().squaredNorm());
        double left = random.uniform() * nearest.sum();
        Index pick = 0;
        while (pick + 1 < rows.rows() && (left -= nearest[pick]) >= 0)
            pick++;
        means.centres.row(c) = rows.row(pick);
    }
    for (std::vector<int> before;
         (means.labels = nearestColumns(
              dissimilarities(rows, means.centres, 1, Dissimilarity::Euclid))) != before;) {
        before = means.labels;
        Matrix sums = Matrix::Zero(k, rows.cols());
        VectorXd counts = VectorXd::Zero(k);
        for (Index i = 0; i < rows.rows(); i++) {
            sums.row(before[i]) += rows.row(i);
            counts[before[i]]++;
        }
        for (int c = 0; c < k; c++)
            if (counts[c] > 0)
                means.centres.row(c) = sums.row(c) / counts[c];
    }
    return means;
}

} // namespace

Means kMeans(const Matrix& rows, int k, std::uint64_t seed) {
    constexpr int restarts = 10;
    Means best;
    double lowest = std::numeric_limits<double>::infinity();
    for (int start = 0; start < restarts; start++) {
        Means found = lloyd(rows, k, Random(seed, start));
        double cost = 0;
        for (Index i = 0; i < rows.rows(); i++)
            cost += (rows.row(i) - found.centres.row(found.labels[i])).squaredNorm();
        if (cost < lowest) {
            lowest = cost;
            best = std::move(found);
        }
    }
    return best;
}

} // namespace equivariant::local_reduced_order_bases
