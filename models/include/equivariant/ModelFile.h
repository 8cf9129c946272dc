// SPDX-License-Identifier: MIT
#pragma once

#include "equivariant/Tensor.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace equivariant {

/// The content of a model file: one safetensors file whose metadata say what the tensors are.
/// The format is described in docs/model-file.md. It holds no code, so opening one is safe.
struct ModelFile {
    std::string architecture; ///< "mace", "gaunt-mace" or "ponita"
    nlohmann::json config;    ///< sizes and switches; its keys are the architecture's own
    std::string license;
    std::string citation;
    std::string provenance;
    std::map<std::string, Tensor> tensors;

    /// Parses the bytes of a file; `name` stands for it in error messages. Throws Error, naming the
    /// file and what is wrong where.
    static ModelFile parse(std::string_view bytes, const std::string& name);

    /// The bytes of the file: the same content gives the same bytes.
    std::string serialize() const;
};

/// Hands out the tensors of a ModelFile by name and checks shapes; at the end, that nothing is
/// left.
class TensorReader {
public:
    TensorReader(const ModelFile& file, const std::string& name);

    bool has(const std::string& tensor) const;

    /// The tensor of that name. Throws Error if it is absent or its shape differs.
    const Tensor& get(const std::string& tensor, const std::vector<std::size_t>& shape);

    /// The tensor of that name, whatever its shape. Throws Error if it is absent.
    const Tensor& get(const std::string& tensor);

    /// Throws Error naming the first tensor that nobody asked for.
    void finish() const;

private:
    const ModelFile& file;
    std::string name;
    std::map<std::string, bool> used;
};

/// Takes keys out of a JSON object with type checks; at the end, checks that nothing is left.
class ConfigReader {
public:
    /// `name` stands for the object in error messages.
    ConfigReader(const nlohmann::json& object, const std::string& name);

    bool has(const std::string& key) const;

    /// The value of a required key. Throws Error if it is absent or of another type.
    template <class T> T get(const std::string& key) { return convert<T>(key, take(key)); }

    /// The value of an optional key.
    template <class T> T get(const std::string& key, const T& absent) {
        return has(key) ? get<T>(key) : absent;
    }

    /// The raw JSON of a required key.
    const nlohmann::json& take(const std::string& key);

    /// Throws Error naming the first key that nobody asked for.
    void finish() const;

private:
    template <class T> T convert(const std::string& key, const nlohmann::json& value) const {
        try {
            return value.get<T>();
        } catch (const nlohmann::json::exception&) {
            throwType(key, value);
        }
    }
    [[noreturn]] void throwType(const std::string& key, const nlohmann::json& value) const;

    const nlohmann::json& object;
    std::string name;
    std::map<std::string, bool> used;
};

} // namespace equivariant
