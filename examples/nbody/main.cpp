// SPDX-License-Identifier: MIT
//
// Trains networks to tell where five charged particles will be: the N-body benchmark of the papers
// of PONITA (E. J. Bekkers et al., ICLR 2024, arXiv:2310.02970) and of Gaunt products (S. Luo et
// al., ICLR 2024, arXiv:2401.10216). Prints the mean squared error of the positions on a test set,
// and draws the learning curve.
#include "ChargedParticles.h"
#include "Example.h"
#include "Initialize.h"
#include "Plot.h"
#include "PonitaNetwork.h"
#include "SteerableNetwork.h"
#include "TimedTraining.h"
#include "Trainer.h"

#include "equivariant/Error.h"

#include <functional>
#include <memory>
#include <torch/torch.h>

namespace equivariant::nbody {

using namespace examples;
using namespace training;
using torch::Tensor;

namespace {

struct Options : TrainingOptions {
    std::string network = "ponita", space = "R3xS2";
    int degree = 1;
    bool selfMix = false;
    int trainSamples = 3000, testSamples = 2000, batchSize = 100;
};

bool isPonita(const Options& options) {
    return options.network == "ponita";
}

bool isPlanar(const Options& options) {
    return isPonita(options) && options.space == "R2xS1";
}

/// What a network is called in the output.
std::string nameOf(const Options& options) {
    if (isPonita(options))
        return "ponita " + options.space;
    return options.network + ", degree " + std::to_string(options.degree) +
           (options.selfMix ? ", self-mixing" : "");
}

/// Samples as tensors; every one is a complete graph.
struct Data {
    Tensor charges;                        ///< [samples][particles][1]
    Tensor positions, velocities, targets; ///< [samples][particles][xyz]
};

Data drawData(int count, unsigned seed, bool planar) {
    std::mt19937_64 random(seed);
    std::vector<double> charges, positions, velocities, targets;
    const auto append = [](std::vector<double>& values, const Eigen::Vector3d& v) {
        values.insert(values.end(), v.begin(), v.end());
    };
    for (int k = 0; k < count; k++) {
        const Sample sample = drawSample(random, planar ? 2 : 3);
        for (int i = 0; i < numParticles; i++) {
            charges.push_back(sample.start.charges[i]);
            append(positions, sample.start.positions[i]);
            append(velocities, sample.start.velocities[i]);
            append(targets, sample.target[i]);
        }
    }
    const auto make = [count](const std::vector<double>& values, int64_t width) {
        return torch::tensor(values, torch::kFloat64)
            .reshape({count, numParticles, width})
            .to(torch::kFloat32);
    };
    return {make(charges, 1), make(positions, 3), make(velocities, 3), make(targets, 3)};
}

/// The samples with these numbers, as one graph, and their displacements to come.
struct GraphBatch {
    DirectedEdges edges;
    NodeFields inputs;
    Tensor steps; ///< [nodes][xyz]
};

GraphBatch makeGraphBatch(const Data& data, const Tensor& samples) {
    const auto pick = [&](const Tensor& values) {
        return values.index_select(0, samples).flatten(0, 1);
    };
    const Tensor positions = pick(data.positions);
    GraphBatch batch;
    batch.edges = joinAll(std::vector<int64_t>(samples.size(0), numParticles), positions);
    batch.inputs = {pick(data.charges), pick(data.velocities).unsqueeze(1)};
    batch.steps = pick(data.targets) - positions;
    return batch;
}

/// A network whose output is a vector of each node, with its parameters.
struct Network {
    std::unique_ptr<TrainableTensors> tensors;
    std::function<NodeFields(const DirectedEdges&, const NodeFields&)> evaluate;
};

Tensor lossOf(const Network& network, const GraphBatch& batch) {
    const Tensor found = network.evaluate(batch.edges, batch.inputs).vectors.squeeze(1);
    return (found - batch.steps).square().mean();
}

/// Mean squared error of a coordinate; z does not count in the plane.
double testError(const Network& network, const Data& data, const Options& options) {
    const torch::NoGradGuard noGradients;
    double sum = 0;
    const int64_t count = data.charges.size(0);
    for (int64_t start = 0; start < count; start += options.batchSize) {
        const int64_t size = std::min<int64_t>(options.batchSize, count - start);
        const Tensor samples = torch::arange(start, start + size);
        sum += lossOf(network, makeGraphBatch(data, samples)).item<double>() * double(size);
    }
    return sum / double(count) * (isPlanar(options) ? 1.5 : 1);
}

/// @param batch  by which its kernels are scaled
Network makePonita(const Options& options, const GraphBatch& batch) {
    nlohmann::json config = networkConfig(options, options.space);
    config["input_scalars"] = 1;
    config["input_vectors"] = 1;
    config["output_scalars"] = 0;
    config["output_vectors"] = 1;
    const std::string published = isPlanar(options) ? "circle-10" : "fibonacci-16";
    const ModelFile file = makeInitialPonita(
        config, options.orientations.empty() ? published : options.orientations, options.seed);
    auto tensors = std::make_unique<TrainableTensors>(file, torch::kFloat32);
    auto network = std::make_shared<PonitaNetwork>(readPonita(file, "the new model"), *tensors);
    network->calibrate(batch.edges, batch.inputs);
    return {std::move(tensors), [network](const DirectedEdges& edges, const NodeFields& inputs) {
                return network->evaluate(edges, inputs);
            }};
}

Network makeSteerable(const Options& options) {
    const SteerableSizes sizes{options.channels, options.layers, options.degree,
                               options.network == "gaunt", options.selfMix};
    auto tensors = std::make_unique<TrainableTensors>(
        SteerableNetwork::makeInitial(sizes, options.seed), torch::kFloat32);
    auto network = std::make_shared<SteerableNetwork>(sizes, *tensors);
    return {std::move(tensors), [network](const DirectedEdges& edges, const NodeFields& inputs) {
                return network->evaluate(edges, inputs);
            }};
}

int64_t countParameters(TrainableTensors& tensors) {
    int64_t count = 0;
    for (const auto& [name, parameter] : tensors.getParameters())
        count += parameter.numel();
    return count;
}

void run(const Options& options) {
    const Data train = drawData(options.trainSamples, options.seed, isPlanar(options));
    const Data test = drawData(options.testSamples, options.seed + 1000, isPlanar(options));
    const auto shuffledSamples = [&](unsigned epoch) {
        const auto order = shuffled(options.trainSamples, options.seed * 100003u + epoch);
        return torch::tensor(std::vector<int64_t>(order.begin(), order.end()));
    };
    const GraphBatch first = makeGraphBatch(train, shuffledSamples(0).split(options.batchSize)[0]);
    const Network network = isPonita(options) ? makePonita(options, first) : makeSteerable(options);
    TimedTraining timed(*network.tensors, options.learningRate, options.minutes);
    command::Series curve{"", {}, {}};
    unsigned epoch = 0;
    for (; !timed.isOver(); epoch++) {
        for (const Tensor& samples : shuffledSamples(epoch).split(options.batchSize))
            timed.step(lossOf(network, makeGraphBatch(train, samples)));
        if (epoch % 10 == 0) {
            curve.x.push_back(timed.getMinutes());
            curve.y.push_back(testError(network, test, options));
            std::printf("epoch %u, %.1f min, test MSE %.5f\n", epoch + 1, curve.x.back(),
                        curve.y.back());
            std::fflush(stdout);
        }
    }
    const double error = testError(network, test, options);
    curve.x.push_back(options.minutes);
    curve.y.push_back(error);
    std::printf("%s\n", nlohmann::json{{"network", nameOf(options)},
                                       {"parameters", countParameters(*network.tensors)},
                                       {"epochs", epoch},
                                       {"test_mse", error}}
                            .dump()
                            .c_str());
    command::writePng(
        options.output,
        {{"Five charges: " + nameOf(options), "minutes", "test MSE", {curve}, false, true}});
}

} // namespace

} // namespace equivariant::nbody

int main(int argc, char** argv) {
    using namespace equivariant;
    nbody::Options options;
    options.output = "nbody.png";
    CLI::App app("Networks on the trajectories of five charged particles", "nbody");
    options.addTo(app);
    app.add_option("--network", options.network, "ponita, clebsch-gordan or gaunt (steerable)")
        ->check(CLI::IsMember({"ponita", "clebsch-gordan", "gaunt"}))
        ->capture_default_str();
    app.add_option("--degree", options.degree, "highest degree of a steerable network")
        ->check(CLI::Range(1, 6))
        ->capture_default_str();
    app.add_flag("--self-mix", options.selfMix,
                 "steerable networks: Gaunt products of nodes with themselves");
    app.add_option("--space", options.space,
                   "of PONITA: R3xS2, R3xS2-point-cloud, or R2xS1: in the plane")
        ->check(CLI::IsMember({"R3xS2", "R3xS2-point-cloud", "R2xS1"}))
        ->capture_default_str();
    app.add_option("--train", options.trainSamples, "samples")->capture_default_str();
    app.add_option("--test", options.testSamples, "samples")->capture_default_str();
    return examples::runExample(app, argc, argv, options.threads, [&] {
        const std::vector<std::string> ofPonita = {"--space", "--orientations"},
                                       ofSteerable = {"--degree", "--self-mix"};
        for (const std::string& name : nbody::isPonita(options) ? ofSteerable : ofPonita)
            if (app.count(name) > 0)
                throw Error(name + " does not belong to --network " + options.network);
        nbody::run(options);
    });
}
