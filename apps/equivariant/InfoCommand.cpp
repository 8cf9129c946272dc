// SPDX-License-Identifier: MIT
#include "Commands.h"
#include "Elements.h"
#include "LaunchCount.h"
#include "Output.h"

#include "equivariant/Error.h"

#include <cmath>
#include <iomanip>
#include <iostream>
#include <set>
#include <sstream>

namespace equivariant::command {

namespace {

std::size_t countParameters(const Model& model) {
    std::size_t count = 0;
    for (const auto& [name, tensor] : model.getFile().tensors)
        if (tensor.type == DataType::Float64 || tensor.type == DataType::Float32)
            count += tensor.data.size();
    return count;
}

/// Irreps of the features after each layer; an empty list for an architecture without such.
std::vector<std::string> getIrreps(const nlohmann::json& config) {
    std::vector<std::string> irreps;
    const auto layers = config.find("layers");
    if (layers != config.end() && layers->is_array())
        for (const auto& layer : *layers)
            if (layer.is_object() && layer.contains("hidden_irreps"))
                irreps.push_back(layer["hidden_irreps"].get<std::string>());
    return irreps;
}

struct InfoOptions {
    std::string model;
    std::vector<std::string> elements;
    ComputeOptions compute;
    bool json = false;
};

/// Atomic numbers of the elements that the options name, by default all of the model.
std::vector<int> getElements(const Model& model, const std::vector<std::string>& symbols) {
    if (symbols.empty())
        return model.getInfo().atomicNumbers;
    std::set<int> numbers;
    for (const std::string& symbol : symbols) {
        const int number = findElement(symbol);
        if (number == 0)
            throw Error("--elements: there is no element '" + symbol + "'");
        model.getSpecies(number); // does the model know it?
        numbers.insert(number);
    }
    return {numbers.begin(), numbers.end()};
}

/// How the platform native evaluates the model.
nlohmann::ordered_json describeEvaluator(const std::shared_ptr<const Model>& model,
                                         const InfoOptions& options) {
    Evaluator evaluator(model, getEvaluatorOptions(options.compute),
                        makeWorkers(options.compute.threads));
    const std::vector<int> elements = getElements(*model, options.elements);
    evaluator.evaluate(makeIsolatedAtoms(elements));
    nlohmann::ordered_json result = toJson(evaluator.describe());
    for (int number : elements)
        result["elements"].push_back(getSymbol(number));
    return result;
}

/// How a platform for devices evaluates the model; none has to be there.
nlohmann::ordered_json describeDevice(const Model& model, const std::string& platform) {
    using namespace EquivariantPlugin;
    return {{"platform", platform},
            {"launches_for_forces", countLaunches(model, true)},
            {"launches_for_energy", countLaunches(model, false)}};
}

nlohmann::ordered_json describe(const Model& model) {
    const PotentialInfo& info = model.getInfo();
    const ModelFile& file = model.getFile();
    nlohmann::ordered_json result;
    result["architecture"] = model.getArchitecture();
    for (int atomicNumber : info.atomicNumbers)
        result["elements"].push_back(getSymbol(atomicNumber));
    result["atomic_numbers"] = info.atomicNumbers;
    result["heads"] = info.heads;
    result["cutoff"] = nullptr;
    if (std::isfinite(info.cutoff))
        result["cutoff"] = info.cutoff;
    result["layers"] = info.numLayers;
    result["irreps"] = getIrreps(file.config);
    result["parameters"] = countParameters(model);
    result["license"] = file.license;
    result["citation"] = file.citation;
    result["provenance"] = file.provenance;
    result["hash"] = model.getHash();
    result["bytes"] = model.getBytes().size();
    result["config"] = file.config;
    return result;
}

std::string join(const nlohmann::ordered_json& list) {
    std::string text;
    for (const auto& item : list)
        text += (text.empty() ? "" : " ") + item.get<std::string>();
    return text;
}

std::string format(double value) {
    std::ostringstream text;
    text << std::setprecision(3) << value;
    return text.str();
}

template <class Line>
void printEvaluator(const nlohmann::ordered_json& evaluator, const Line& line) {
    line("evaluated with",
         evaluator["instruction_set"].get<std::string>() + ", " +
             (evaluator["threads"] == 1 ? "1 thread" : evaluator["threads"].dump() + " threads"));
    line("tables", evaluator["table_error"] == 0
                       ? "none, radial functions are exact"
                       : join(evaluator["elements"]) + ": " + format(evaluator["table_mb"]) +
                             " MB, relative error below " + format(evaluator["table_error"]));
    for (std::size_t i = 0; i < evaluator["products"].size(); i++)
        line("product of layer " + std::to_string(i + 1), evaluator["products"][i]);
}

void printText(const nlohmann::ordered_json& d) {
    const auto line = [](const std::string& name, const std::string& value) {
        std::cout << name << std::string(name.size() < 24 ? 24 - name.size() : 1, ' ') << value
                  << '\n';
    };
    line("architecture", d["architecture"]);
    line("elements", join(d["elements"]));
    line("heads", join(d["heads"]));
    line("cutoff", d["cutoff"].is_null() ? "none (all pairs)" : d["cutoff"].dump() + " Å");
    line("layers", d["layers"].dump());
    if (!d["irreps"].empty())
        line("irreps", join(d["irreps"]));
    line("parameters", d["parameters"].dump());
    line("license", d["license"]);
    line("citation", d["citation"]);
    line("provenance", d["provenance"]);
    line("hash", d["hash"]);
    line("size", d["bytes"].dump() + " bytes");
    if (d.contains("device")) {
        const auto& device = d["device"];
        line("evaluated with", device["platform"]);
        line("kernels launched", device["launches_for_forces"].dump() + " for forces, " +
                                     device["launches_for_energy"].dump() +
                                     " for the energy alone, with a neighbor list that serves");
    } else {
        printEvaluator(d["evaluator"], line);
    }
    for (const auto& item : d["config"].items())
        if (item.value().is_primitive())
            line(item.key(),
                 item.value().is_string() ? item.value().get<std::string>() : item.value().dump());
    std::cout << std::flush;
}
void runInfo(const InfoOptions& options) {
    const auto model = loadModel(options.model, options.compute);
    auto description = describe(*model);
    if (options.compute.platform == "native")
        description["evaluator"] = describeEvaluator(model, options);
    else
        description["device"] = describeDevice(*model, options.compute.platform);
    if (options.json)
        writeOutput("", description.dump(2) + '\n');
    else
        printText(description);
}

} // namespace

void addInfoCommand(CLI::App& app) {
    auto options = std::make_shared<InfoOptions>();
    CLI::App* command = app.add_subcommand(
        "info", "What a model is: elements, cutoff (Å), size, licence, provenance, how it is run");
    command->add_option("model", options->model, "model file")->required();
    command
        ->add_option("--elements", options->elements,
                     "elements that tables are made for, for instance H,C,O (default: all that the "
                     "model knows)")
        ->delimiter(',');
    command
        ->add_option("--platform", options->compute.platform,
                     "what runs it: native, or OpenCL or CUDA, which need not be there")
        ->check(CLI::IsMember({"native", "OpenCL", "CUDA"}))
        ->capture_default_str();
    addProcessorOptions(*command, options->compute);
    addNativeOptions(*command, options->compute);
    command->add_flag("--json", options->json, "write JSON");
    command->callback([options] { runInfo(*options); });
}

} // namespace equivariant::command
