// SPDX-License-Identifier: MIT
#include "Dataset.h"

#include "Elements.h"

#include "equivariant/Error.h"

#include <Eigen/LU>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <set>

namespace equivariant::command {

using training::DataStatistics;
using training::Example;
using training::TrainingConfig;

namespace {

LabelKeys keysOf(const TrainingConfig& config) {
    return {config.energyKey, config.forcesKey, config.stressKey};
}

/// Single atoms tell the energies of isolated atoms; structures are what is left.
bool isIsolatedAtom(const Frame& frame) {
    return frame.structure.atomicNumbers.size() == 1;
}

class Reader {
public:
    Reader(const TrainingConfig& config, double cutoff, const std::vector<int>& atomicNumbers)
        : config(config), cutoff(cutoff), given(atomicNumbers) {}

    Dataset read(const std::vector<double>& isolatedAtomEnergies) {
        std::vector<Frame> train = readExtendedXyz(config.trainFile, keysOf(config)), valid;
        if (!config.validFile.empty())
            valid = readExtendedXyz(config.validFile, keysOf(config));
        collectIsolatedAtoms(train);
        findElements(train);
        if (config.validFile.empty())
            split(train, valid);
        if (isolatedAtomEnergies.empty())
            findIsolatedEnergies(train);
        else
            result.statistics.isolatedAtomEnergies = isolatedAtomEnergies;
        result.train = makeExamples(train, config.trainFile);
        result.valid =
            makeExamples(valid, config.validFile.empty() ? config.trainFile : config.validFile);
        if (result.train.empty() || result.valid.empty())
            throw Error(config.trainFile + ": no structures are left to " +
                        (result.train.empty() ? "train" : "validate") + " on");
        findStatistics();
        result.validFrames = std::move(valid);
        return std::move(result);
    }

private:
    int speciesOf(int atomicNumber, const std::string& file) const {
        const auto& numbers = result.atomicNumbers;
        const auto found = std::lower_bound(numbers.begin(), numbers.end(), atomicNumber);
        if (found == numbers.end() || *found != atomicNumber)
            throw Error(file + ": element " + getSymbol(atomicNumber) +
                        (given.empty() ? " is not in the training set"
                                       : " is not known to the model to go on from"));
        return static_cast<int>(found - numbers.begin());
    }

    /// Takes single atoms with an energy out of the training set, and reads those of a file.
    void collectIsolatedAtoms(std::vector<Frame>& train) {
        const auto note = [this](const Frame& frame) {
            if (frame.energy)
                isolated[frame.structure.atomicNumbers[0]] = *frame.energy;
        };
        const auto end = std::stable_partition(train.begin(), train.end(),
                                               [](const Frame& f) { return !isIsolatedAtom(f); });
        std::for_each(end, train.end(), note);
        train.erase(end, train.end());
        if (!config.isolatedAtomsFile.empty())
            for (const Frame& frame : readExtendedXyz(config.isolatedAtomsFile, keysOf(config))) {
                if (!isIsolatedAtom(frame) || !frame.energy)
                    throw Error(config.isolatedAtomsFile +
                                ": a frame is not one atom with an energy");
                note(frame);
            }
        for (const auto& [symbol, energy] : config.isolatedAtoms) {
            const int number = findElement(symbol);
            if (number == 0)
                throw Error("data: isolated_atoms: there is no element '" + symbol + "'");
            isolated[number] = energy;
        }
    }

    void findElements(const std::vector<Frame>& train) {
        result.atomicNumbers = given;
        if (!given.empty())
            return;
        std::set<int> found;
        for (const Frame& frame : train)
            found.insert(frame.structure.atomicNumbers.begin(),
                         frame.structure.atomicNumbers.end());
        result.atomicNumbers.assign(found.begin(), found.end());
    }

    /// At random: neighbors in a trajectory are alike, and blocks would leave whole parts of it
    /// out.
    void split(std::vector<Frame>& train, std::vector<Frame>& valid) const {
        const auto order = training::shuffled(train.size(), config.trainer.seed);
        const auto count = static_cast<std::size_t>(
            std::max(1.0, std::round(config.validFraction * double(train.size()))));
        std::vector<bool> isValid(train.size(), false);
        for (std::size_t i = 0; i < std::min(count, order.size()); i++)
            isValid[order[i]] = true;
        std::vector<Frame> rest;
        for (std::size_t i = 0; i < train.size(); i++)
            (isValid[i] ? valid : rest).push_back(std::move(train[i]));
        train = std::move(rest);
    }

    void findIsolatedEnergies(const std::vector<Frame>& train) {
        auto& energies = result.statistics.isolatedAtomEnergies;
        if (isolated.empty()) {
            energies = fitIsolatedEnergies(train);
            return;
        }
        for (const int number : result.atomicNumbers) {
            const auto found = isolated.find(number);
            if (found == isolated.end())
                throw Error(std::string("isolated atoms are given, but not that of ") +
                            getSymbol(number));
            energies.push_back(found->second);
        }
    }

    /// Least squares of the total energies by the numbers of atoms; of least norm where the
    /// compositions do not tell.
    std::vector<double> fitIsolatedEnergies(const std::vector<Frame>& train) const {
        std::vector<const Frame*> labelled;
        for (const Frame& frame : train)
            if (frame.energy)
                labelled.push_back(&frame);
        const auto numSpecies = static_cast<Eigen::Index>(result.atomicNumbers.size());
        Eigen::MatrixXd counts =
            Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(labelled.size()), numSpecies);
        Eigen::VectorXd energies(labelled.size());
        for (std::size_t i = 0; i < labelled.size(); i++) {
            for (const int number : labelled[i]->structure.atomicNumbers)
                counts(i, speciesOf(number, config.trainFile))++;
            energies[i] = *labelled[i]->energy;
        }
        if (labelled.empty())
            return std::vector<double>(numSpecies, 0.0);
        const Eigen::VectorXd fit = counts.completeOrthogonalDecomposition().solve(energies);
        return {fit.data(), fit.data() + fit.size()};
    }

    std::vector<Example> makeExamples(const std::vector<Frame>& frames, const std::string& file) {
        std::vector<Example> examples;
        for (std::size_t i = 0; i < frames.size(); i++) {
            const Frame& frame = frames[i];
            Example example;
            try {
                example.graph = buildGraph(frame.structure, cutoff);
            } catch (const Error& error) {
                throw Error(file + ": " + error.what());
            }
            double isolatedEnergy = 0;
            for (const int number : frame.structure.atomicNumbers) {
                example.species.push_back(speciesOf(number, file));
                isolatedEnergy += result.statistics.isolatedAtomEnergies[example.species.back()];
            }
            if (frame.energy)
                example.energy = *frame.energy - isolatedEnergy;
            example.forces = frame.forces;
            example.stress = frame.stress;
            const auto& periodic = frame.structure.periodic;
            if (periodic[0] && periodic[1] && periodic[2])
                example.volume = std::abs(frame.structure.cell.determinant());
            example.configType = frame.getInfo("config_type");
            const auto weight = config.configTypeWeights.find(
                example.configType.empty() ? "Default" : example.configType);
            if (weight != config.configTypeWeights.end())
                example.weight = weight->second;
            if (!example.energy && example.forces.empty() && !example.stress)
                throw Error(file + ": a frame has neither '" + config.energyKey + "' nor '" +
                            config.forcesKey + "' nor '" + config.stressKey + "'");
            examples.push_back(std::move(example));
        }
        return examples;
    }

    void findStatistics() {
        DataStatistics& statistics = result.statistics;
        double edges = 0, atoms = 0, squares = 0, components = 0, energy = 0, energyAtoms = 0;
        for (const Example& example : result.train) {
            edges += double(example.graph.edges.size());
            atoms += example.graph.numNodes;
            for (const auto& force : example.forces) {
                squares += force.squaredNorm();
                components += 3;
            }
            if (example.energy) {
                energy += *example.energy;
                energyAtoms += example.graph.numNodes;
            }
        }
        statistics.atomsPerFrame = atoms / double(result.train.size());
        statistics.avgNumNeighbors = std::max(edges / atoms, 1.0);
        if (squares > 0)
            statistics.scale = std::sqrt(squares / components);
        if (energyAtoms > 0)
            statistics.shift = energy / energyAtoms;
    }

    const TrainingConfig& config;
    const double cutoff;
    const std::vector<int>& given;
    std::map<int, double> isolated; ///< eV, by atomic number
    Dataset result;
};

} // namespace

Dataset readDataset(const TrainingConfig& config, double cutoff,
                    const std::vector<int>& atomicNumbers,
                    const std::vector<double>& isolatedAtomEnergies) {
    return Reader(config, cutoff, atomicNumbers).read(isolatedAtomEnergies);
}

} // namespace equivariant::command
