// SPDX-License-Identifier: MIT
#include "equivariant/SphereQuadrature.h"

#include "LebedevOrbits.h"
#include "equivariant/Error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>
#include <utility>

namespace equivariant {

namespace {

constexpr double pi = 3.14159265358979323846;

struct GaussLegendre {
    std::vector<double> nodes, weights;
};

/// Nodes on (-1, 1) by Newton's method from the usual starting values.
GaussLegendre gaussLegendre(int count) {
    GaussLegendre rule;
    for (int i = 0; i < count; i++) {
        double x = std::cos(pi * (i + 0.75) / (count + 0.5)), slope = 1;
        for (int iteration = 0; iteration < 100; iteration++) {
            double before = 1, now = x;
            for (int l = 2; l <= count; l++)
                before = std::exchange(now, ((2 * l - 1) * x * now - (l - 1) * before) / l);
            slope = count * (before - x * now) / (1 - x * x);
            const double step = now / slope;
            x -= step;
            if (std::abs(step) < 1e-15)
                break;
        }
        rule.nodes.push_back(x);
        rule.weights.push_back(2 / ((1 - x * x) * slope * slope));
    }
    return rule;
}

std::array<double, 3> representative(const Orbit& orbit) {
    switch (orbit.kind) {
    case OrbitKind::Vertex:
        return {0, 0, 1};
    case OrbitKind::Edge:
        return {0, std::sqrt(0.5), std::sqrt(0.5)};
    case OrbitKind::Face:
        return {std::sqrt(1 / 3.0), std::sqrt(1 / 3.0), std::sqrt(1 / 3.0)};
    case OrbitKind::Pq0:
        return {0, orbit.p, std::sqrt(1 - orbit.p * orbit.p)};
    case OrbitKind::Llm:
        return {orbit.p, orbit.p, std::sqrt(1 - 2 * orbit.p * orbit.p)};
    case OrbitKind::Rsw:
        return {orbit.p, orbit.q, std::sqrt(1 - orbit.p * orbit.p - orbit.q * orbit.q)};
    }
    return {};
}

/// All permutations and signs of a point.
std::set<std::array<double, 3>> expand(std::array<double, 3> point) {
    std::set<std::array<double, 3>> points;
    std::sort(point.begin(), point.end());
    do {
        for (int signs = 0; signs < 8; signs++) {
            std::array<double, 3> image = point;
            for (int d = 0; d < 3; d++)
                if (signs >> d & 1 && image[d] != 0)
                    image[d] = -image[d];
            points.insert(image);
        }
    } while (std::next_permutation(point.begin(), point.end()));
    return points;
}

} // namespace

SphereQuadrature productGrid(int exactDegree) {
    if (exactDegree < 0)
        throw Error("a quadrature of negative degree was asked for");
    const GaussLegendre latitudes = gaussLegendre(exactDegree / 2 + 1);
    const int longitudes = exactDegree + 1;
    SphereQuadrature rule;
    rule.exactDegree = exactDegree;
    const auto count = static_cast<Eigen::Index>(latitudes.nodes.size()) * longitudes;
    rule.points.resize(count, 3);
    rule.weights.resize(count);
    Eigen::Index point = 0;
    for (std::size_t i = 0; i < latitudes.nodes.size(); i++)
        for (int j = 0; j < longitudes; j++, point++) {
            const double cosine = latitudes.nodes[i], sine = std::sqrt(1 - cosine * cosine);
            const double phi = 2 * pi * j / longitudes;
            rule.points.row(point) << sine * std::sin(phi), cosine, sine * std::cos(phi);
            rule.weights[point] = latitudes.weights[i] * 2 * pi / longitudes;
        }
    return rule;
}

SphereQuadrature lebedev(int exactDegree) {
    for (const LebedevRule& rule : lebedevRules) {
        if (rule.degree < exactDegree)
            continue;
        std::vector<std::array<double, 3>> points;
        std::vector<double> weights;
        for (const Orbit& orbit : rule.orbits) {
            const auto images = expand(representative(orbit));
            points.insert(points.end(), images.begin(), images.end());
            weights.insert(weights.end(), images.size(), 4 * pi * orbit.weight / images.size());
        }
        SphereQuadrature result;
        result.exactDegree = rule.degree;
        result.points = Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, 3, Eigen::RowMajor>>(
            points[0].data(), points.size(), 3);
        result.weights = Eigen::Map<const Eigen::VectorXd>(weights.data(), weights.size());
        return result;
    }
    throw Error("there is no Lebedev rule of degree " + std::to_string(exactDegree) +
                " here (the highest is 41)");
}

} // namespace equivariant
