// SPDX-License-Identifier: MIT
//
// safetensors: eight bytes with the header's length (little endian), a JSON header {name: {dtype,
// shape, data_offsets}, "__metadata__": {text: text}}, then the tensors' bytes, each at its offsets
// from the header's end, without gaps.
#include "equivariant/ModelFile.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace equivariant {

using nlohmann::json;

namespace {

constexpr const char* formatName = "openmm-equivariant";
constexpr const char* formatVersion = "1";
constexpr std::size_t maxHeaderBytes = 100000000; // the limit of the safetensors library
constexpr std::size_t maxRank = 8;

struct TypeName {
    DataType type;
    const char* name;
    std::size_t bytes;
};
constexpr TypeName typeNames[] = {{DataType::Float64, "F64", 8},
                                  {DataType::Float32, "F32", 4},
                                  {DataType::Int64, "I64", 8},
                                  {DataType::Int32, "I32", 4}};

const TypeName& typeOf(DataType type) {
    for (const TypeName& entry : typeNames)
        if (entry.type == type)
            return entry;
    throw std::logic_error("unknown data type");
}

template <class T> void readValues(const char* bytes, std::vector<double>& values) {
    for (std::size_t i = 0; i < values.size(); i++) {
        T value;
        std::memcpy(&value, bytes + i * sizeof(T), sizeof(T));
        values[i] = static_cast<double>(value);
    }
}

template <class T> void writeValues(const std::vector<double>& values, std::string& bytes) {
    for (double value : values) {
        const T converted = static_cast<T>(value);
        bytes.append(reinterpret_cast<const char*>(&converted), sizeof(T));
    }
}

/// Parses the entry of one tensor and copies its data out.
class TensorParser {
public:
    TensorParser(std::string_view data, const std::string& file) : data(data), file(file) {}

    Tensor parse(const std::string& name, const json& entry) {
        label = file + ": tensor '" + name + "'";
        if (!entry.is_object())
            fail("is not described by an object");
        Tensor tensor;
        const TypeName& type = parseType(entry);
        tensor.type = type.type;
        tensor.shape = parseSizes(entry, "shape", maxRank);
        const auto offsets = parseSizes(entry, "data_offsets", 2);
        if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data.size())
            fail("lies outside the file (truncated?)");
        std::size_t count = 1;
        for (std::size_t size : tensor.shape) {
            if (size != 0 && count > data.size() / size)
                fail("has a shape larger than the file");
            count *= size;
        }
        if (offsets[1] - offsets[0] != count * type.bytes)
            fail("has a shape that does not fit its size in the file");
        tensor.data.resize(count);
        read(data.data() + offsets[0], tensor);
        for (std::size_t i = 0; i < count; i++)
            if (!std::isfinite(tensor.data[i]))
                fail("has a value that is not finite at index " + std::to_string(i));
        ranges.emplace_back(offsets[0], offsets[1]);
        return tensor;
    }

    /// Requires: all tensors were parsed. Throws if they overlap or leave bytes of the file unused.
    void checkRanges() {
        std::sort(ranges.begin(), ranges.end());
        std::size_t end = 0;
        for (const auto& range : ranges) {
            if (range.first != end)
                throw Error(file + ": the tensors overlap or leave a gap at byte " +
                            std::to_string(end) + " of the data");
            end = range.second;
        }
        if (end != data.size())
            throw Error(file + ": the tensors cover " + std::to_string(end) +
                        " bytes but the file holds " + std::to_string(data.size()));
    }

private:
    [[noreturn]] void fail(const std::string& what) const { throw Error(label + " " + what); }

    const TypeName& parseType(const json& entry) const {
        const auto found = entry.find("dtype");
        if (found != entry.end() && found->is_string())
            for (const TypeName& known : typeNames)
                if (*found == known.name)
                    return known;
        fail("has no type, or one that is not F64, F32, I64 or I32");
    }

    std::vector<std::size_t> parseSizes(const json& entry, const char* key,
                                        std::size_t most) const {
        const auto found = entry.find(key);
        if (found == entry.end() || !found->is_array() || found->size() > most)
            fail(std::string("has no valid ") + key);
        std::vector<std::size_t> sizes;
        for (const json& size : *found) {
            if (!size.is_number_unsigned())
                fail(std::string("has no valid ") + key);
            sizes.push_back(size.get<std::size_t>());
        }
        return sizes;
    }

    static void read(const char* bytes, Tensor& tensor) {
        switch (tensor.type) {
        case DataType::Float64:
            return readValues<double>(bytes, tensor.data);
        case DataType::Float32:
            return readValues<float>(bytes, tensor.data);
        case DataType::Int64:
            return readValues<std::int64_t>(bytes, tensor.data);
        case DataType::Int32:
            return readValues<std::int32_t>(bytes, tensor.data);
        }
    }

    std::string_view data;
    std::string file, label;
    std::vector<std::pair<std::size_t, std::size_t>> ranges;
};

json parseHeader(std::string_view bytes, const std::string& name, std::size_t& headerEnd) {
    if (bytes.size() < 8)
        throw Error(name + ": not a safetensors file (shorter than 8 bytes)");
    std::uint64_t length = 0;
    for (int i = 7; i >= 0; i--)
        length = length << 8 | static_cast<unsigned char>(bytes[i]);
    if (length > maxHeaderBytes || length > bytes.size() - 8)
        throw Error(name + ": not a safetensors file, or truncated (header of " +
                    std::to_string(length) + " bytes in a file of " + std::to_string(bytes.size()) +
                    ")");
    headerEnd = 8 + static_cast<std::size_t>(length);
    json header = json::parse(bytes.begin() + 8, bytes.begin() + headerEnd, nullptr, false);
    if (!header.is_object())
        throw Error(name + ": the header is not a JSON object");
    return header;
}

std::string takeText(const json& metadata, const char* key, const std::string& name) {
    const auto found = metadata.find(key);
    if (found == metadata.end() || !found->is_string())
        throw Error(name + ": no text '" + key + "' in the metadata");
    return found->get<std::string>();
}

void parseMetadata(const json& header, const std::string& name, ModelFile& file) {
    const auto metadata = header.find("__metadata__");
    if (metadata == header.end() || !metadata->is_object() ||
        metadata->value("format", json()) != formatName)
        throw Error(name + ": not an OpenMM-Equivariant model (no format '" + formatName +
                    "' in the metadata)");
    const std::string version = takeText(*metadata, "version", name);
    if (version != formatVersion)
        throw Error(name + ": format version " + version + ", this program reads version " +
                    formatVersion);
    file.architecture = takeText(*metadata, "architecture", name);
    file.license = takeText(*metadata, "license", name);
    file.citation = takeText(*metadata, "citation", name);
    file.provenance = takeText(*metadata, "provenance", name);
    file.config = json::parse(takeText(*metadata, "config", name), nullptr, false);
    if (!file.config.is_object())
        throw Error(name + ": the metadata's 'config' is not a JSON object");
    static const char* const known[] = {"format",  "version",  "architecture", "config",
                                        "license", "citation", "provenance"};
    for (const auto& item : metadata->items()) {
        bool found = false;
        for (const char* key : known)
            found = found || item.key() == key;
        if (!found)
            throw Error(name + ": unknown key '" + item.key() + "' in the metadata");
    }
}

std::string shapeText(const std::vector<std::size_t>& shape) {
    std::string text;
    for (std::size_t size : shape)
        text += (text.empty() ? "" : ", ") + std::to_string(size);
    return "[" + text + "]";
}

} // namespace

ModelFile ModelFile::parse(std::string_view bytes, const std::string& name) {
    std::size_t headerEnd = 0;
    const json header = parseHeader(bytes, name, headerEnd);
    ModelFile file;
    parseMetadata(header, name, file);
    const std::string_view data = bytes.substr(headerEnd);
    TensorParser parser(data, name);
    for (const auto& item : header.items())
        if (item.key() != "__metadata__")
            file.tensors[item.key()] = parser.parse(item.key(), item.value());
    parser.checkRanges();
    return file;
}

std::string ModelFile::serialize() const {
    json header;
    header["__metadata__"] = {{"format", formatName},         {"version", formatVersion},
                              {"architecture", architecture}, {"config", config.dump()},
                              {"license", license},           {"citation", citation},
                              {"provenance", provenance}};
    std::string data;
    for (const auto& [name, tensor] : tensors) {
        const std::size_t begin = data.size();
        switch (tensor.type) {
        case DataType::Float64:
            writeValues<double>(tensor.data, data);
            break;
        case DataType::Float32:
            writeValues<float>(tensor.data, data);
            break;
        case DataType::Int64:
            writeValues<std::int64_t>(tensor.data, data);
            break;
        case DataType::Int32:
            writeValues<std::int32_t>(tensor.data, data);
            break;
        }
        header[name] = {{"dtype", typeOf(tensor.type).name},
                        {"shape", tensor.shape},
                        {"data_offsets", {begin, data.size()}}};
    }
    std::string text = header.dump();
    text.append((8 - text.size() % 8) % 8, ' '); // the tensors start aligned
    std::string bytes;
    for (int i = 0; i < 8; i++)
        bytes += static_cast<char>(static_cast<std::uint64_t>(text.size()) >> 8 * i & 0xff);
    return bytes + text + data;
}

TensorReader::TensorReader(const ModelFile& file, const std::string& name)
    : file(file), name(name) {}

bool TensorReader::has(const std::string& tensor) const {
    return file.tensors.count(tensor) != 0;
}

const Tensor& TensorReader::get(const std::string& tensor) {
    const auto found = file.tensors.find(tensor);
    if (found == file.tensors.end())
        throw Error(name + ": tensor '" + tensor + "' is missing");
    used[tensor] = true;
    return found->second;
}

const Tensor& TensorReader::get(const std::string& tensor, const std::vector<std::size_t>& shape) {
    const Tensor& found = get(tensor);
    if (found.shape != shape)
        throw Error(name + ": tensor '" + tensor + "' has shape " + shapeText(found.shape) +
                    ", expected " + shapeText(shape));
    return found;
}

void TensorReader::finish() const {
    for (const auto& item : file.tensors)
        if (used.count(item.first) == 0)
            throw Error(name + ": unknown tensor '" + item.first + "'");
}

ConfigReader::ConfigReader(const json& object, const std::string& name)
    : object(object), name(name) {
    if (!object.is_object())
        throw Error(name + " is not a JSON object");
}

bool ConfigReader::has(const std::string& key) const {
    return object.contains(key);
}

const json& ConfigReader::take(const std::string& key) {
    const auto found = object.find(key);
    if (found == object.end())
        throw Error(name + ": key '" + key + "' is missing");
    used[key] = true;
    return *found;
}

void ConfigReader::throwType(const std::string& key, const json& value) const {
    throw Error(name + ": key '" + key +
                "' has the wrong type or is out of range: " + value.dump().substr(0, 60));
}

void ConfigReader::finish() const {
    for (const auto& item : object.items())
        if (used.count(item.key()) == 0)
            throw Error(name + ": unknown key '" + item.key() + "'");
}

} // namespace equivariant
