// SPDX-License-Identifier: MIT
#include "Dcd.h"

#include "equivariant/Error.h"

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace equivariant::local_reduced_order_bases {

namespace {

/// Reads Fortran records: their length in four bytes, the content, the length again.
class Records {
public:
    explicit Records(const std::string& path) : path(path), stream(path, std::ios::binary) {
        if (!stream)
            throw Error(path + ": cannot be opened");
        std::error_code error;
        left = std::filesystem::file_size(path, error);
        if (error)
            throw Error(path + ": cannot be read: " + error.message());
    }

    bool isAtEnd() const { return left == 0; }

    /// @param what  for the error message
    std::string read(const std::string& what) {
        const std::uint32_t size = readLength(what);
        if (left < std::uintmax_t(size) + 4)
            refuse(what);
        std::string content(size, '\0');
        stream.read(content.data(), size);
        left -= size;
        if (readLength(what) != size)
            refuse(what);
        return content;
    }

    [[noreturn]] void refuse(const std::string& what) const {
        throw Error(path + ": this is no DCD file, or it is damaged: " + what);
    }

private:
    std::uint32_t readLength(const std::string& what) {
        std::uint32_t length;
        if (left < 4 || !stream.read(reinterpret_cast<char*>(&length), 4))
            refuse(what);
        left -= 4;
        return length;
    }

    std::string path;
    std::ifstream stream;
    std::uintmax_t left;
};

std::int32_t number(const std::string& record, std::size_t index) {
    std::int32_t value;
    std::memcpy(&value, record.data() + 4 * index, sizeof value);
    return value;
}

Eigen::Matrix3Xd readFrame(Records& records, Eigen::Index numAtoms, const std::string& what) {
    Eigen::Matrix3Xd positions;
    std::vector<float> values;
    for (int d = 0; d < 3; d++) {
        const std::string record = records.read(what);
        if (record.size() != static_cast<std::size_t>(numAtoms) * sizeof(float))
            records.refuse(what + " has another number of atoms than the file says");
        positions.resize(3, numAtoms); // not before: the number may be absurd
        values.resize(numAtoms);
        std::memcpy(values.data(), record.data(), record.size());
        positions.row(d) =
            Eigen::Map<const Eigen::RowVectorXf>(values.data(), numAtoms).cast<double>();
    }
    if (!positions.allFinite())
        records.refuse(what + " has a position that is not a finite number");
    return positions;
}

} // namespace

std::vector<Eigen::Matrix3Xd> readDcd(const std::string& path) {
    Records records(path);
    const std::string header = records.read("header");
    constexpr std::size_t headerSize = 84;
    if (header.size() != headerSize || header.compare(0, 4, "CORD") != 0)
        records.refuse("header");
    const bool hasCell = number(header, 11) != 0;
    if (number(header, 9) != 0)
        throw Error(path + ": DCD files with fixed atoms cannot be read");
    if (number(header, 12) != 0)
        throw Error(path + ": DCD files of four dimensions cannot be read");
    records.read("title");
    const std::string count = records.read("number of atoms");
    if (count.size() != 4 || number(count, 0) < 1)
        records.refuse("number of atoms");
    std::vector<Eigen::Matrix3Xd> frames;
    while (!records.isAtEnd()) {
        const std::string what = "frame " + std::to_string(frames.size());
        if (hasCell)
            records.read(what);
        frames.push_back(readFrame(records, number(count, 0), what));
    }
    if (frames.empty())
        throw Error(path + ": there are no frames");
    return frames;
}

} // namespace equivariant::local_reduced_order_bases
