// SPDX-License-Identifier: MIT
#include "Initialize.h"
#include "WeightFiller.h"

#include "equivariant/Error.h"
#include "equivariant/Orientations.h"

namespace equivariant::training {

namespace {

struct Grid {
    std::vector<double> numbers; ///< [orientations][dimension]
    std::size_t dimension;       ///< 2, 3, or 9: the axes of a frame
    std::vector<double> weights; ///< [orientations]
};

Grid makeGrid(const std::string& name, bool isPlanar) {
    const OrientationGrid points = orientationGrid(name);
    Grid grid{{}, isPlanar ? 2u : 3u, {points.weights.begin(), points.weights.end()}};
    for (const Eigen::Vector3d& point : points.points)
        grid.numbers.insert(grid.numbers.end(), point.data(), point.data() + grid.dimension);
    return grid;
}

Grid makeFrames(const std::string& name) {
    static const std::map<std::string, RotationGroup> groups = {
        {"tetrahedral-12", RotationGroup::Tetrahedral},
        {"octahedral-24", RotationGroup::Octahedral},
        {"icosahedral-60", RotationGroup::Icosahedral}};
    const auto found = groups.find(name);
    if (found == groups.end())
        throw Error("unknown group of rotations '" + name +
                    "' (known: tetrahedral-12, octahedral-24, icosahedral-60)");
    const auto& rotations = rotationsOf(found->second);
    Grid grid{{}, 9, std::vector<double>(rotations.size(), 1.0 / double(rotations.size()))};
    for (const Eigen::Matrix3d& rotation : rotations)
        grid.numbers.insert(grid.numbers.end(), rotation.data(), rotation.data() + 9);
    return grid;
}

/// Linear maps as PyTorch makes them; kernels are calibrated when training starts.
class PonitaInitializer : WeightFiller {
public:
    PonitaInitializer(const nlohmann::json& config, const std::string& orientations, unsigned seed)
        : WeightFiller(seed), config(config), gridName(orientations),
          space(config.at("space").get<std::string>()), channels(config.at("hidden_dim")),
          basis(config.at("basis_dim")), lMax(config.at("kernel").value("l_max", -1)) {}

    ModelFile make() {
        file.architecture = "ponita";
        file.config = config;
        if (hasGrid())
            addGrid();
        const std::size_t numAttributes = space == "R2" || space == "R3" || lMax >= 0   ? 1
                                          : space == "R3xS2-point-cloud" || hasFrames() ? 3
                                                                                        : 2;
        addLinear("basis_fn.1", channels, countMonomials(numAttributes));
        addLinear("basis_fn.3", lMax >= 0 ? (lMax + 1) * basis : basis, channels);
        if (hasGrid() && lMax >= 0) {
            fill("fiber_coefficients", {std::size_t(lMax) + 1, basis});
        } else if (hasGrid()) {
            addLinear("fiber_basis_fn.1", channels, countMonomials(hasFrames() ? 6 : 1));
            addLinear("fiber_basis_fn.3", basis, channels);
        }
        const std::size_t inputs = count("input_scalars") + count("input_vectors");
        fillUniform("x_embedder.weight", {channels, inputs}, perRoot(double(inputs)));
        const std::size_t numLayers = count("num_layers");
        for (std::size_t t = 0; t < numLayers; t++)
            addLayer(std::to_string(t), t + 1 == numLayers);
        return std::move(file);
    }

private:
    std::size_t count(const char* key) const { return config.at(key).get<std::size_t>(); }
    bool hasFrames() const { return space == "SE3"; }
    bool hasGrid() const { return space == "R3xS2" || space == "R2xS1" || hasFrames(); }

    std::size_t countMonomials(std::size_t attributes) const {
        const std::size_t longest = count("degree") + (config.at("factors") == "degree+1");
        std::size_t total = 0, power = 1;
        for (std::size_t k = 0; k < longest; k++)
            total += power *= attributes;
        return total;
    }

    void addGrid() {
        const Grid grid = hasFrames() ? makeFrames(gridName) : makeGrid(gridName, space == "R2xS1");
        const std::size_t count = grid.weights.size();
        set("orientations", {count, grid.dimension}, grid.numbers);
        set("orientation_weights", {count}, grid.weights);
    }

    void addLinear(const std::string& name, std::size_t out, std::size_t in) {
        fillUniform(name + ".weight", {out, in}, perRoot(double(in)));
        fillUniform(name + ".bias", {out}, perRoot(double(in)));
    }

    void addLayer(const std::string& number, bool isLast) {
        const std::string prefix = "interaction_layers." + number + ".";
        const std::size_t wide = count("widening_factor") * channels;
        fillUniform(prefix + "conv.kernel.weight", {channels, basis}, perRoot(double(basis)));
        if (hasGrid())
            fillUniform(prefix + "conv.fiber_kernel.weight", {channels, basis},
                        perRoot(double(basis)));
        set(prefix + "conv.bias", {channels}, std::vector<double>(channels, 0));
        set(prefix + "norm.weight", {channels}, std::vector<double>(channels, 1));
        set(prefix + "norm.bias", {channels}, std::vector<double>(channels, 0));
        addLinear(prefix + "linear_1", wide, channels);
        addLinear(prefix + "linear_2", channels, wide);
        if (config.at("layer_scale").get<bool>())
            set(prefix + "layer_scale", {channels}, std::vector<double>(channels, layerScale));
        if (isLast || config.at("multiple_readouts").get<bool>())
            addLinear("read_out_layers." + number,
                      count("output_scalars") + count("output_vectors"), channels);
    }

    static constexpr double layerScale = 1e-6; ///< as published
    const nlohmann::json& config;
    const std::string gridName, space;
    const std::size_t channels, basis;
    const int lMax; ///< -1: not band-limited
};

} // namespace

nlohmann::json ponitaConfig(const ModelSizes& sizes) {
    const bool isBandLimited = sizes.bandLimit > 0;
    const bool hasAxis = sizes.space == "R3xS2" || sizes.space == "R3xS2-point-cloud";
    return {{"space", sizes.space},
            {"hidden_dim", sizes.numChannels},
            {"basis_dim", sizes.basisDim ? sizes.basisDim : sizes.numChannels},
            {"degree", sizes.degree},
            {"factors", "degree"},
            {"widening_factor", sizes.wideningFactor},
            {"num_layers", sizes.numLayers ? sizes.numLayers : 3},
            {"radius", sizes.cutoff},
            {"window_power", sizes.windowPower},
            {"fiber_normalization", "orientations"},
            {"multiple_readouts", true},
            {"layer_scale", false},
            {"layer_norm_eps", 1e-5},
            {"input_vectors", 0},
            {"output_scalars", 1},
            {"output_vectors", 0},
            {"invariants", sizes.smoothDelta > 0 && hasAxis && !isBandLimited
                               ? nlohmann::json{{"type", "smooth"}, {"delta", sizes.smoothDelta}}
                               : nlohmann::json{{"type", "published"}}},
            {"kernel", isBandLimited
                           ? nlohmann::json{{"type", "band-limited"}, {"l_max", sizes.bandLimit}}
                           : nlohmann::json{{"type", "mlp"}}},
            {"lifted_envelope", sizes.space == "R3xS2-point-cloud"},
            {"rotation_average", "none"}};
}

ModelFile makeInitialPonita(const nlohmann::json& config, const std::string& orientations,
                            unsigned seed) {
    return PonitaInitializer(config, orientations, seed).make();
}

} // namespace equivariant::training
