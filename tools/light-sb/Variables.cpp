// SPDX-License-Identifier: MIT
#include "Variables.h"

#include "equivariant/Error.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

namespace equivariant::light_sb {

using command::Frame;
using Eigen::Vector3d;

namespace {

constexpr double degree = M_PI / 180;

struct Variable {
    std::string kind;
    std::vector<std::size_t> atoms;
};

const std::map<std::string, std::size_t> numbersOfAtoms = {
    {"distance", 2}, {"angle", 3}, {"torsion", 4}, {"cos", 4}, {"sin", 4}, {"energy", 0}};

Variable parse(const std::string& text) {
    const std::size_t colon = text.find(':');
    Variable variable{text.substr(0, colon), {}};
    const auto kind = numbersOfAtoms.find(variable.kind);
    if (kind == numbersOfAtoms.end())
        throw Error("'" + text +
                    "' is no variable; there are distance, angle, torsion, cos, sin "
                    "and energy");
    const char* at = text.data() + std::min(colon, text.size());
    const char* const end = text.data() + text.size();
    while (at != end) { // a colon or a dash, then a number
        std::size_t atom;
        const auto [next, error] = std::from_chars(at + 1, end, atom);
        if (error != std::errc() || (next != end && *next != '-'))
            throw Error("'" + text + "': atoms are numbers between dashes");
        if (std::count(variable.atoms.begin(), variable.atoms.end(), atom) > 0)
            throw Error("'" + text + "': atom " + std::to_string(atom) + " occurs twice");
        variable.atoms.push_back(atom);
        at = next;
    }
    if (variable.atoms.size() != kind->second)
        throw Error("'" + text + "': needs " + std::to_string(kind->second) + " atoms");
    return variable;
}

double torsion(const Vector3d& a, const Vector3d& b, const Vector3d& c, const Vector3d& d) {
    const Vector3d axis = c - b, normal0 = (b - a).cross(axis), normal1 = axis.cross(d - c);
    return std::atan2(axis.norm() * (b - a).dot(normal1), normal0.dot(normal1));
}

double evaluate(const Variable& variable, const Frame& frame) {
    if (variable.kind == "energy") {
        if (!frame.energy)
            throw Error("has no energy");
        return *frame.energy;
    }
    std::vector<Vector3d> r;
    for (std::size_t atom : variable.atoms) {
        if (atom >= frame.structure.positions.size())
            throw Error("has no atom " + std::to_string(atom));
        r.push_back(frame.structure.positions[atom]);
    }
    if (variable.kind == "distance")
        return (r[0] - r[1]).norm();
    if (variable.kind == "angle") {
        const Vector3d u = r[0] - r[1], v = r[2] - r[1];
        return std::atan2(u.cross(v).norm(), u.dot(v)) / degree;
    }
    const double angle = torsion(r[0], r[1], r[2], r[3]);
    if (variable.kind == "torsion")
        return (angle < 0 ? angle + 2 * M_PI : angle) / degree;
    return variable.kind == "cos" ? std::cos(angle) : std::sin(angle);
}

} // namespace

support::Table computeVariables(const std::vector<Frame>& frames,
                                const std::vector<std::string>& variables) {
    std::vector<Variable> parsed;
    for (const std::string& text : variables)
        parsed.push_back(parse(text));
    support::Table table{variables, support::Matrix(frames.size(), variables.size())};
    for (std::size_t i = 0; i < frames.size(); i++) {
        const auto& periodic = frames[i].structure.periodic;
        try {
            if (std::any_of(periodic.begin(), periodic.end(), [](bool p) { return p; }))
                throw Error("has periodic boundaries, which variables do not know");
            for (std::size_t j = 0; j < parsed.size(); j++)
                table.values(Eigen::Index(i), Eigen::Index(j)) = evaluate(parsed[j], frames[i]);
        } catch (const Error& error) {
            throw Error("frame " + std::to_string(i + 1) + " " + error.what());
        }
    }
    return table;
}

} // namespace equivariant::light_sb
