// SPDX-License-Identifier: MIT
#include "Dataset.h"

#include "ExtendedXyz.h"
#include "Output.h"

#include "equivariant/Error.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>

namespace equivariant::pac_invariant_representations {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using nlohmann::json;
using support::Table;

namespace {

bool endsWith(const std::string& text, const std::string& end) {
    return text.size() >= end.size() &&
           text.compare(text.size() - end.size(), end.size(), end) == 0;
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
    if (endsWith(path, ".csv")) {
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
    const std::string text = frame.getInfo(key);
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0')
        throw Error(place + ": '" + key + "' is not a number");
    return value;
}

/// Features beside the energies of frames, "A.xyz" or "A.xyz,B.npy".
Table readFrames(const std::string& path, const ReadOptions& options) {
    const std::size_t comma = path.find(',');
    const std::string xyz = path.substr(0, comma);
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

json readJson(const std::string& path) {
    std::ifstream stream(path);
    if (!stream)
        throw Error(path + ": cannot be opened");
    return json::parse(stream);
}

MatrixXd toMatrix(const json& value, std::size_t size) {
    const auto rows = value.get<std::vector<std::vector<double>>>();
    MatrixXd matrix(size, size);
    if (rows.size() != size)
        throw Error(std::to_string(rows.size()) + " rows, expected " + std::to_string(size));
    for (std::size_t i = 0; i < size; i++) {
        if (rows[i].size() != size)
            throw Error("row " + std::to_string(i) + " has " + std::to_string(rows[i].size()) +
                        " numbers, expected " + std::to_string(size));
        for (std::size_t j = 0; j < size; j++)
            matrix(Index(i), Index(j)) = rows[i][j];
    }
    return matrix;
}

json toJson(const MatrixXd& matrix) {
    json rows = json::array();
    for (Index i = 0; i < matrix.rows(); i++) {
        const VectorXd row = matrix.row(i).transpose();
        rows.push_back(std::vector<double>(row.data(), row.data() + row.size()));
    }
    return rows;
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
    const MatrixXd covariance = toMatrix(file.at("covariance"), names.size());
    support::requireFinite(Matrix(covariance), "covariance");
    if (!((covariance - covariance.transpose()).cwiseAbs().maxCoeff() <=
          1e-10 * covariance.cwiseAbs().maxCoeff()))
        throw Error("the covariance is not symmetric");
    const Index target = find(names, options.target);
    std::vector<int> order = chooseColumns(names, target, options, wanted);
    order.push_back(static_cast<int>(target));
    Environment environment =
        environmentOf(path, MatrixXd(covariance(order, order)), Index(order.size()) - 1);
    environment.samples = file.value("samples", Index(0));
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
    const bool isXyz = endsWith(path.substr(0, path.find(',')), ".xyz");
    // What readers of files throw names the file by itself.
    Table table;
    if (isXyz)
        table = readFrames(path, options);
    else if (!endsWith(path, ".json"))
        table = readColumns(path, options.names);
    try {
        if (endsWith(path, ".json"))
            return fromMoments(readJson(path), path, options, wanted);
        return fromTable(table, path, options, wanted);
    } catch (const json::exception& error) {
        const std::string what = error.what();
        throw Error(path + ": not a file of moments: " + what.substr(0, what.find('\n')));
    } catch (const Error& error) {
        const std::string what = error.what();
        throw Error(what.rfind(path, 0) == 0 ? what : path + ": " + what);
    }
}

} // namespace

Dataset readEnvironments(const std::vector<std::string>& paths, const ReadOptions& options) {
    Dataset data{options.features, {}};
    for (const std::string& path : paths)
        data.environments.push_back(readEnvironment(path, options, data.features));
    return data;
}

LinearSem readSem(const std::string& path) {
    try {
        const json file = readJson(path);
        LinearSem sem;
        sem.names = file.at("names").get<std::vector<std::string>>();
        requireNames(sem.names);
        sem.target = find(sem.names, file.at("target").get<std::string>());
        sem.b = toMatrix(file.at("B"), sem.names.size());
        const auto variances = file.at("s").get<std::vector<double>>();
        sem.variances = Eigen::Map<const VectorXd>(variances.data(), Index(variances.size()));
        sem.check();
        return sem;
    } catch (const json::exception& error) {
        const std::string what = error.what();
        throw Error(path + ": not a model: " + what.substr(0, what.find('\n')));
    } catch (const Error& error) {
        const std::string what = error.what();
        throw Error(what.rfind(path, 0) == 0 ? what : path + ": " + what);
    }
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
