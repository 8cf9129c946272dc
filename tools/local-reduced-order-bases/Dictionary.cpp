// SPDX-License-Identifier: MIT
#include "Dictionary.h"

#include "equivariant/Error.h"

#include <algorithm>

namespace equivariant::local_reduced_order_bases {

using Eigen::Index;
using support::Array;

namespace {

constexpr double version = 1;

/// The dataset "settings"; which matrices follow, too, as HDF5 files are read by names.
enum Setting {
    Version,
    Kind,
    Steps,
    NumBases,
    IsOfForces,
    HasMean,
    HasMass,
    HasReference,
    HasParameters,
    NumSettings
};

Array toArray(const Matrix& matrix) {
    return {{matrix.rows(), matrix.cols()}, {matrix.data(), matrix.data() + matrix.size()}};
}

Array toArray(const std::vector<int>& numbers) {
    return {{static_cast<Index>(numbers.size())}, {numbers.begin(), numbers.end()}};
}

class Reader {
public:
    explicit Reader(const std::string& path) : path(path) {}

    Matrix matrix(const std::string& name, Index columns = -1) const {
        Matrix found = support::readMatrix(path + ":" + name);
        if (columns >= 0 && found.cols() != columns)
            refuse(name);
        return found;
    }

    /// Whole numbers in 0 ... limit - 1.
    std::vector<int> numbers(const std::string& name, Index count, double limit) const {
        const Eigen::VectorXd values = support::readVector(path + ":" + name);
        std::vector<int> result;
        for (double value : values) {
            if (!(value >= 0 && value < limit) || value != static_cast<int>(value))
                refuse(name);
            result.push_back(static_cast<int>(value));
        }
        if (count >= 0 && values.size() != count)
            refuse(name);
        return result;
    }

    [[noreturn]] void refuse(const std::string& name) const {
        throw Error(path + ": the dataset '" + name + "' is not one of a dictionary");
    }

private:
    const std::string& path;
};

} // namespace

void writeDictionary(const std::string& path, const Dictionary& dictionary) {
    std::vector<double> settings(NumSettings);
    settings[Version] = version;
    settings[Kind] = static_cast<int>(dictionary.kind);
    settings[Steps] = static_cast<double>(dictionary.steps);
    settings[NumBases] = static_cast<double>(dictionary.bases.size());
    settings[IsOfForces] = dictionary.isOfForces;
    std::map<std::string, Array> datasets = {
        {"labels", toArray(dictionary.labels)},
        {"runs", toArray(dictionary.runs)},
        {"medoids", toArray(dictionary.medoids)},
        {"medoid_snapshots", toArray(dictionary.medoidSnapshots)},
        {"global_basis", toArray(dictionary.globalBasis)}};
    const auto addOptional = [&](Setting setting, const char* name, const Matrix& matrix) {
        settings[setting] = matrix.size() > 0;
        if (matrix.size() > 0)
            datasets[name] = toArray(matrix);
    };
    addOptional(HasMean, "mean", dictionary.mean);
    addOptional(HasMass, "mass", dictionary.mass);
    addOptional(HasReference, "reference", dictionary.reference);
    addOptional(HasParameters, "parameters", dictionary.parameters);
    for (std::size_t c = 0; c < dictionary.bases.size(); c++)
        datasets["basis_" + std::to_string(c)] = toArray(dictionary.bases[c]);
    datasets["settings"] = {{NumSettings}, settings};
    support::writeHdf5(path, datasets);
}

Dictionary readDictionary(const std::string& path) {
    const Reader read(path);
    constexpr double many = 1e9;
    const std::vector<int> settings = read.numbers("settings", NumSettings, many);
    const int k = settings[NumBases];
    if (settings[Version] != version || settings[Steps] < 1 || k < 1 ||
        settings[Kind] >= static_cast<int>(dissimilarityNames.size()))
        read.refuse("settings");
    Dictionary dictionary;
    dictionary.kind = static_cast<Dissimilarity>(settings[Kind]);
    dictionary.steps = settings[Steps];
    dictionary.isOfForces = settings[IsOfForces] != 0;
    dictionary.labels = read.numbers("labels", -1, k);
    const auto runs = static_cast<Index>(dictionary.labels.size());
    dictionary.runs = read.numbers("runs", runs, many);
    dictionary.medoids = read.numbers("medoids", k, static_cast<double>(runs));
    dictionary.medoidSnapshots = read.matrix("medoid_snapshots");
    const Index size = dictionary.medoidSnapshots.cols();
    if (dictionary.medoidSnapshots.rows() != k * dictionary.steps)
        read.refuse("medoid_snapshots");
    dictionary.globalBasis = read.matrix("global_basis", size);
    for (int c = 0; c < k; c++)
        dictionary.bases.push_back(read.matrix("basis_" + std::to_string(c), size));
    if (settings[HasMean])
        dictionary.mean = read.matrix("mean", size);
    if (settings[HasMass])
        dictionary.mass = read.matrix("mass");
    if (settings[HasReference])
        dictionary.reference = read.matrix("reference", 3);
    if (settings[HasParameters])
        dictionary.parameters = read.matrix("parameters");
    return dictionary;
}

} // namespace equivariant::local_reduced_order_bases
