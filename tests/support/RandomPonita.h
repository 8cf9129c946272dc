// SPDX-License-Identifier: MIT
//
// PONITA models with random weights, of every variant the model file can say.
#pragma once

#include "equivariant/Model.h"
#include "equivariant/Orientations.h"

#include <random>
#include <string>

namespace equivariant::test {

/// Config of a small potential of the elements 1, 6, 8 on R3xS2; tests overwrite keys of it.
inline nlohmann::json ponitaConfig() {
    return {{"space", "R3xS2"},
            {"hidden_dim", 6},
            {"basis_dim", 5},
            {"degree", 2},
            {"factors", "degree"},
            {"widening_factor", 2},
            {"num_layers", 2},
            {"radius", 4.0},
            {"window_power", 6},
            {"fiber_normalization", "orientations"},
            {"multiple_readouts", true},
            {"layer_scale", false},
            {"layer_norm_eps", 1e-5},
            {"input_scalars", 3},
            {"input_vectors", 0},
            {"output_scalars", 1},
            {"output_vectors", 0},
            {"task_level", "graph"},
            {"invariants", {{"type", "published"}}},
            {"kernel", {{"type", "mlp"}}},
            {"lifted_envelope", false},
            {"rotation_average", "none"},
            {"scale", 0.7},
            {"shift", 0.0},
            {"atomic_numbers", {1, 6, 8}},
            {"input_index", {0, 1, 2}}};
}

/// Random weights of the usual size, 1/sqrt(inputs), for a config.
class RandomPonita {
public:
    explicit RandomPonita(nlohmann::json config, const std::string& grid = "icosahedron-12",
                          unsigned seed = 1)
        : config(std::move(config)), grid(grid), generator(seed) {}

    ModelFile makeFile() {
        file = {};
        file.architecture = "ponita";
        file.config = config;
        const int C = config["hidden_dim"], B = config["basis_dim"];
        const std::string space = config["space"];
        const bool banded = config["kernel"]["type"] == "band-limited";
        const bool onGrid = space == "R3xS2" || space == "R2xS1";
        const int attributes = banded || space == "R3" || space == "R2" ? 1 : onGrid ? 2 : 3;
        const int bands = banded ? config["kernel"]["l_max"].get<int>() + 1 : 1;
        addLinear("basis_fn.1", C, countFeatures(attributes));
        addLinear("basis_fn.3", bands * B, C);
        if (banded)
            add("fiber_coefficients", {bands, B}, 1);
        else if (onGrid) {
            addLinear("fiber_basis_fn.1", C, countFeatures(1));
            addLinear("fiber_basis_fn.3", B, C);
        }
        const int inputs = config["input_scalars"].get<int>() + config["input_vectors"].get<int>();
        add("x_embedder.weight", {C, inputs}, 1);
        for (int t = 0; t < config["num_layers"]; t++)
            addLayer(t, onGrid);
        if (onGrid)
            addGrid(space == "R2xS1" ? 2 : 3);
        return file;
    }

    std::shared_ptr<const Model> make() {
        return Model::fromBytes(makeFile().serialize(), "random PONITA");
    }

private:
    int countFeatures(int attributes) const {
        const int factors = config["degree"].get<int>() + (config["factors"] == "degree+1" ? 1 : 0);
        int total = 0, power = 1;
        for (int k = 0; k < factors; k++)
            total += power *= attributes;
        return total;
    }

    void add(const std::string& name, const std::vector<int>& shape, double width,
             double center = 0) {
        std::normal_distribution<double> normal(center, width);
        Tensor tensor;
        std::size_t count = 1;
        for (int size : shape) {
            tensor.shape.push_back(static_cast<std::size_t>(size));
            count *= static_cast<std::size_t>(size);
        }
        for (std::size_t i = 0; i < count; i++)
            tensor.data.push_back(normal(generator));
        file.tensors[name] = tensor;
    }

    void addLinear(const std::string& name, int out, int in) {
        add(name + ".weight", {out, in}, 1 / std::sqrt(double(in)));
        add(name + ".bias", {out}, 0.3);
    }

    void addLayer(int t, bool onGrid) {
        const int C = config["hidden_dim"], B = config["basis_dim"];
        const int wide = C * config["widening_factor"].get<int>();
        const std::string prefix = "interaction_layers." + std::to_string(t) + ".";
        add(prefix + "conv.kernel.weight", {C, B}, 1 / std::sqrt(double(B)));
        if (onGrid)
            add(prefix + "conv.fiber_kernel.weight", {C, B}, 1 / std::sqrt(double(B)));
        add(prefix + "conv.bias", {C}, 0.2);
        add(prefix + "norm.weight", {C}, 0.1, 1);
        add(prefix + "norm.bias", {C}, 0.1);
        addLinear(prefix + "linear_1", wide, C);
        addLinear(prefix + "linear_2", C, wide);
        if (config["layer_scale"])
            add(prefix + "layer_scale", {C}, 0.3);
        if (config["multiple_readouts"] || t == config["num_layers"].get<int>() - 1)
            addLinear("read_out_layers." + std::to_string(t),
                      config["output_scalars"].get<int>() + config["output_vectors"].get<int>(), C);
    }

    void addGrid(int dimension) {
        const OrientationGrid found = orientationGrid(grid);
        Tensor points, weights;
        points.shape = {found.points.size(), static_cast<std::size_t>(dimension)};
        for (const Eigen::Vector3d& point : found.points)
            points.data.insert(points.data.end(), point.data(), point.data() + dimension);
        weights.shape = {found.points.size()};
        weights.data.assign(found.weights.data(), found.weights.data() + found.weights.size());
        file.tensors["orientations"] = points;
        file.tensors["orientation_weights"] = weights;
    }

    nlohmann::json config;
    std::string grid;
    std::mt19937 generator;
    ModelFile file;
};

} // namespace equivariant::test
