// SPDX-License-Identifier: MIT
#include "Input.h"

#include "Dcd.h"
#include "ExtendedXyz.h"
#include "Superpose.h"

#include "equivariant/Error.h"

#include <filesystem>

namespace equivariant::local_reduced_order_bases {

using Eigen::Index;

namespace {

struct AtomFrames {
    std::vector<Positions> positions;
    std::vector<Positions> forces; ///< or empty
};

Positions toColumns(const std::vector<Eigen::Vector3d>& vectors) {
    return Eigen::Map<const Positions>(vectors[0].data(), 3, static_cast<Index>(vectors.size()));
}

AtomFrames readXyz(const std::string& path, bool needsForces) {
    AtomFrames result;
    std::vector<int> elements;
    for (const command::Frame& frame : command::readExtendedXyz(path)) {
        const std::string name = path + ": frame " + std::to_string(result.positions.size());
        const auto& numbers = frame.structure.atomicNumbers;
        if (elements.empty())
            elements = numbers;
        if (numbers.size() != elements.size())
            throw Error(name + " has " + std::to_string(numbers.size()) + " atoms, the first has " +
                        std::to_string(elements.size()));
        if (numbers != elements)
            throw Error(name + " has other elements than the first");
        result.positions.push_back(toColumns(frame.structure.positions));
        if (!needsForces)
            continue;
        if (frame.forces.empty())
            throw Error(name + " has no forces");
        result.forces.push_back(toColumns(frame.forces));
    }
    return result;
}

AtomFrames readFrames(const std::string& path, const std::string& ending, bool needsForces) {
    if (ending != ".dcd")
        return readXyz(path, needsForces);
    if (needsForces)
        throw Error(path + ": DCD files hold no forces");
    return {readDcd(path), {}};
}

Input toInput(const AtomFrames& frames, const std::string& path, Matrix reference) {
    if (reference.size() == 0)
        reference = meanStructure(frames.positions);
    if (frames.positions[0].cols() != reference.rows())
        throw Error(path + ": there are " + std::to_string(frames.positions[0].cols()) +
                    " atoms, but " + std::to_string(reference.rows()) + " in the reference");
    return {{superpose(frames.positions, frames.forces, reference), 1}, std::move(reference)};
}

Input readArrays(const std::string& path) {
    const support::Array array = support::readArray(path);
    const auto& shape = array.shape;
    if (shape.size() != 2 && shape.size() != 3)
        throw Error(path + ": an array of two dimensions (runs, size) or three (runs, steps, size) "
                           "is needed");
    if (array.values.empty())
        throw Error(path + ": there are no snapshots");
    const Index steps = shape.size() == 3 ? shape[1] : 1;
    Input input{
        {Eigen::Map<const Matrix>(array.values.data(), shape[0] * steps, shape.back()), steps}, {}};
    support::requireFinite(input.snapshots.values, path);
    return input;
}

} // namespace

Input readSnapshots(const std::string& path, const std::string& array, const Matrix& reference) {
    const std::string ending = std::filesystem::path(path).extension();
    const bool isFrames = ending == ".xyz" || ending == ".extxyz" || ending == ".dcd";
    if (!isFrames && reference.size() != 0)
        throw Error(path + ": frames of atoms are needed, as the dictionary is of such");
    if (!isFrames)
        return readArrays(path);
    return toInput(readFrames(path, ending, array == "forces"), path, reference);
}

} // namespace equivariant::local_reduced_order_bases
