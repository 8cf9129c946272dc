// SPDX-License-Identifier: MIT
#include "BridgeFile.h"

#include "Output.h"

#include "support/Json.h"

#include "equivariant/Error.h"

#include <cstdio>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace equivariant::light_sb {

using Eigen::Index;
using nlohmann::json;
using support::toJson;
using support::toMatrix;

namespace {

std::string hex(std::uint64_t hash) {
    char text[17];
    std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(hash));
    return text;
}

std::string checksumOf(const Model::Parameters& p) {
    std::uint64_t hash = XXH3_64bits(&p.eps, sizeof(p.eps));
    const auto add = [&](const double* data, Index size) {
        hash = XXH3_64bits_withSeed(data, size * sizeof(double), hash);
    };
    add(p.logWeights.data(), p.logWeights.size());
    add(p.means.data(), p.means.size());
    add(p.logScales.data(), p.logScales.size());
    for (const Matrix& q : p.rotations)
        add(q.data(), q.size());
    return hex(hash);
}

Model::Parameters parse(const json& file) {
    if (file.at("schema") != 1)
        throw Error("schema " + file.at("schema").dump() + " is not known");
    const auto k = file.at("K").get<Index>(), d = file.at("dim").get<Index>();
    if (k < 1 || d < 1 || k > 1'000'000 || d > 1'000'000)
        throw Error("K and dim make no sense");
    Model::Parameters p;
    p.eps = file.at("eps").get<double>();
    const auto weights = file.at("log_alpha").get<std::vector<double>>();
    p.logWeights = Eigen::Map<const Eigen::VectorXd>(weights.data(), Index(weights.size()));
    p.means = toMatrix(file.at("r"), k, d);
    p.logScales = toMatrix(file.at("log_s"), k, d);
    if (file.contains("Q"))
        for (const json& q : file["Q"])
            p.rotations.push_back(toMatrix(q, d, d));
    if (file.at("checksum") != checksumOf(p))
        throw Error("eps or another number was changed since the model was fitted");
    return p;
}

} // namespace

std::string hashOf(const MatrixView& points) {
    const Matrix copy = points; // contiguous
    return hex(XXH3_64bits(copy.data(), copy.size() * sizeof(double)));
}

void writeModel(const std::string& path, const Model& model, const json& origin) {
    const Model::Parameters& p = model.getParameters();
    json file = origin;
    file.update({{"schema", 1},
                 {"eps", p.eps},
                 {"dim", model.dimension()},
                 {"K", model.components()},
                 {"log_alpha", std::vector<double>(p.logWeights.data(),
                                                   p.logWeights.data() + p.logWeights.size())},
                 {"r", toJson(p.means)},
                 {"log_s", toJson(p.logScales)},
                 {"checksum", checksumOf(p)}});
    for (const Matrix& q : p.rotations)
        file["Q"].push_back(toJson(q));
    command::writeOutput(path, command::dump(file) + "\n");
}

Model readModel(const std::string& path, std::optional<double> eps) {
    return support::parseJson(path, "a model", [&](const json& file) {
        Model model(parse(file));
        if (eps && *eps != model.eps())
            throw Error("fitted with eps = " + json(model.eps()).dump() + ", not " +
                        json(*eps).dump());
        return model;
    });
}

} // namespace equivariant::light_sb
