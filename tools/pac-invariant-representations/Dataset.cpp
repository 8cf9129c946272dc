// SPDX-License-Identifier: MIT
#include "Dataset.h"

#include "ExtendedXyz.h"
#include "Numbers.h"
#include "Output.h"

#include "support/Json.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>

namespace equivariant::pac_invariant_representations {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using nlohmann::json;
using support::Table;
using support::toJson;
using support::toMatrix;

namespace {

std::string endingOf(const std::string& path) {
    return std::filesystem::path(path).extension().string();
}

std::vector<std::string> readNames(const std::string& path) {
    std::ifstream stream(path);
    if (!stream)
        throw Error(path + ": cannot be opened");
    std::vector<std::string> names;
    for (std::string line; std::getline(stream, line);)
        if (!line.empty())
            names.push_back(line);
    return names;
}

Table readColumns(const std::string& path, const std::string& namesFile) {
    if (endingOf(path) == ".csv") {
        Table table = support::readTable(path);
        if (table.names.empty())
            throw Error(path + ": the first line does not name the columns");
        return table;
    }
    if (namesFile.empty())
        throw Error(path + ": --names is needed to name the columns");
    Table table{readNames(namesFile), {}};
    const support::Array array = support::readArray(path);
    if (array.shape.size() != 2 || array.shape[1] != Index(table.names.size()))
        throw Error(path + ": not a matrix of the " + std::to_string(table.names.size()) +
                    " columns that " + namesFile + " names");
    table.values = Eigen::Map<const Matrix>(array.values.data(), array.shape[0], array.shape[1]);
    return table;
}

double readInfo(const command::Frame& frame, const std::string& key, const std::string& place) {
    const auto value = command::convert<double>(frame.getInfo(key));
    if (!value)
        throw Error(place + ": '" + key + "' is not a number");
    return *value;
}

/// Features beside the energies of frames, "A.xyz" or "A.xyz,B.npy".
Table readFrames(const std::string& path, const ReadOptions& options) {
    const std::size_t comma = path.find(',');
    const std::string xyz = path.substr(0, comma);
    if (options.target != "energy")
        throw Error(xyz + ": the target of frames is 'energy', not '" + options.target + "'");
    const auto frames = command::readExtendedXyz(xyz);
    Table table;
    if (comma == std::string::npos)
        table = {options.info, Matrix(frames.size(), options.info.size())};
    else
        table = readColumns(path.substr(comma + 1), options.names);
    if (table.values.rows() != Index(frames.size()))
        throw Error(path + ": " + std::to_string(frames.size()) + " frames and " +
                    std::to_string(table.values.rows()) + " rows of features");
    if (std::count(table.names.begin(), table.names.end(), options.target))
        throw Error(path + ": the target is among the features");
    table.names.push_back(options.target);
    table.values.conservativeResize(Eigen::NoChange, Index(table.names.size()));
    for (std::size_t i = 0; i < frames.size(); i++) {
        const std::string place = xyz + ": frame " + std::to_string(i + 1);
        if (!frames[i].energy)
            throw Error(place + ": no energy");
        for (std::size_t j = 0; comma == std::string::npos && j < options.info.size(); j++)
            table.values(Index(i), Index(j)) = readInfo(frames[i], options.info[j], place);
        table.values(Index(i), table.values.cols() - 1) = *frames[i].energy;
    }
    return table;
}

void requireNames(const std::vector<std::string>& names) {
    std::set<std::string> seen;
    for (const std::string& name : names)
        if (!seen.insert(name).second)
            throw Error("the column '" + name + "' is there twice");
}

Index find(const std::vector<std::string>& names, const std::string& name) {
    const auto place = std::find(names.begin(), names.end(), name);
    if (place == names.end())
        throw Error("there is no column '" + name + "'");
    return place - names.begin();
}

/// Which columns are the features. The first file decides, if `wanted` does not.
std::vector<int> chooseColumns(const std::vector<std::string>& names, Index target,
                               const ReadOptions& options, std::vector<std::string>& wanted) {
    const bool isFirst = wanted.empty();
    for (std::size_t j = 0; isFirst && j < names.size(); j++)
        if (Index(j) != target)
            wanted.push_back(names[j]);
    if (wanted.empty())
        throw Error("there are no features");
    std::vector<int> columns;
    for (const std::string& name : wanted) {
        if (name == options.target)
            throw Error("the target is among the features");
        columns.push_back(static_cast<int>(find(names, name)));
    }
    if (options.features.empty() && columns.size() + 1 != names.size())
        for (const std::string& name : names)
            if (name != options.target && !std::count(wanted.begin(), wanted.end(), name))
                throw Error("the column '" + name + "' is not in the first file");
    return columns;
}

Environment fromMoments(const json& file, const std::string& path, const ReadOptions& options,
                        std::vector<std::string>& wanted) {
    const auto names = file.at("names").get<std::vector<std::string>>();
    requireNames(names);
    const auto size = Index(names.size());
    const MatrixXd covariance = toMatrix(file.at("covariance"), size, size);
    const Index target = find(names, options.target);
    std::vector<int> order = chooseColumns(names, target, options, wanted);
    order.push_back(static_cast<int>(target));
    Environment environment =
        environmentOf(path, MatrixXd(covariance(order, order)), Index(order.size()) - 1);
    const double samples = file.value("samples", 0.0);
    if (!(samples >= 0 && samples < 1e15 && samples == std::floor(samples)))
        throw Error("'samples' is not a number of rows");
    environment.samples = static_cast<Index>(samples);
    return environment;
}

Environment fromTable(const Table& table, const std::string& path, const ReadOptions& options,
                      std::vector<std::string>& wanted) {
    requireNames(table.names);
    const Index target = find(table.names, options.target);
    const std::vector<int> columns = chooseColumns(table.names, target, options, wanted);
    for (Index i = 0; i < table.values.rows(); i++)
        for (Index j = 0; j < table.values.cols(); j++)
            if (!std::isfinite(table.values(i, j)))
                throw Error("row " + std::to_string(i) + ", column '" + table.names[j] +
                            "' is not a finite number");
    return environmentOf(path, Matrix(table.values(Eigen::all, columns)),
                         VectorXd(table.values.col(target)));
}

Environment readEnvironment(const std::string& path, const ReadOptions& options,
                            std::vector<std::string>& wanted) {
    if (endingOf(path) == ".json")
        return support::parseJson(path, "a file of moments", [&](const json& file) {
            return fromMoments(file, path, options, wanted);
        });
    const bool isXyz = endingOf(path.substr(0, path.find(','))) == ".xyz";
    // What readers of files throw names the file by itself.
    const Table table = isXyz ? readFrames(path, options) : readColumns(path, options.names);
    try {
        return fromTable(table, path, options, wanted);
    } catch (const Error& error) {
        throw Error(support::nameFile(path, error.what()));
    }
}

} // namespace

Dataset readEnvironments(const std::vector<std::string>& paths, const ReadOptions& options) {
    requireNames(options.features);
    Dataset data{options.features, {}};
    for (const std::string& path : paths)
        data.environments.push_back(readEnvironment(path, options, data.features));
    return data;
}

LinearSem readSem(const std::string& path) {
    return support::parseJson(path, "a model", [](const json& file) {
        LinearSem sem;
        sem.names = file.at("names").get<std::vector<std::string>>();
        requireNames(sem.names);
        sem.target = find(sem.names, file.at("target").get<std::string>());
        const auto size = Index(sem.names.size());
        sem.b = toMatrix(file.at("B"), size, size);
        const auto variances = file.at("s").get<std::vector<double>>();
        sem.variances = Eigen::Map<const VectorXd>(variances.data(), Index(variances.size()));
        sem.check();
        return sem;
    });
}

void writeSem(const std::string& path, const LinearSem& sem) {
    const VectorXd& s = sem.variances;
    command::writeOutput(path, json({{"names", sem.names},
                                     {"target", sem.names[sem.target]},
                                     {"B", toJson(sem.b)},
                                     {"s", std::vector<double>(s.data(), s.data() + s.size())}})
                                       .dump() +
                                   "\n");
}

void writeMoments(const std::string& path, const LinearSem& sem) {
    command::writeOutput(
        path, json({{"names", sem.names}, {"covariance", toJson(sem.covariance())}, {"samples", 0}})
                      .dump() +
                  "\n");
}

} // namespace equivariant::pac_invariant_representations
