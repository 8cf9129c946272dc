// SPDX-License-Identifier: MIT
#include "Report.h"

#include "support/Json.h"

#include <algorithm>

namespace equivariant::pac_invariant_representations {

using Eigen::Index;
using Eigen::VectorXd;
using nlohmann::json;

namespace {

std::vector<double> toList(const VectorXd& values) {
    return {values.data(), values.data() + values.size()};
}

std::vector<std::string> namesOf(const std::vector<int>& features, const Dataset& data) {
    std::vector<std::string> names;
    for (int i : features)
        names.push_back(data.features[i]);
    return names;
}

json toJson(const Candidate& candidate, const Dataset& data, const SearchOptions& options) {
    json report = {{"w", toList(candidate.representation.w)},
                   {"max_g", candidate.largestNorm},
                   {"max_relative_g", candidate.largestRelative},
                   {"max_slack", candidate.largestSlack},
                   {"error", candidate.error},
                   {"phi", json::array()},
                   {"environments", json::array()}};
    for (Index k = 0; k < candidate.representation.phi.rows(); k++)
        report["phi"].push_back(toList(candidate.representation.phi.row(k).transpose()));
    if (!candidate.features.empty())
        report["support"] = namesOf(candidate.features, data);
    for (const Environment& environment : data.environments) {
        const Residual r = residual(environment, candidate.representation,
                                    options.eta / double(data.environments.size()));
        report["environments"].push_back({{"name", environment.name},
                                          {"samples", environment.samples},
                                          {"g", r.norm},
                                          {"relative_g", r.relative},
                                          {"slack", r.slack},
                                          {"relative_slack", r.relativeSlack},
                                          {"error", r.error}});
    }
    return report;
}

} // namespace

json toJson(const SearchResult& result, const Dataset& data, const std::string& target,
            const SearchOptions& options, const std::vector<int>& usable) {
    json report = {{"schema", 1},
                   {"found", result.found},
                   {"features", data.features},
                   {"target", target},
                   {"eps", options.eps},
                   {"relative", options.relative},
                   {"eta", options.eta},
                   {"candidates", result.candidates},
                   {"invariant", result.invariant},
                   {"dropped", json::array()}};
    for (std::size_t i = 0; i < data.features.size(); i++)
        if (!std::count(usable.begin(), usable.end(), static_cast<int>(i)))
            report["dropped"].push_back(data.features[i]);
    const json best = toJson(result.best, data, options);
    if (result.found) {
        report.update(best);
    } else {
        report["status"] = "no eps-invariant representation";
        report["closest"] = best;
    }
    return report;
}

FittedFile readFitted(const std::string& path) {
    return support::parseJson(path, "a result of fit", [](const json& file) {
        if (!file.at("found").get<bool>())
            throw Error("holds no representation");
        const auto rows = file.at("phi").get<std::vector<std::vector<double>>>();
        const auto w = file.at("w").get<std::vector<double>>();
        FittedFile fitted{
            file.at("features"), file.at("target"), {}, file.at("eps"), file.at("relative")};
        const std::size_t n = fitted.features.size();
        if (rows.size() != w.size() || rows.empty())
            throw Error("phi and w do not fit together");
        fitted.representation = {Eigen::MatrixXd(rows.size(), n),
                                 Eigen::Map<const VectorXd>(w.data(), Index(w.size()))};
        for (std::size_t k = 0; k < rows.size(); k++) {
            if (rows[k].size() != n)
                throw Error("phi has not as many columns as there are features");
            fitted.representation.phi.row(Index(k)) =
                Eigen::Map<const VectorXd>(rows[k].data(), Index(n)).transpose();
        }
        return fitted;
    });
}

json toJson(const Certificate& certificate, const SearchOptions& options) {
    return {{"eps", options.eps},
            {"relative", options.relative},
            {"eta", options.eta},
            {"M", certificate.environments},
            {"violations", certificate.violations},
            {"violations_within_slack", certificate.withinSlack},
            {"upper_bound", certificate.upperBound},
            {"max_g", certificate.largestNorm},
            {"max_relative_g", certificate.largestRelative},
            {"error_range", {certificate.smallestError, certificate.largestError}}};
}

json toJson(const SampleBound& bound) {
    return {{"parameters", bound.parameters},
            {"degree", bound.degree},
            {"vc", bound.vc},
            {"environments", bound.environments}};
}

} // namespace equivariant::pac_invariant_representations
