// SPDX-License-Identifier: MIT
//
// NumPy's format, described in numpy.lib.format. No library: those at hand trust what the file says
// about its own size.
#include "Formats.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <regex>

namespace equivariant::support {

namespace {

const std::string magic = "\x93NUMPY";
constexpr std::size_t longestHeader = 4096; // NumPy writes about 100 bytes

struct Header {
    std::string type; ///< "f8"
    bool fortranOrder;
    std::vector<Eigen::Index> shape;
};

std::string readBytes(std::istream& stream, std::size_t count, const std::string& path) {
    std::string bytes(count, '\0');
    if (!stream.read(bytes.data(), static_cast<std::streamsize>(count)))
        throw Error(path + ": the file ends too early");
    return bytes;
}

Header readHeader(std::istream& stream, const std::string& path) {
    if (readBytes(stream, magic.size(), path) != magic)
        throw Error(path + ": this is no NPY file");
    const std::string version = readBytes(stream, 2, path);
    if (version[0] < 1 || version[0] > 3)
        throw Error(path + ": this version of the NPY format is not known");
    const std::string digits = readBytes(stream, version[0] == 1 ? 2 : 4, path);
    std::size_t length = 0; // little-endian
    for (std::size_t i = digits.size(); i-- > 0;)
        length = 256 * length + static_cast<unsigned char>(digits[i]);
    if (length > longestHeader)
        throw Error(path + ": the header is too long for an array of numbers");
    const std::string text = readBytes(stream, length, path);

    static const std::regex type("'descr': *'([<>=|]?)([a-zA-Z]\\w*)'");
    static const std::regex order("'fortran_order': *(True|False)");
    static const std::regex shape("'shape': *\\(([0-9, ]*)\\)");
    std::smatch typeMatch, orderMatch, shapeMatch;
    if (!std::regex_search(text, typeMatch, type) || !std::regex_search(text, orderMatch, order) ||
        !std::regex_search(text, shapeMatch, shape))
        throw Error(path + ": the header does not describe an array of numbers");
    if (typeMatch[1] == ">")
        throw Error(path + ": the bytes are in big-endian order");
    Header header{typeMatch[2], orderMatch[1] == "True", {}};
    static const std::regex number("[0-9]+");
    const std::string sizes = shapeMatch[1];
    for (std::sregex_iterator i(sizes.begin(), sizes.end(), number), end; i != end; ++i) {
        if (i->length() > 18)
            throw Error(path + ": the shape is absurd: " + i->str());
        header.shape.push_back(std::stoll(i->str()));
    }
    return header;
}

/// Reads what is left of a file.
template <class T>
std::vector<double> readValues(std::istream& stream, Eigen::Index count, const std::string& path) {
    const auto begin = stream.tellg();
    stream.seekg(0, std::ios::end);
    const auto bytes = static_cast<Eigen::Index>(stream.tellg() - begin);
    stream.seekg(begin);
    constexpr Eigen::Index size = sizeof(T);
    if (bytes / size != count || bytes % size != 0) // before memory is taken for the numbers
        throw Error(path + ": " + std::to_string(bytes) + " bytes of numbers, expected " +
                    std::to_string(count) + " of " + std::to_string(size) + " bytes");
    std::vector<double> values;
    values.reserve(count);
    std::vector<T> block;
    while (static_cast<Eigen::Index>(values.size()) < count) {
        block.resize(std::min<std::size_t>(count - values.size(), 1 << 16));
        if (!stream.read(reinterpret_cast<char*>(block.data()),
                         static_cast<std::streamsize>(block.size() * sizeof(T))))
            throw Error(path + ": cannot be read");
        values.insert(values.end(), block.begin(), block.end());
    }
    return values;
}

using Reader = std::vector<double> (*)(std::istream&, Eigen::Index, const std::string&);
const std::map<std::string, Reader> readers = {
    {"f8", readValues<double>},        {"f4", readValues<float>},
    {"i8", readValues<std::int64_t>},  {"i4", readValues<std::int32_t>},
    {"i2", readValues<std::int16_t>},  {"i1", readValues<std::int8_t>},
    {"u8", readValues<std::uint64_t>}, {"u4", readValues<std::uint32_t>},
    {"u2", readValues<std::uint16_t>}, {"u1", readValues<std::uint8_t>},
    {"b1", readValues<std::uint8_t>},
};

/// From column-major to row-major order.
std::vector<double> transpose(const std::vector<double>& values,
                              const std::vector<Eigen::Index>& shape) {
    std::vector<double> result(values.size());
    std::vector<Eigen::Index> index(shape.size(), 0);
    for (double& value : result) {
        Eigen::Index place = 0;
        for (std::size_t d = shape.size(); d-- > 0;)
            place = place * shape[d] + index[d];
        value = values[place];
        for (std::size_t d = shape.size(); d-- > 0 && ++index[d] == shape[d];)
            index[d] = 0;
    }
    return result;
}

} // namespace

Array readNpy(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        throw Error(path + ": cannot be opened");
    const Header header = readHeader(stream, path);
    const auto reader = readers.find(header.type);
    if (reader == readers.end())
        throw Error(path + ": numbers of the type '" + header.type + "' cannot be read");
    Array array{header.shape, reader->second(stream, countValues(header.shape, path), path)};
    if (header.fortranOrder && header.shape.size() > 1)
        array.values = transpose(array.values, header.shape);
    return array;
}

void writeNpy(const std::string& path, const Array& array) {
    std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (";
    for (Eigen::Index size : array.shape)
        header += std::to_string(size) + ", ";
    header += "), }";
    constexpr std::size_t before = 10, alignment = 64;
    header.append(alignment - (before + header.size() + 1) % alignment, ' ');
    header += '\n';
    std::ofstream stream(path, std::ios::binary);
    stream << magic << '\x01' << '\0' << static_cast<char>(header.size() % 256)
           << static_cast<char>(header.size() / 256) << header;
    stream.write(reinterpret_cast<const char*>(array.values.data()),
                 static_cast<std::streamsize>(array.values.size() * sizeof(double)));
    if (!stream.flush())
        throw Error(path + ": cannot be written");
}

} // namespace equivariant::support
