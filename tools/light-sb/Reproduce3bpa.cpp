// SPDX-License-Identifier: MIT
//
// The example of docs/tools/light-sb.md: 3BPA, a flexible molecule, from the conformations that are
// stretched at its ether bond to those that are folded.
#include "BridgePaths.h"
#include "Experiments.h"
#include "TwoSample.h"
#include "Variables.h"

#include "Plot.h"

#include <cmath>
#include <sstream>

namespace equivariant::light_sb {

namespace {

using Eigen::Index;
using support::Reproduction;

/// The three torsions that the file gives for each frame: "_JSON [209.44, 80.54, 59.96]".
double largestTorsionError(const std::vector<command::Frame>& frames,
                           const support::Table& torsions) {
    double worst = 0;
    for (std::size_t i = 0; i < frames.size(); i++) {
        const std::string text = frames[i].getInfo("dihedrals");
        std::istringstream numbers(text.substr(text.find('[') + 1));
        for (Index j = 0; j < 3; j++) {
            double expected = NAN;
            numbers >> expected;
            numbers.ignore();
            worst = std::max(
                worst, std::abs(std::remainder(torsions.values(Index(i), j) - expected, 360)));
        }
    }
    return worst;
}

/// Every second row of each set, and the others.
struct Ensemble {
    std::vector<Index> fitted, heldOut;
    void add(Index row) { (fitted.size() > heldOut.size() ? heldOut : fitted).push_back(row); }
};

/// Two of the coordinates of a set of points.
command::Series cloud(const std::string& title, const Matrix& points) {
    command::Series series{title, {}, {}, false};
    for (Index i = 0; i < points.rows(); i++) {
        series.x.push_back(points(i, 0));
        series.y.push_back(points(i, 3));
    }
    return series;
}

} // namespace

void reproduceConformations(Reproduction& run) {
    const std::string claim = "3BPA, stretched to folded";
    const auto path = run.data("3bpa/train_300K.xyz", claim);
    if (!path)
        return;
    const auto frames = command::readExtendedXyz(*path);
    const support::Table torsions =
        computeVariables(frames, {"torsion:4-1-5-13", "torsion:1-5-13-14", "torsion:5-13-14-18"});
    run.atMost("3BPA: torsions beside those that the file gives, degrees",
               largestTorsionError(frames, torsions), 0.01);

    // Between the rings, Å.
    const Matrix points =
        computeVariables(frames, {"distance:1-14", "distance:4-14", "distance:0-14",
                                  "distance:1-21", "distance:7-21"})
            .values;
    Ensemble stretched, folded;
    for (Index i = 0; i < points.rows(); i++)
        (std::abs(torsions.values(i, 1) - 180) < 60 ? stretched : folded).add(i);
    const Matrix source = points(stretched.heldOut, Eigen::all);
    const Matrix target = points(folded.heldOut, Eigen::all);
    FitOptions options;
    options.eps = 0.1;
    options.components = 20;
    options.full = true;
    options.steps = run.choose(3000, 10000);
    const Model model =
        fit(points(stretched.fitted, Eigen::all), points(folded.fitted, Eigen::all), options).model;
    const EnergyTest before = testEnergyDistance(source, target, 999, 3);
    const Matrix ends = sampleEnds(model, source, 30);
    const EnergyTest after = testEnergyDistance(ends, target, 999, 3);
    run.report(claim + ": energy distance of held-out frames before, over the noise floor",
               before.distance / before.quantile95);
    run.atMost(claim + ": energy distance of held-out frames after, over the noise floor",
               after.distance / after.quantile95, 1);
    const Moments from = momentsOf(source), to = momentsOf(target);
    const double independent =
        (from.mean - to.mean).squaredNorm() + from.covariance.trace() + to.covariance.trace();
    run.atMost(claim + ": mean squared displacement over that of independent pairs",
               (ends - source).squaredNorm() / double(source.rows()) / independent, 1);
    if (const auto path = run.figure("3bpa.png"))
        command::writePng(*path, {{"3BPA",
                                   "distance 1-14 (A)",
                                   "distance 1-21 (A)",
                                   {cloud("stretched", source), cloud("folded", target),
                                    cloud("end points", ends)}}});
}

} // namespace equivariant::light_sb
