// SPDX-License-Identifier: MIT
#include "TrainingConfig.h"

#include "equivariant/Error.h"
#include "equivariant/Orientations.h"

#include <filesystem>
#include <fstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace equivariant::training {

using nlohmann::json;

namespace {

json readJson(const std::string& path) {
    std::ifstream stream(path);
    if (!stream)
        throw Error(path + ": cannot be read");
    try {
        return json::parse(stream);
    } catch (const json::parse_error& error) {
        throw Error(path + ": not JSON: " + error.what());
    }
}

/// Throws Error with the first complaint and where it belongs.
void checkAgainstSchema(const json& config, const std::string& path) {
    using valijson::adapters::NlohmannJsonAdapter;
    const json schemaText = json::parse(configSchema);
    const NlohmannJsonAdapter schemaAdapter(schemaText);
    valijson::Schema schema;
    valijson::SchemaParser().populateSchema(schemaAdapter, schema);
    valijson::ValidationResults results;
    if (valijson::Validator().validate(schema, NlohmannJsonAdapter(config), &results))
        return;
    valijson::ValidationResults::Error error, deepest;
    while (results.popError(error))
        if (error.context.size() >= deepest.context.size())
            deepest = error;
    std::string place;
    for (std::size_t i = 1; i < deepest.context.size(); i++)
        place += deepest.context[i];
    throw Error(path + ": " + (place.empty() ? "" : place + ": ") + deepest.description);
}

/// The configuration with what it leaves to its preset.
json addPreset(const json& config, const std::string& path) {
    if (!config.contains("preset"))
        return config;
    const json presets = json::parse(configPresets);
    const auto name = config.at("preset").get<std::string>();
    if (!presets.contains(name)) {
        std::string known;
        for (const auto& item : presets.items())
            known += (known.empty() ? "" : ", ") + item.key();
        throw Error(path + ": preset: there is no '" + name + "'; there are " + known);
    }
    json complete = presets.at(name);
    complete.merge_patch(config);
    return complete;
}

template <class T> void take(const json& object, const char* key, T& value) {
    if (object.contains(key))
        value = object.at(key).get<T>();
}

template <class T>
void choose(const json& object, const char* key, const std::map<std::string, T>& known, T& value) {
    if (object.contains(key))
        value = known.at(object.at(key).get<std::string>());
}

void readData(const json& data, TrainingConfig& config) {
    take(data, "train", config.trainFile);
    take(data, "valid", config.validFile);
    take(data, "valid_fraction", config.validFraction);
    take(data, "energy_key", config.energyKey);
    take(data, "forces_key", config.forcesKey);
    take(data, "stress_key", config.stressKey);
    take(data, "config_type_weights", config.configTypeWeights);
    if (!data.contains("isolated_atoms"))
        return;
    if (data["isolated_atoms"].is_string())
        take(data, "isolated_atoms", config.isolatedAtomsFile);
    else
        take(data, "isolated_atoms", config.isolatedAtoms);
}

void readModel(const json& model, TrainingConfig& config) {
    ModelSizes& sizes = config.sizes;
    take(model, "from", config.startFrom);
    take(model, "architecture", sizes.architecture);
    take(model, "cutoff", sizes.cutoff);
    take(model, "num_layers", sizes.numLayers);
    take(model, "num_channels", sizes.numChannels);
    take(model, "max_L", sizes.maxL);
    take(model, "max_ell", sizes.maxEll);
    take(model, "correlation", sizes.correlation);
    take(model, "num_radial_basis", sizes.numRadialBasis);
    take(model, "cutoff_power", sizes.cutoffPower);
    take(model, "radial_network", sizes.radialNetwork);
    take(model, "readout_hidden", sizes.readoutHidden);
    take(model, "pair_repulsion", sizes.pairRepulsion);
    take(model, "copies", sizes.copies);
    take(model, "odd_paths", sizes.oddPaths);
    take(model, "space", sizes.space);
    take(model, "orientations", sizes.orientations);
    take(model, "band_limit", sizes.bandLimit);
    take(model, "final_orientations", config.finalOrientations);
    take(model, "basis_dim", sizes.basisDim);
    take(model, "degree", sizes.degree);
    take(model, "widening_factor", sizes.wideningFactor);
    take(model, "window_power", sizes.windowPower);
    take(model, "smooth_delta", sizes.smoothDelta);
}

void readOptimization(const json& config, TrainerOptions& options) {
    const auto part = [&](const char* key) {
        return config.contains(key) ? config.at(key) : json::object();
    };
    const json loss = part("loss"), optimizer = part("optimizer"), schedule = part("schedule"),
               second = part("stage_two");
    choose(loss, "type", {{"mse", Loss::Type::Mse}, {"huber", Loss::Type::Huber}},
           options.loss.type);
    take(loss, "huber_delta", options.loss.delta);
    take(loss, "energy_weight", options.loss.energyWeight);
    take(loss, "forces_weight", options.loss.forcesWeight);
    take(loss, "stress_weight", options.loss.stressWeight);
    take(loss, "torque_weight", options.loss.torqueWeight);
    choose(optimizer, "type",
           {{"adam", TrainerOptions::Optimizer::Adam},
            {"amsgrad", TrainerOptions::Optimizer::AmsGrad},
            {"adamw", TrainerOptions::Optimizer::AdamW}},
           options.optimizer);
    take(optimizer, "learning_rate", options.learningRate);
    take(optimizer, "weight_decay", options.weightDecay);
    take(optimizer, "largest_gradient", options.largestGradient);
    choose(schedule, "type",
           {{"none", TrainerOptions::Schedule::None},
            {"plateau", TrainerOptions::Schedule::Plateau},
            {"cosine", TrainerOptions::Schedule::Cosine}},
           options.schedule);
    take(schedule, "factor", options.plateauFactor);
    take(schedule, "patience", options.plateauPatience);
    take(schedule, "warmup_epochs", options.warmupEpochs);
    take(second, "start_epoch", options.stageTwo.startEpoch);
    take(second, "energy_weight", options.stageTwo.energyWeight);
    take(second, "forces_weight", options.stageTwo.forcesWeight);
    take(second, "stress_weight", options.stageTwo.stressWeight);
    take(second, "learning_rate", options.stageTwo.learningRate);
    take(config, "random_rotations", options.randomRotations);
    take(config, "ema_decay", options.emaDecay);
    take(config, "epochs", options.epochs);
    take(config, "batch_size", options.batchSize);
    take(config, "valid_batch_size", options.validBatchSize);
    take(config, "seed", options.seed);
}

/// Refuses sizes of another architecture, which would do nothing.
void checkModelKeys(const json& source, const std::string& path, const std::string& architecture) {
    static const std::map<std::string, std::vector<std::string>> keysOf = {
        {"mace",
         {"max_L", "max_ell", "correlation", "num_radial_basis", "cutoff_power", "radial_network",
          "readout_hidden", "pair_repulsion"}},
        {"gaunt-mace", {"copies", "odd_paths"}},
        {"ponita",
         {"space", "orientations", "final_orientations", "band_limit", "basis_dim", "degree",
          "widening_factor", "window_power", "smooth_delta"}}};
    for (const auto& [owner, keys] : keysOf)
        for (const std::string& key : keys)
            if (source.contains("model") && source.at("model").contains(key) &&
                owner != architecture && !(owner == "mace" && architecture == "gaunt-mace"))
                throw Error(path + ": model: " + key + " is a key of " + owner + ", not of " +
                            architecture);
}

/// Paths in a configuration are relative to its folder.
void resolve(std::string& path, const std::filesystem::path& folder) {
    if (!path.empty())
        path = (folder / path).lexically_normal().string();
}

} // namespace

TrainingConfig TrainingConfig::read(const std::string& path) {
    const json written = readJson(path);
    checkAgainstSchema(written, path);
    const json source = addPreset(written, path);
    TrainingConfig config;
    config.output = ".";
    take(source, "name", config.name);
    take(source, "output", config.output);
    take(source, "license", config.license);
    take(source, "threads", config.threads);
    config.onGpu = source.value("device", "cpu") == "cuda";
    config.isDouble = source.value("precision", "float32") == "float64";
    readData(source.at("data"), config);
    if (source.contains("model"))
        readModel(source.at("model"), config);
    readOptimization(source, config.trainer);
    const ModelSizes& sizes = config.sizes;
    if (sizes.copies == 0 && source.at("model").value("odd_paths", false))
        throw Error(path + ": model: odd_paths need copies");
    if (sizes.oddPaths && sizes.copies > 0 && sizes.architecture == "gaunt-mace" &&
        sizes.correlation < 3)
        throw Error(path + ": model: odd_paths need a correlation of at least 3");
    if (sizes.maxL > sizes.maxEll)
        throw Error(path + ": model: max_L is " + std::to_string(sizes.maxL) + ", above max_ell " +
                    std::to_string(sizes.maxEll));
    if (config.trainer.stageTwo.startEpoch > config.trainer.epochs)
        throw Error(path + ": stage_two: start_epoch is " +
                    std::to_string(config.trainer.stageTwo.startEpoch) + ", but there are " +
                    std::to_string(config.trainer.epochs) + " epochs");
    const int firstStage = config.trainer.getFirstStageEpochs();
    if (config.trainer.warmupEpochs >= firstStage)
        throw Error(path + ": schedule: warmup_epochs is " +
                    std::to_string(config.trainer.warmupEpochs) + ", but the first stage has " +
                    std::to_string(firstStage) + " epochs");
    if (!config.startFrom.empty() && source.at("model").size() > 1)
        throw Error(path + ": model: 'from' takes all sizes from a model; no other key may be "
                           "there");
    checkModelKeys(source, path, sizes.architecture);
    if (sizes.architecture == "ponita")
        for (const std::string& grid : {sizes.orientations, config.finalOrientations})
            if (!grid.empty())
                orientationGrid(grid); // throws if there is no such grid
    const auto folder = std::filesystem::path(path).parent_path();
    for (std::string* file : {&config.trainFile, &config.validFile, &config.isolatedAtomsFile,
                              &config.startFrom, &config.output})
        resolve(*file, folder);
    return config;
}

} // namespace equivariant::training
