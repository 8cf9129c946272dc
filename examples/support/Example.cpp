// SPDX-License-Identifier: MIT
#include "Example.h"

#include "Initialize.h"

#include <iostream>
#include <torch/torch.h>

namespace equivariant::examples {

void TrainingOptions::addTo(CLI::App& app) {
    app.add_option("--orientations", orientations, "grid")->capture_default_str();
    app.add_option("--channels", channels)->capture_default_str();
    app.add_option("--layers", layers)->capture_default_str();
    app.add_option("--minutes", minutes, "of training")->capture_default_str();
    app.add_option("--seed", seed)->capture_default_str();
    app.add_option("--threads", threads, "default: as many as the processor has");
    app.add_option("--output", output, "file that is written")->capture_default_str();
}

nlohmann::json networkConfig(const TrainingOptions& options, const std::string& space) {
    training::ModelSizes sizes;
    sizes.space = space;
    sizes.numChannels = options.channels;
    sizes.numLayers = options.layers;
    sizes.smoothDelta = 0;
    nlohmann::json config = training::ponitaConfig(sizes);
    config["radius"] = nullptr;
    config["window_power"] = 0;
    config["lifted_envelope"] = false;
    config["layer_scale"] = true;
    config["task_level"] = "node";
    return config;
}

int runExample(CLI::App& app, int argc, char** argv, const int& threads,
               const std::function<void()>& run) {
    try {
        app.parse(argc, argv);
        if (threads > 0)
            torch::set_num_threads(threads);
        run();
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    } catch (const std::exception& error) {
        std::cerr << app.get_name() << ": " << error.what() << "\n";
        return 2;
    }
    return 0;
}

} // namespace equivariant::examples
