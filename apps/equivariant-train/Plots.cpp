// SPDX-License-Identifier: MIT
#include "Plots.h"

#include "Plot.h"

#include <algorithm>
#include <fstream>

namespace equivariant::command {

using support::Plot;
using support::Series;

namespace {

/// The line on which all points would lie.
Series makeDiagonal(const Series& points) {
    const auto [least, most] = std::minmax_element(points.x.begin(), points.x.end());
    return {"", {*least, *most}, {*least, *most}};
}

Plot makeParityPlot(const std::string& quantity, const Series& points) {
    Plot plot;
    plot.xLabel = quantity + " of the data";
    plot.yLabel = quantity + " of the model";
    if (!points.x.empty())
        plot.series = {points, makeDiagonal(points)};
    return plot;
}

} // namespace

void plotLearningCurves(const std::string& path, const std::string& metricsPath) {
    Series train{"training", {}, {}}, valid{"validation", {}, {}}, forces{"", {}, {}},
        energies{"", {}, {}};
    std::ifstream stream(metricsPath);
    for (std::string line; std::getline(stream, line);) {
        const auto metrics = nlohmann::json::parse(line);
        const auto add = [&](Series& series, const char* key) {
            series.x.push_back(metrics.at("epoch").get<double>());
            series.y.push_back(metrics.at(key).get<double>());
        };
        add(train, "train_loss");
        add(valid, "valid_loss");
        add(forces, "force_rmse");
        add(energies, "energy_rmse_per_atom");
    }
    const auto make = [](const std::string& label, std::vector<Series> series) {
        return Plot{"", "epoch", label, std::move(series), false, true};
    };
    support::writePng(path, {make("loss", {train, valid}),
                             make("RMSE of forces, validation, meV/Å", {forces}),
                             make("RMSE of energies, validation, meV/atom", {energies})});
}

void plotParity(const std::string& path, const std::vector<Frame>& frames,
                const std::vector<Evaluation>& evaluations) {
    Series energies{"", {}, {}, false}, forces{"", {}, {}, false};
    for (std::size_t f = 0; f < frames.size(); f++) {
        const auto count = static_cast<double>(frames[f].structure.atomicNumbers.size());
        if (frames[f].energy) {
            energies.x.push_back(*frames[f].energy / count);
            energies.y.push_back(evaluations[f].energy / count);
        }
        for (std::size_t i = 0; i < frames[f].forces.size(); i++) {
            forces.x.insert(forces.x.end(), frames[f].forces[i].begin(), frames[f].forces[i].end());
            const Eigen::Vector3d& predicted = evaluations[f].forces[i];
            forces.y.insert(forces.y.end(), predicted.begin(), predicted.end());
        }
    }
    support::writePng(path, {makeParityPlot("energy (eV/atom)", energies),
                             makeParityPlot("force component (eV/Å)", forces)});
}

} // namespace equivariant::command
