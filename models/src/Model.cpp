// SPDX-License-Identifier: MIT
#include "equivariant/Model.h"

#include "equivariant/Error.h"

#define XXH_INLINE_ALL
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <xxhash.h>

namespace equivariant {

namespace {

std::string contentHash(const std::string& bytes) {
    const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
    char text[33];
    std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                  static_cast<unsigned long long>(hash.low64));
    return text;
}

/// The models alive in this process, by content hash.
class Cache {
public:
    std::shared_ptr<const Model> find(const std::string& hash) {
        std::lock_guard<std::mutex> lock(mutex);
        const auto found = models.find(hash);
        return found == models.end() ? nullptr : found->second.lock();
    }
    /// Adds a model, unless another thread was first: then that one is returned.
    std::shared_ptr<const Model> add(std::shared_ptr<const Model> model) {
        std::lock_guard<std::mutex> lock(mutex);
        std::weak_ptr<const Model>& entry = models[model->getHash()];
        if (auto present = entry.lock())
            return present;
        entry = model;
        return model;
    }

private:
    std::mutex mutex;
    std::map<std::string, std::weak_ptr<const Model>> models;
};

Cache& cache() {
    static Cache instance;
    return instance;
}

Model::Parameters readParameters(const ModelFile& file, const std::string& name) {
    if (file.architecture == "mace" || file.architecture == "gaunt-mace")
        return readMace(file, name);
    if (file.architecture == "ponita") {
        PonitaParameters parameters = readPonita(file, name);
        if (parameters.hasFrames())
            throw Error(name + ": the space SE3 can be trained, but not evaluated");
        return parameters;
    }
    throw Error(name + ": unknown architecture '" + file.architecture +
                "' (known: mace, gaunt-mace, ponita)");
}

} // namespace

std::shared_ptr<const Model> Model::load(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream content;
    if (!stream || !(content << stream.rdbuf()))
        throw Error(path + ": cannot be read");
    return fromBytes(content.str(), path);
}

std::shared_ptr<const Model> Model::fromBytes(const std::string& bytes, const std::string& name) {
    const std::string hash = contentHash(bytes);
    if (auto present = cache().find(hash))
        return present;
    ModelFile file = ModelFile::parse(bytes, name);
    Parameters parameters = readParameters(file, name);
    return cache().add(std::shared_ptr<const Model>(
        new Model(bytes, hash, std::move(file), std::move(parameters))));
}

std::shared_ptr<const Model> Model::find(const std::string& hash) {
    return cache().find(hash);
}

Model::Model(std::string bytes, std::string hash, ModelFile file, Parameters parameters)
    : bytes(std::move(bytes)), hash(std::move(hash)), file(std::move(file)),
      parameters(std::move(parameters)) {}

const PotentialInfo& Model::getInfo() const {
    return std::visit([](const auto& p) -> const PotentialInfo& { return p; }, parameters);
}

int Model::getSpecies(int atomicNumber) const {
    const auto& known = getInfo().atomicNumbers;
    const auto found = std::find(known.begin(), known.end(), atomicNumber);
    if (found == known.end()) {
        std::string list;
        for (int z : known)
            list += (list.empty() ? "" : ", ") + std::to_string(z);
        throw Error("the model does not know the element with atomic number " +
                    std::to_string(atomicNumber) + " (it knows " + list + ")");
    }
    return static_cast<int>(found - known.begin());
}

int Model::getHead(const std::string& name) const {
    const auto& heads = getInfo().heads;
    if (name.empty())
        return 0;
    const auto found = std::find(heads.begin(), heads.end(), name);
    if (found == heads.end()) {
        std::string list;
        for (const auto& head : heads)
            list += (list.empty() ? "" : ", ") + head;
        throw Error("the model has no head '" + name + "' (it has " + list + ")");
    }
    return static_cast<int>(found - heads.begin());
}

} // namespace equivariant
