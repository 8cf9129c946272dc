// SPDX-License-Identifier: MIT
#include "CommentLine.h"
#include "Elements.h"
#include "ExtendedXyz.h"

#include <algorithm>
#include <charconv>

namespace equivariant::command {

namespace {

std::string formatNumber(double value) {
    char text[32];
    return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
}

/// Row after row; a symmetric matrix in ASE's order, too.
std::string formatMatrix(const Eigen::Matrix3d& matrix) {
    std::string text;
    for (int i = 0; i < 9; i++)
        text += (i ? " " : "") + formatNumber(matrix(i / 3, i % 3));
    return '"' + text + '"';
}

void appendVector(const Eigen::Vector3d& vector, std::string& line) {
    for (int d = 0; d < 3; d++)
        line += ' ' + formatNumber(vector[d]);
}

std::string formatSecondLine(const Frame& frame) {
    const Structure& structure = frame.structure;
    std::string line;
    if (!structure.cell.isZero(0))
        line += "Lattice=" + formatMatrix(structure.cell) + ' ';
    line += "Properties=species:S:1:pos:R:3";
    if (!frame.forces.empty())
        line += ":forces:R:3";
    if (!frame.atomEnergies.empty())
        line += ":energies:R:1";
    for (const auto& [key, value] : frame.info)
        line += ' ' + quoteValue(key) + '=' + quoteValue(value);
    if (frame.energy)
        line += " energy=" + formatNumber(*frame.energy);
    if (frame.stress)
        line += " stress=" + formatMatrix(*frame.stress);
    line += " pbc=\"";
    for (int d = 0; d < 3; d++)
        line += std::string(d ? " " : "") + (structure.periodic[d] ? 'T' : 'F');
    return line + '"';
}

} // namespace

std::string Frame::getInfo(const std::string& key) const {
    const auto found =
        std::find_if(info.begin(), info.end(), [&](const auto& pair) { return pair.first == key; });
    return found == info.end() ? "" : found->second;
}

std::string formatExtendedXyz(const Frame& frame) {
    const Structure& structure = frame.structure;
    const std::size_t numAtoms = structure.atomicNumbers.size();
    std::string text = std::to_string(numAtoms) + '\n' + formatSecondLine(frame) + '\n';
    for (std::size_t i = 0; i < numAtoms; i++) {
        text += getSymbol(structure.atomicNumbers[i]);
        appendVector(structure.positions[i], text);
        if (!frame.forces.empty())
            appendVector(frame.forces[i], text);
        if (!frame.atomEnergies.empty())
            text += ' ' + formatNumber(frame.atomEnergies[i]);
        text += '\n';
    }
    return text;
}

} // namespace equivariant::command
