// SPDX-License-Identifier: MIT
//
// The example of docs/tools/pac-invariant-representations.md: acetylacetone, whose frames are
// divided into ensembles by the distance of its oxygen atoms. Which three densities predict the
// energy by the same line in all of them?
#include "Bounds.h"
#include "Experiments.h"

#include "support/GauntFeatures.h"

#include <algorithm>
#include <numeric>

namespace equivariant::pac_invariant_representations {

namespace {

using command::Frame;
using Eigen::Index;
using Eigen::VectorXd;
using support::Reproduction;

double oxygenDistance(const Frame& frame) {
    std::vector<Eigen::Vector3d> oxygen;
    for (std::size_t i = 0; i < frame.structure.positions.size(); i++)
        if (frame.structure.atomicNumbers[i] == 8)
            oxygen.push_back(frame.structure.positions[i]);
    return (oxygen.at(0) - oxygen.at(1)).norm();
}

struct Data {
    Matrix features; ///< [frames][n]
    VectorXd energies;
    std::vector<double> distances;
};

/// Sums over pairs of atoms of two functions of their distance, for each pair of elements: the
/// features of first order, whose duplicates the search leaves out.
Data computeFeatures(const std::vector<Frame>& frames, const support::GauntFeatures& gaunt,
                     Index elements, Index radial) {
    const Index perElement = gaunt.size() / elements, channels = elements * radial;
    Data data{Matrix(frames.size(), elements * channels), VectorXd(frames.size()), {}};
    for (std::size_t i = 0; i < frames.size(); i++) {
        const Eigen::RowVectorXd row = gaunt.evaluate(frames[i].structure).row(0);
        for (Index e = 0; e < elements; e++) // after a constant
            data.features.row(Index(i)).segment(e * channels, channels) =
                row.segment(e * perElement + 1, channels);
        data.energies[Index(i)] = frames[i].energy.value();
        data.distances.push_back(oxygenDistance(frames[i]));
    }
    return data;
}

/// As many ensembles of neighbouring distances, of the same size.
std::vector<Environment> divide(const Data& data, const Eigen::RowVectorXd& scale, int count) {
    std::vector<int> order(data.distances.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [&](int a, int b) { return data.distances[a] < data.distances[b]; });
    std::vector<Environment> environments;
    for (int k = 0; k < count; k++) {
        const std::size_t n = order.size();
        const std::vector<int> rows(order.begin() + k * n / count,
                                    order.begin() + (k + 1) * n / count);
        const Matrix features = data.features(rows, Eigen::all) * scale.asDiagonal();
        environments.push_back(environmentOf("ensemble " + std::to_string(k), features,
                                             VectorXd(data.energies(rows))));
    }
    return environments;
}

} // namespace

void reproduceEnsembles(Reproduction& run) {
    const std::string claim = "acetylacetone, ensembles by the distance of the oxygens";
    const auto trainPath = run.data("acac/train_300K.xyz", claim);
    const auto testPath = trainPath ? run.data("acac/test_MD_300K.xyz", claim) : std::nullopt;
    if (!testPath)
        return;
    const auto trainFrames = command::readExtendedXyz(*trainPath);
    const std::vector<int> elements = support::findElements(trainFrames);
    const support::GauntFeatures gaunt(elements, {4.5, 2, 0});
    const Data train = computeFeatures(trainFrames, gaunt, Index(elements.size()), 2);
    const Data test =
        computeFeatures(command::readExtendedXyz(*testPath), gaunt, Index(elements.size()), 2);
    const Matrix centred = train.features.rowwise() - train.features.colwise().mean();
    const Eigen::RowVectorXd spread =
        (centred.colwise().squaredNorm() / double(centred.rows())).cwiseSqrt();
    const Eigen::RowVectorXd scale = (spread.array() > 1e-9).select(1 / spread.array(), 0);

    const std::vector<Environment> training = divide(train, scale, 5);
    const std::vector<Environment> heldOut = divide(test, scale, 13);
    const std::vector<int> usable = independentFeatures(training);
    SearchOptions options;
    options.relative = true;
    options.eps = 0.3; // fifty frames and three features alone may be off by sqrt(3/50)
    const SearchResult found = searchSubsets(training, options, usable);
    const Certificate certificate = certify(found.best.representation, heldOut, options);
    run.report(claim + ": features that are independent", double(usable.size()));
    run.report(claim + ": sets of up to three", double(found.candidates));
    run.report(claim + ": of these, invariant in 5 ensembles", double(found.invariant));
    run.report(claim + ": of 13 held-out ensembles of 50 frames, violated",
               double(certificate.violations));
    run.report(claim + ": of these, within the slack", double(certificate.withinSlack));
    run.report(claim + ": bound of the share of violated ensembles", certificate.upperBound);
    run.report(claim + ": error (eV^2), smallest", certificate.smallestError);
    run.report(claim + ": error (eV^2), largest", certificate.largestError);
    run.atMost(claim + ": violations that finite samples do not explain",
               double(certificate.violations - certificate.withinSlack), 0);
}

} // namespace equivariant::pac_invariant_representations
