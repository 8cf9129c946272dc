// SPDX-License-Identifier: MIT
//
// Reads a PONITA model (docs/model-file-ponita.md) and checks all of it.
#include "equivariant/Ponita.h"

#include "equivariant/Error.h"
#include "equivariant/Orientations.h"

#include <cmath>
#include <map>

namespace equivariant {

namespace {

std::size_t toSize(int value) {
    return static_cast<std::size_t>(value);
}

class Reader {
public:
    Reader(const ModelFile& file, const std::string& name)
        : name(name), config(file.config, name + ": config"), tensors(file, name) {}

    PonitaParameters read() {
        readSizes();
        readVariant();
        readKernel();
        readOutputs();
        readGrid();
        readWeights();
        config.finish();
        tensors.finish();
        return std::move(result);
    }

private:
    [[noreturn]] void fail(const std::string& what) const { throw Error(name + ": " + what); }

    int toInt(const nlohmann::json& value, const std::string& key, int least, int most) const {
        if (!value.is_number_integer() || value < least || value > most)
            fail("config key '" + key + "': not an integer from " + std::to_string(least) + " to " +
                 std::to_string(most));
        return value.get<int>();
    }
    int getInt(const std::string& key, int least, int most) {
        return toInt(config.take(key), key, least, most);
    }

    std::vector<int> getInts(const std::string& key, int least, int most) {
        const auto& values = config.take(key);
        if (!values.is_array() || values.empty() || values.size() > 118)
            fail("config key '" + key + "' is not a list of 1 to 118 integers");
        std::vector<int> result;
        for (const auto& value : values)
            result.push_back(toInt(value, key, least, most));
        return result;
    }

    double getNumber(const std::string& key) {
        const auto& value = config.take(key);
        if (!value.is_number() || !std::isfinite(value.get<double>()))
            fail("config key '" + key + "' is not a finite number");
        return value.get<double>();
    }

    bool getBool(const std::string& key) {
        const auto& value = config.take(key);
        if (!value.is_boolean())
            fail("config key '" + key + "' is not true or false");
        return value.get<bool>();
    }

    template <class T>
    T choose(const std::string& key, const std::string& value, const std::map<std::string, T>& of) {
        const auto found = of.find(value);
        if (found == of.end())
            fail("config key '" + key + "' has the unknown value '" + value.substr(0, 60) + "'");
        return found->second;
    }
    template <class T> T choose(const std::string& key, const std::map<std::string, T>& of) {
        return choose(key, config.get<std::string>(key), of);
    }

    void readSizes() {
        result.space =
            choose<PonitaSpace>("space", {{"R2", PonitaSpace::R2},
                                          {"R3", PonitaSpace::R3},
                                          {"R2xS1", PonitaSpace::R2xS1},
                                          {"R3xS2", PonitaSpace::R3xS2},
                                          {"R3xS2-point-cloud", PonitaSpace::R3xS2PointCloud},
                                          {"SE3", PonitaSpace::SE3}});
        result.hiddenDim = getInt("hidden_dim", 1, 4096);
        result.basisDim = getInt("basis_dim", 1, 4096);
        wideningFactor = getInt("widening_factor", 1, 64);
        numLayers = getInt("num_layers", 1, 64);
        result.numFactors =
            getInt("degree", 1, 6) + choose<int>("factors", {{"degree", 0}, {"degree+1", 1}});
        result.inputScalars = getInt("input_scalars", 0, 1024);
        result.inputVectors = getInt("input_vectors", 0, 1024);
        result.outputScalars = getInt("output_scalars", 0, 1024);
        result.outputVectors = getInt("output_vectors", 0, 1024);
        const bool directed = (result.hasGrid() && !result.hasFrames()) || result.isPointCloud();
        if (!directed && (result.inputVectors != 0 || result.outputVectors != 0))
            fail("only spaces of positions and orientations have input or output vectors");
        if (result.inputScalars + result.inputVectors == 0)
            fail("the model has no inputs");
        if (result.outputScalars + result.outputVectors == 0)
            fail("the model has no outputs");
    }

    void readVariant() {
        if (!config.take("radius").is_null()) {
            result.cutoff = getNumber("radius");
            if (!(result.cutoff > 0 && result.cutoff <= 1000))
                fail("config key 'radius' is not between 0 and 1000 Å, nor null");
        }
        result.windowPower = getInt("window_power", 0, 64);
        result.layerNormEps = getNumber("layer_norm_eps");
        if (!(result.layerNormEps > 0 && result.layerNormEps < 1))
            fail("config key 'layer_norm_eps' is not between 0 and 1");
        hasLayerScale = getBool("layer_scale");
        multipleReadouts = getBool("multiple_readouts");
        fiberNormalization =
            choose<int>("fiber_normalization", {{"orientations", 0}, {"channels", 1}, {"none", 2}});
        result.liftedEnvelope = getBool("lifted_envelope");
        if (result.liftedEnvelope && (!result.isPointCloud() || std::isinf(result.cutoff)))
            fail("a lifted envelope needs a point cloud with a radius");
        result.rotationAverage = choose<RotationGroup>(
            "rotation_average", {{"none", RotationGroup::None},
                                 {"tetrahedral", RotationGroup::Tetrahedral},
                                 {"octahedral", RotationGroup::Octahedral},
                                 {"icosahedral", RotationGroup::Icosahedral}});
        if (result.rotationAverage != RotationGroup::None && result.space != PonitaSpace::R3xS2)
            fail("an average over rotations needs the space R3xS2");
    }

    void readKernel() {
        ConfigReader invariants(config.take("invariants"), name + ": config key 'invariants'");
        result.invariants = choose<PonitaInvariants>(
            "invariants", invariants.get<std::string>("type"),
            {{"published", PonitaInvariants::Published}, {"smooth", PonitaInvariants::Smooth}});
        if (result.invariants == PonitaInvariants::Smooth) {
            result.smoothDelta = invariants.get<double>("delta");
            if (!(result.smoothDelta > 0 && result.smoothDelta <= 10))
                fail("config key 'invariants': delta is not between 0 and 10 Å");
            if (!(result.space == PonitaSpace::R3xS2 || result.isPointCloud()))
                fail("smooth invariants need a space with an axis, R3xS2 or its point cloud");
        }
        invariants.finish();
        ConfigReader kernel(config.take("kernel"), name + ": config key 'kernel'");
        result.kernelType = choose<PonitaKernel>(
            "kernel", kernel.get<std::string>("type"),
            {{"mlp", PonitaKernel::Mlp}, {"band-limited", PonitaKernel::BandLimited}});
        if (result.kernelType == PonitaKernel::BandLimited) {
            result.lMax = toInt(kernel.take("l_max"), "kernel", 0, 12);
            if (result.space != PonitaSpace::R3xS2 ||
                result.invariants != PonitaInvariants::Published)
                fail("a band-limited kernel needs the space R3xS2 and has no smooth invariants");
        }
        kernel.finish();
    }

    void readOutputs() {
        result.isPotential = choose<bool>("task_level", {{"graph", true}, {"node", false}});
        result.heads = {"default"};
        result.isolatedAtomEnergies = Eigen::MatrixXd::Zero(1, 0);
        // A node of a point cloud knows the neighbors of its atom before the first layer.
        result.numLayers = numLayers + (result.isPointCloud() ? 1 : 0);
        if (!result.isPotential)
            return;
        if (result.outputScalars != 1 || result.outputVectors != 0 || result.inputVectors != 0)
            fail("a potential has one output scalar, no output vectors and no input vectors");
        for (const char* key : {"scale", "shift"})
            if (!config.has(key))
                fail(std::string("config key '") + key +
                     "' is missing; checkpoints of PONITA do not contain it and energies are "
                     "wrong without it, so it must be given when the model is converted");
        result.scale = getNumber("scale");
        result.shift = getNumber("shift");
        readElements();
    }

    void readElements() {
        result.atomicNumbers = getInts("atomic_numbers", 1, 118);
        result.inputIndex = getInts("input_index", 0, result.inputScalars - 1);
        if (result.atomicNumbers.size() != result.inputIndex.size())
            fail("config keys 'atomic_numbers' and 'input_index' differ in length");
        for (std::size_t i = 1; i < result.atomicNumbers.size(); i++)
            if (result.atomicNumbers[i] <= result.atomicNumbers[i - 1])
                fail("config key 'atomic_numbers' is not ascending");
        const int count = static_cast<int>(result.atomicNumbers.size());
        result.isolatedAtomEnergies = Eigen::MatrixXd::Zero(1, count);
        if (tensors.has("isolated_atom_energies"))
            result.isolatedAtomEnergies = vector("isolated_atom_energies", count).transpose();
    }

    void readGrid() {
        if (!result.hasGrid())
            return;
        if (!tensors.has("orientations"))
            fail("tensor 'orientations' is missing; checkpoints of PONITA do not contain their "
                 "orientation grid and another grid gives other energies, so it must be given "
                 "when the model is converted");
        const int dimension = result.getDimension(), axes = result.hasFrames() ? 3 : 1;
        const Tensor& points = tensors.get("orientations");
        if (points.shape.size() != 2 || points.shape[0] < 1 || points.shape[0] > 1024 ||
            points.shape[1] != toSize(axes * dimension))
            fail("tensor 'orientations' is not a list of 1 to 1024 vectors of " +
                 std::to_string(axes * dimension) + " components");
        const int count = static_cast<int>(points.shape[0]);
        for (int o = 0; o < axes * count; o++) {
            Eigen::Vector3d n = Eigen::Vector3d::Zero();
            for (int k = 0; k < dimension; k++)
                n[k] = points.data[toSize(o * dimension + k)];
            result.orientations.push_back(n);
        }
        result.orientationWeights = vector("orientation_weights", count);
        checkOrientations(result, name);
        const double sizes[] = {1.0, double(count) / result.hiddenDim, double(count)};
        result.fiberScale = sizes[fiberNormalization];
    }

    Eigen::MatrixXd matrix(const std::string& tensor, int rows, int columns) {
        const Tensor& found = tensors.get(tensor, {toSize(rows), toSize(columns)});
        return Eigen::Map<const RowMatrix>(found.data.data(), rows, columns);
    }

    Eigen::VectorXd vector(const std::string& tensor, int size) {
        const Tensor& found = tensors.get(tensor, {toSize(size)});
        return Eigen::Map<const Eigen::VectorXd>(found.data.data(), size);
    }

    PonitaLinear linear(const std::string& tensor, int out, int in) {
        return {matrix(tensor + ".weight", out, in), vector(tensor + ".bias", out)};
    }

    int countFeatures(int attributes) const {
        int total = 0, power = 1;
        for (int k = 0; k < result.numFactors; k++)
            total += power *= attributes;
        return total;
    }

    void readWeights() {
        const int C = result.hiddenDim, B = result.basisDim;
        const bool banded = result.kernelType == PonitaKernel::BandLimited;
        const int attributes =
            banded || result.space == PonitaSpace::R2 || result.space == PonitaSpace::R3 ? 1
            : result.hasGrid() && !result.hasFrames()                                    ? 2
                                                                                         : 3;
        result.basis = {linear("basis_fn.1", C, countFeatures(attributes)),
                        linear("basis_fn.3", banded ? (result.lMax + 1) * B : B, C)};
        if (banded)
            result.fiberCoefficients = matrix("fiber_coefficients", result.lMax + 1, B);
        else if (result.hasGrid())
            result.fiberBasis = {
                linear("fiber_basis_fn.1", C, countFeatures(result.hasFrames() ? 6 : 1)),
                linear("fiber_basis_fn.3", B, C)};
        result.embedding =
            matrix("x_embedder.weight", C, result.inputScalars + result.inputVectors);
        for (int t = 0; t < numLayers; t++)
            result.layers.push_back(readLayer(t));
    }

    PonitaLayer readLayer(int t) {
        const int C = result.hiddenDim, B = result.basisDim, wide = wideningFactor * C;
        const std::string prefix = "interaction_layers." + std::to_string(t) + ".";
        PonitaLayer layer;
        layer.kernel = matrix(prefix + "conv.kernel.weight", C, B);
        if (result.hasGrid())
            layer.fiberKernel = matrix(prefix + "conv.fiber_kernel.weight", C, B);
        layer.bias = vector(prefix + "conv.bias", C);
        layer.normWeight = vector(prefix + "norm.weight", C);
        layer.normBias = vector(prefix + "norm.bias", C);
        layer.linear1 = linear(prefix + "linear_1", wide, C);
        layer.linear2 = linear(prefix + "linear_2", C, wide);
        if (hasLayerScale)
            layer.layerScale = vector(prefix + "layer_scale", C);
        if (multipleReadouts || t == numLayers - 1)
            layer.readout = linear("read_out_layers." + std::to_string(t),
                                   result.outputScalars + result.outputVectors, C);
        return layer;
    }

    std::string name;
    ConfigReader config;
    TensorReader tensors;
    PonitaParameters result;
    int wideningFactor = 0, numLayers = 0, fiberNormalization = 0;
    bool hasLayerScale = false, multipleReadouts = false;
};

} // namespace

PonitaParameters readPonita(const ModelFile& file, const std::string& name) {
    return Reader(file, name).read();
}

} // namespace equivariant
