// SPDX-License-Identifier: MIT
#include "CommentLine.h"
#include "Elements.h"
#include "ExtendedXyz.h"
#include "Numbers.h"

#include "equivariant/Error.h"

#include <cmath>
#include <fstream>
#include <sstream>

namespace equivariant::command {

namespace {

using Tokens = std::vector<std::string_view>;

Tokens split(std::string_view text, std::string_view separators) {
    Tokens tokens;
    while (true) {
        const std::size_t begin = text.find_first_not_of(separators);
        if (begin == std::string_view::npos)
            return tokens;
        const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
        tokens.push_back(text.substr(begin, end - begin));
        text.remove_prefix(end);
    }
}

double parseNumber(std::string_view token, const std::string& what) {
    const auto value = convert<double>(token);
    if (!value || !std::isfinite(*value))
        throw Error(what + " is not a finite number: '" + excerpt(token) + "'");
    return *value;
}

/// Numbers of a value such as "1 0 0 …" or [[1, 0, 0], …].
std::vector<double> parseNumbers(const std::string& value, const std::string& what) {
    std::vector<double> numbers;
    for (std::string_view token : split(value, " \t,[]{}"))
        numbers.push_back(parseNumber(token, what));
    return numbers;
}

Eigen::Matrix3d parseLattice(const std::string& value) {
    const std::vector<double> numbers = parseNumbers(value, "Lattice");
    if (numbers.size() != 9)
        throw Error("Lattice has " + std::to_string(numbers.size()) + " numbers, expected 9");
    return Eigen::Map<const Eigen::Matrix<double, 3, 3, Eigen::RowMajor>>(numbers.data());
}

std::array<bool, 3> parsePeriodicity(const std::string& value) {
    std::vector<bool> flags;
    for (std::string_view token : split(value, " \t,[]{}")) {
        const bool yes = token == "T" || token == "True" || token == "true" || token == "1";
        if (!yes && token != "F" && token != "False" && token != "false" && token != "0")
            throw Error("pbc is not true or false: '" + excerpt(token) + "'");
        flags.push_back(yes);
    }
    if (flags.size() == 1)
        return {flags[0], flags[0], flags[0]};
    if (flags.size() != 3)
        throw Error("pbc has " + std::to_string(flags.size()) + " values, expected 1 or 3");
    return {flags[0], flags[1], flags[2]};
}

/// Nine components, or six in the order xx yy zz yz xz xy.
Eigen::Matrix3d parseStress(const std::string& value, const std::string& key) {
    const std::vector<double> s = parseNumbers(value, key);
    Eigen::Matrix3d stress;
    if (s.size() == 9)
        stress << s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8];
    else if (s.size() == 6)
        stress << s[0], s[5], s[4], s[5], s[1], s[3], s[4], s[3], s[2];
    else
        throw Error(key + " has " + std::to_string(s.size()) + " numbers, expected 9 or 6");
    return 0.5 * (stress + stress.transpose());
}

int parseElement(std::string_view token) {
    std::string symbol;
    for (char c : token)
        symbol += static_cast<char>(symbol.empty() ? std::toupper(static_cast<unsigned char>(c))
                                                   : std::tolower(static_cast<unsigned char>(c)));
    if (const int found = findElement(symbol))
        return found;
    const auto number = convert<int>(token);
    if (!number || *number < 1 || *number > numElements)
        throw Error("unknown element '" + excerpt(token) + "'");
    return *number;
}

/// Where the columns that matter stand in the line of an atom.
struct Columns {
    std::size_t count = 4;
    bool exact = false; ///< no further columns allowed
    int element = 0, position = 1, forces = -1, atomEnergy = -1;
};

Columns parseProperties(const std::string& value, const LabelKeys& keys) {
    Columns columns{0, true, -1, -1, -1, -1};
    const Tokens parts = split(value, ":");
    if (parts.empty() || parts.size() % 3 != 0)
        throw Error("Properties is not a list of name:type:columns");
    int number = -1;
    for (std::size_t i = 0; i < parts.size(); i += 3) {
        const std::string name(parts[i]);
        const auto width = convert<int>(parts[i + 2]);
        if (!width || *width < 1 || *width > 10000)
            throw Error("Properties gives '" + excerpt(name) + "' no valid number of columns");
        const int start = static_cast<int>(columns.count);
        const auto place = [&](int& column, std::string_view types, int expected) {
            if (column >= 0)
                throw Error("Properties names '" + excerpt(name) + "' twice");
            if (types.find(parts[i + 1]) == std::string_view::npos || *width != expected)
                throw Error("Properties gives '" + excerpt(name) + "' the wrong type or width");
            column = start;
        };
        if (name == "species" || name == "symbols")
            place(columns.element, "S", 1);
        else if (name == "Z" || name == "numbers")
            place(number, "I", 1);
        else if (name == "pos" || name == "positions")
            place(columns.position, "R", 3);
        else if (!keys.forces.empty() && name == keys.forces)
            place(columns.forces, "R", 3);
        else if (name == "energies" && !keys.energy.empty())
            place(columns.atomEnergy, "R", 1);
        columns.count += *width;
    }
    if (columns.element < 0)
        columns.element = number;
    if (columns.element < 0 || columns.position < 0)
        throw Error("Properties has no column of species (or Z) or of pos");
    return columns;
}

/// Removes a key that occurs once. Returns nothing if it does not occur.
std::optional<std::string> take(KeyValues& pairs, const std::string& key) {
    std::optional<std::string> value;
    if (key.empty())
        return value;
    for (auto pair = pairs.begin(); pair != pairs.end();) {
        if (pair->first != key) {
            ++pair;
            continue;
        }
        if (value)
            throw Error("'" + excerpt(key) + "' occurs twice");
        value = pair->second;
        pair = pairs.erase(pair);
    }
    return value;
}

/// Whether a second line sets one of the keys that this program reads.
bool isExtended(std::string_view line, const LabelKeys& keys) {
    for (const std::string& key : {std::string("Lattice"), std::string("Properties"),
                                   std::string("pbc"), keys.energy, keys.stress})
        if (!key.empty() && line.find(key + "=") != std::string_view::npos)
            return true;
    return false;
}

/// Pairs of the second line. That of a plain file is free text, which may look like anything.
KeyValues parsePairs(std::string_view line, const LabelKeys& keys) {
    if (isExtended(line, keys))
        return parseCommentLine(line);
    KeyValues pairs;
    try {
        for (auto& pair : parseCommentLine(line))
            if (line.find(pair.first + "=") != std::string_view::npos)
                pairs.push_back(pair);
    } catch (const Error&) {
        return {};
    }
    return pairs;
}

Columns parseSecondLine(std::string_view line, const LabelKeys& keys, Frame& frame) {
    frame.info = parsePairs(line, keys);
    Structure& structure = frame.structure;
    const auto lattice = take(frame.info, "Lattice");
    if (lattice) {
        structure.cell = parseLattice(*lattice);
        structure.periodic = {true, true, true};
    }
    if (const auto pbc = take(frame.info, "pbc"))
        structure.periodic = parsePeriodicity(*pbc);
    for (bool periodic : structure.periodic)
        if (periodic && !lattice)
            throw Error("pbc is true but there is no Lattice");
    if (const auto energy = take(frame.info, keys.energy))
        frame.energy = parseNumber(*energy, keys.energy);
    if (const auto stress = take(frame.info, keys.stress))
        frame.stress = parseStress(*stress, keys.stress);
    const auto properties = take(frame.info, "Properties");
    return properties ? parseProperties(*properties, keys) : Columns();
}

Eigen::Vector3d parseVector(const Tokens& tokens, int column, const std::string& what) {
    Eigen::Vector3d vector;
    for (int d = 0; d < 3; d++)
        vector[d] = parseNumber(tokens[column + d], what);
    return vector;
}

void parseAtom(const Tokens& tokens, const Columns& columns, Frame& frame) {
    if (tokens.size() < columns.count || (columns.exact && tokens.size() != columns.count))
        throw Error("found " + std::to_string(tokens.size()) + " columns, expected " +
                    std::to_string(columns.count));
    frame.structure.atomicNumbers.push_back(parseElement(tokens[columns.element]));
    frame.structure.positions.push_back(parseVector(tokens, columns.position, "a position"));
    if (columns.forces >= 0)
        frame.forces.push_back(parseVector(tokens, columns.forces, "a force"));
    if (columns.atomEnergy >= 0)
        frame.atomEnergies.push_back(
            parseNumber(tokens[columns.atomEnergy], "an energy of an atom"));
}

/// Hands out lines and knows where it is.
class Reader {
public:
    Reader(std::string_view text, const std::string& name, const LabelKeys& keys)
        : rest(text), name(name), keys(keys) {}

    std::vector<Frame> readAll() {
        std::vector<Frame> frames;
        while (skipBlankLines()) {
            frameNumber++;
            try {
                frames.push_back(readFrame());
            } catch (const Error& error) {
                throw Error(name + ": frame " + std::to_string(frameNumber) + ", line " +
                            std::to_string(lineNumber) + ": " + error.what());
            }
        }
        if (frames.empty())
            throw Error(name + ": line 1: the file holds no frame");
        return frames;
    }

private:
    static constexpr const char* blanks = " \t\v\f";

    std::string_view nextLine() {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        lineNumber++;
        if (!line.empty() && line.back() == '\r')
            line.remove_suffix(1);
        return line;
    }

    /// False at the end of the file.
    bool skipBlankLines() {
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            if (rest.substr(0, end).find_first_not_of(" \t\v\f\r") != std::string_view::npos)
                return true;
            nextLine();
        }
        return false;
    }

    Frame readFrame() {
        const std::string_view first = nextLine();
        const Tokens tokens = split(first, blanks);
        const auto count = tokens.size() == 1 ? convert<int>(tokens[0]) : std::nullopt;
        if (!count || *count < 1)
            throw Error("expected the number of atoms, found '" + excerpt(first) + "'");
        if (rest.empty())
            throw Error("the file ends after the number of atoms");
        Frame frame;
        const Columns columns = parseSecondLine(nextLine(), keys, frame);
        for (int atom = 0; atom < *count; atom++) {
            if (rest.empty())
                throw Error("the file ends after " + std::to_string(atom) + " of " +
                            std::to_string(*count) + " atoms");
            parseAtom(split(nextLine(), blanks), columns, frame);
        }
        return frame;
    }

    std::string_view rest;
    const std::string& name;
    const LabelKeys& keys;
    int frameNumber = 0;
    int lineNumber = 0;
};

} // namespace

std::vector<Frame> parseExtendedXyz(std::string_view text, const std::string& name,
                                    const LabelKeys& keys) {
    return Reader(text, name, keys).readAll();
}

std::vector<Frame> readExtendedXyz(const std::string& path, const LabelKeys& keys) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream content;
    if (!stream || stream.peek() == std::ifstream::traits_type::eof() ||
        !(content << stream.rdbuf()))
        throw Error(path + ": cannot be read, or is empty");
    return parseExtendedXyz(content.str(), path, keys);
}

} // namespace equivariant::command
