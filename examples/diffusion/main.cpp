// SPDX-License-Identifier: MIT
//
// Generates molecules by equivariant diffusion with PONITA as denoiser: the task of its paper
// (E. J. Bekkers et al., ICLR 2024, arXiv:2310.02970), the process of E. Hoogeboom et al.,
// arXiv:2203.17003. Elements and positions of a molecule of given size are noised together; the
// network tells the velocity signal * noise - strength * molecule (T. Salimans and J. Ho, ICLR
// 2022, arXiv:2202.00512), from which the noise follows without loss where hardly any signal is
// left. Prints how many atoms and molecules of what it makes are stable.
#include "Example.h"
#include "ExtendedXyz.h"
#include "Initialize.h"
#include "PonitaNetwork.h"
#include "Stability.h"
#include "TimedTraining.h"

#include "equivariant/Error.h"

#include <cmath>
#include <fstream>
#include <random>
#include <torch/torch.h>

namespace equivariant::diffusion {

using namespace command;
using namespace examples;
using namespace training;
using torch::Tensor;

namespace {

const std::vector<int> elements = {1, 6, 7, 8};
constexpr int numSteps = 500;
constexpr double elementScale = 0.25, finalNoise = 1e-4, averageDecay = 0.999;

struct Options : TrainingOptions {
    std::string data;
    int batchSize = 32, samples = 100, mostAtoms = 20;
};

/// Molecules one after the other.
struct Molecules {
    std::vector<int64_t> sizes;
    Tensor positions; ///< [atoms][xyz], Å
    Tensor elements;  ///< [atoms][elements], one of which is elementScale
};

/// Signal and noise of a step: x_t = signal x + noise epsilon.
struct Noise {
    double signal, noise;
};

/// The polynomial schedule of arXiv:2203.17003, appendix B.
Noise noiseOf(int step) {
    const double t = double(step) / numSteps;
    const double signal = (1 - 2 * finalNoise) * (1 - t * t) + finalNoise;
    return {signal, std::sqrt(1 - signal * signal)};
}

/// Per molecule, the values without their mean; for positions and their noise.
Tensor centered(const Tensor& values, const std::vector<int64_t>& sizes) {
    std::vector<Tensor> parts;
    int64_t first = 0;
    for (const int64_t size : sizes) {
        const Tensor part = values.narrow(0, first, size);
        parts.push_back(part - part.mean(0, true));
        first += size;
    }
    return torch::cat(parts);
}

std::vector<Molecules> readMolecules(const Options& options) {
    std::vector<Molecules> molecules;
    for (const Frame& frame : readExtendedXyz(options.data)) {
        const auto& numbers = frame.structure.atomicNumbers;
        const auto count = static_cast<int64_t>(numbers.size());
        if (count < 2 || count > options.mostAtoms)
            continue;
        Molecules molecule{{count}, torch::empty({count, 3}), torch::zeros({count, 4})};
        for (int64_t i = 0; i < count; i++) {
            const auto found = std::find(elements.begin(), elements.end(), numbers[std::size_t(i)]);
            if (found == elements.end())
                throw Error(options.data + ": there are elements other than H, C, N, O");
            molecule.elements[i][found - elements.begin()] = elementScale;
            for (int d = 0; d < 3; d++)
                molecule.positions[i][d] = frame.structure.positions[std::size_t(i)][d];
        }
        molecule.positions = centered(molecule.positions, molecule.sizes);
        molecules.push_back(molecule);
    }
    if (molecules.empty())
        throw Error(options.data + ": no molecule has at most " +
                    std::to_string(options.mostAtoms) + " atoms");
    return molecules;
}

Molecules join(const std::vector<Molecules>& all, const std::vector<std::size_t>& chosen) {
    Molecules result;
    std::vector<Tensor> positions, kinds;
    for (const std::size_t index : chosen) {
        result.sizes.push_back(all[index].sizes[0]);
        positions.push_back(all[index].positions);
        kinds.push_back(all[index].elements);
    }
    result.positions = torch::cat(positions);
    result.elements = torch::cat(kinds);
    return result;
}

/// Noise of positions without its mean, and of elements.
Molecules drawNoise(const std::vector<int64_t>& sizes) {
    int64_t atoms = 0;
    for (const int64_t size : sizes)
        atoms += size;
    return {sizes, centered(torch::randn({atoms, 3}), sizes), torch::randn({atoms, 4})};
}

/// The velocity that the network sees in noisy molecules. @param times  [atoms], from 0 to 1
Molecules predictVelocity(const PonitaNetwork& network, const Molecules& noisy,
                          const Tensor& times) {
    const NodeFields inputs{torch::cat({noisy.elements, times.unsqueeze(1)}, 1),
                            noisy.positions.unsqueeze(1)};
    const NodeFields found = network.evaluate(joinAll(noisy.sizes, noisy.positions), inputs);
    return {noisy.sizes, centered(found.vectors.squeeze(1), noisy.sizes), found.scalars};
}

Tensor lossOf(const PonitaNetwork& network, const Molecules& molecules, std::mt19937_64& random) {
    std::vector<float> signals, noises, times;
    for (const int64_t size : molecules.sizes) {
        const int step = 1 + static_cast<int>(random() % numSteps);
        const Noise noise = noiseOf(step);
        signals.insert(signals.end(), size, float(noise.signal));
        noises.insert(noises.end(), size, float(noise.noise));
        times.insert(times.end(), size, float(step) / numSteps);
    }
    const Molecules noise = drawNoise(molecules.sizes);
    const Tensor signal = torch::tensor(signals).unsqueeze(1),
                 strength = torch::tensor(noises).unsqueeze(1);
    const Molecules noisy{molecules.sizes,
                          signal * molecules.positions + strength * noise.positions,
                          signal * molecules.elements + strength * noise.elements};
    const Molecules found = predictVelocity(network, noisy, torch::tensor(times));
    const auto errorOf = [&](const Tensor& velocity, const Tensor& drawn, const Tensor& clean) {
        return (velocity - (signal * drawn - strength * clean)).square().mean();
    };
    return errorOf(found.positions, noise.positions, molecules.positions) +
           errorOf(found.elements, noise.elements, molecules.elements);
}

/// Ancestral sampling from noise, step by step.
Molecules generate(const PonitaNetwork& network, const std::vector<int64_t>& sizes) {
    const torch::NoGradGuard noGradients;
    Molecules z = drawNoise(sizes);
    for (int step = numSteps; step > 0; step--) {
        const Noise now = noiseOf(step), next = noiseOf(step - 1);
        const double ratio = now.signal / next.signal;
        const double added = now.noise * now.noise - ratio * ratio * next.noise * next.noise;
        const double spread = std::sqrt(std::max(added, 0.0)) * next.noise / now.noise;
        const Molecules found = predictVelocity(
            network, z, torch::full({z.positions.size(0)}, double(step) / numSteps));
        const Molecules fresh = drawNoise(sizes);
        const auto advance = [&](const Tensor& x, const Tensor& velocity, const Tensor& random) {
            const Tensor noise = now.noise * x + now.signal * velocity;
            return (x - added / now.noise * noise) / ratio + spread * random;
        };
        z.positions = centered(advance(z.positions, found.positions, fresh.positions), sizes);
        z.elements = advance(z.elements, found.elements, fresh.elements);
    }
    return z;
}

std::vector<Structure> toStructures(const Molecules& molecules) {
    const Tensor kinds = molecules.elements.argmax(1);
    std::vector<Structure> structures;
    int64_t atom = 0;
    for (const int64_t size : molecules.sizes) {
        Structure structure;
        for (int64_t end = atom + size; atom < end; atom++) {
            structure.atomicNumbers.push_back(elements[kinds[atom].item<int64_t>()]);
            const Tensor x = molecules.positions[atom];
            structure.positions.emplace_back(x[0].item<double>(), x[1].item<double>(),
                                             x[2].item<double>());
        }
        structures.push_back(structure);
    }
    return structures;
}

/// Fractions of stable atoms and molecules.
nlohmann::json measure(const std::vector<Structure>& structures) {
    double atoms = 0, stableAtoms = 0, stableMolecules = 0;
    for (const Structure& structure : structures) {
        const Stability stability = findStability(structure.atomicNumbers, structure.positions);
        atoms += stability.atoms;
        stableAtoms += stability.stableAtoms;
        stableMolecules += stability.isMolecule();
    }
    return {{"stable_atoms", stableAtoms / atoms},
            {"stable_molecules", stableMolecules / double(structures.size())}};
}

ModelFile makeModel(const Options& options) {
    nlohmann::json config = networkConfig(options, "R3xS2");
    config["input_scalars"] = elements.size() + 1; // and the time
    config["input_vectors"] = 1;
    config["output_scalars"] = elements.size();
    config["output_vectors"] = 1;
    return makeInitialPonita(config, options.orientations, options.seed);
}

void run(const Options& options) {
    torch::manual_seed(options.seed);
    std::mt19937_64 random(options.seed);
    const std::vector<Molecules> data = readMolecules(options);
    const ModelFile file = makeModel(options);
    TrainableTensors tensors(file, torch::kFloat32);
    PonitaNetwork network(readPonita(file, "the new model"), tensors);
    const auto draw = [&](int count) {
        std::vector<std::size_t> chosen;
        for (int k = 0; k < count; k++)
            chosen.push_back(random() % data.size());
        return join(data, chosen);
    };
    auto average = tensors.copyParameters();
    TimedTraining timed(tensors, options.learningRate, options.minutes);
    double sum = 0;
    int steps = 0;
    constexpr int every = 200;
    for (; !timed.isOver(); steps++) {
        const Tensor loss = lossOf(network, draw(options.batchSize), random);
        timed.step(loss);
        const torch::NoGradGuard noGradients;
        for (auto& [name, value] : average)
            value.lerp_(tensors.getParameters().at(name), 1 - averageDecay);
        sum += loss.item<double>();
        if ((steps + 1) % every == 0) {
            std::printf("step %d, %.1f min, loss %.4f\n", steps + 1, timed.getMinutes(),
                        sum / every);
            std::fflush(stdout);
            sum = 0;
        }
    }
    tensors.setParameters(average);

    const std::vector<Structure> made =
        toStructures(generate(network, draw(options.samples).sizes));
    std::ofstream stream(options.output);
    for (const Structure& structure : made) {
        Frame frame;
        frame.structure = structure;
        stream << formatExtendedXyz(frame);
    }
    std::vector<std::size_t> everything(data.size());
    for (std::size_t i = 0; i < data.size(); i++)
        everything[i] = i;
    std::printf("%s\n",
                nlohmann::json{{"steps", steps},
                               {"generated", measure(made)},
                               {"training_set", measure(toStructures(join(data, everything)))}}
                    .dump(2)
                    .c_str());
}

} // namespace

} // namespace equivariant::diffusion

int main(int argc, char** argv) {
    using namespace equivariant;
    diffusion::Options options;
    options.orientations = "icosahedron-12";
    options.output = "generated.xyz";
    CLI::App app("Molecules by diffusion with PONITA", "diffusion");
    options.addTo(app);
    app.add_option("data", options.data, "molecules of H, C, N, O, extended XYZ")->required();
    app.add_option("--most-atoms", options.mostAtoms, "larger molecules are left out")
        ->capture_default_str();
    app.add_option("--samples", options.samples, "molecules to make")->capture_default_str();
    return examples::runExample(app, argc, argv, options.threads, [&] { diffusion::run(options); });
}
