// SPDX-License-Identifier: MIT
#include "Commands.h"
#include "Elements.h"
#include "Output.h"

#include <cmath>
#include <iostream>

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
    for (const auto& item : d["config"].items())
        if (item.value().is_primitive())
            line(item.key(),
                 item.value().is_string() ? item.value().get<std::string>() : item.value().dump());
    std::cout << std::flush;
}

} // namespace

void addInfoCommand(CLI::App& app) {
    auto path = std::make_shared<std::string>();
    auto json = std::make_shared<bool>(false);
    CLI::App* command = app.add_subcommand(
        "info", "What a model is: elements, cutoff (Å), size, licence, provenance");
    command->add_option("model", *path, "model file")->required();
    command->add_flag("--json", *json, "write JSON");
    command->callback([path, json] {
        const auto description = describe(*Model::load(*path));
        if (*json)
            writeOutput("", description.dump(2) + '\n');
        else
            printText(description);
    });
}

} // namespace equivariant::command
