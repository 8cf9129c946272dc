// SPDX-License-Identifier: MIT
#include "ChainFile.h"

#include "States.h"

#include "support/Json.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace equivariant::probabilistic_world {

namespace {

using nlohmann::json;

void requireKeys(const json& object, const std::vector<std::string>& known,
                 const std::string& where) {
    if (!object.is_object())
        throw Error(where + " has to be an object");
    for (const auto& item : object.items())
        if (std::find(known.begin(), known.end(), item.key()) == known.end())
            throw Error(where + ": the key '" + item.key() + "' is not known");
}

int readInteger(const json& object, const std::string& key, int low, int high) {
    if (!object.contains(key) || !object[key].is_number_integer())
        throw Error("'" + key + "' has to be an integer");
    const auto value = object[key].get<double>(); // which no integer of JSON overflows
    if (value < low || value > high)
        throw Error("'" + key + "' has to be " + std::to_string(low) + " to " +
                    std::to_string(high));
    return static_cast<int>(value);
}

VectorXd readNumbers(const json& list, const std::string& name) {
    if (!list.is_array())
        throw Error(name + " has to be a list of numbers");
    VectorXd values(static_cast<Index>(list.size()));
    for (std::size_t i = 0; i < list.size(); i++) {
        if (!list[i].is_number())
            throw Error(name + ", entry " + std::to_string(i) + " is not a number");
        values[static_cast<Index>(i)] = list[i];
    }
    return values;
}

std::vector<int> readIntegers(const json& list, const std::string& name) {
    if (!list.is_array())
        throw Error(name + " has to be a list of integers");
    std::vector<int> values;
    for (const json& item : list) {
        if (!item.is_number_integer())
            throw Error(name + ", entry " + std::to_string(values.size()) + " is not an integer");
        const auto value = item.get<double>();
        if (std::abs(value) > std::numeric_limits<int>::max())
            throw Error(name + ", entry " + std::to_string(values.size()) + " is out of range");
        values.push_back(static_cast<int>(value));
    }
    return values;
}

MatrixXd readWeights(const json& value) {
    if (value.is_string())
        return support::readMatrix(value);
    if (!value.is_array() || value.empty())
        throw Error("'weights' has to be a list of rows or the path of a matrix");
    MatrixXd weights;
    for (std::size_t i = 0; i < value.size(); i++) {
        const VectorXd row = readNumbers(value[i], "'weights', row " + std::to_string(i));
        if (i == 0)
            weights.resize(static_cast<Index>(value.size()), row.size());
        if (row.size() != weights.cols())
            throw Error("'weights', row " + std::to_string(i) + " has " +
                        std::to_string(row.size()) + " entries, row 0 has " +
                        std::to_string(weights.cols()));
        weights.row(static_cast<Index>(i)) = row.transpose();
    }
    return weights;
}

StepPointer readIsing(const json& step) {
    requireKeys(step, {"time", "fields", "pairs"}, "a step");
    IsingCouplings couplings;
    couplings.time = readNumbers(step["time"], "'time'");
    if (step.contains("fields"))
        couplings.fields = readNumbers(step["fields"], "'fields'");
    for (const json& pair : step.value("pairs", json::array())) {
        const VectorXd values = readNumbers(pair, "'pairs'");
        if (values.size() != 3)
            throw Error("'pairs' has to be a list of [spin, spin, coupling]");
        for (int k : {0, 1})
            if (values[k] != std::floor(values[k]) || std::abs(values[k]) > mostSpins)
                throw Error("'pairs': there is no spin " + pair[k].dump());
        couplings.pairs.push_back(
            {static_cast<int>(values[0]), static_cast<int>(values[1]), values[2]});
    }
    return isingStep(couplings);
}

StepPointer readStep(const json& step) {
    if (step.contains("time"))
        return readIsing(step);
    requireKeys(step, {"weights", "next"}, "a step");
    if (step.size() != 1)
        throw Error("a step has 'time', 'weights' or 'next'");
    return step.contains("next") ? permutationStep(readIntegers(step["next"], "'next'"))
                                 : denseStep(readWeights(step["weights"]));
}

std::vector<StepPointer> readSteps(const json& model) {
    if (model.contains("step") == model.contains("steps") ||
        model.contains("steps") == model.contains("length"))
        throw Error("a chain has either 'step' and 'length', or 'steps'");
    if (model.contains("step"))
        return std::vector<StepPointer>(readInteger(model, "length", 0, 100000000),
                                        readStep(model["step"]));
    std::vector<StepPointer> steps;
    for (const json& step : model["steps"])
        steps.push_back(readStep(step));
    return steps;
}

VectorXd readBoundary(const json& value, const std::string& name, Index size) {
    if (value == "free")
        return VectorXd::Ones(size);
    if (!value.is_object())
        return readNumbers(value, name);
    requireKeys(value, {"spins"}, name);
    const std::vector<int> spins = readIntegers(value.at("spins"), name + ", 'spins'");
    if (countStates(static_cast<int>(spins.size())) != size)
        throw Error(name + " has " + std::to_string(spins.size()) + " spins, but there are " +
                    std::to_string(size) + " states");
    Index state = 0;
    for (std::size_t g = 0; g < spins.size(); g++) {
        if (spins[g] != 1 && spins[g] != -1)
            throw Error(name + ", spin " + std::to_string(g) + " is neither -1 nor 1");
        state = 2 * state + (spins[g] + 1) / 2;
    }
    return VectorXd::Unit(size, state);
}

Boundary readPair(const json& pair, const std::string& name, Index size) {
    Boundary boundary;
    if (pair.contains("weight")) {
        if (!pair["weight"].is_number())
            throw Error(name + ": 'weight' has to be a number");
        boundary.weight = pair["weight"];
    }
    boundary.initial = readBoundary(pair.value("initial", json("free")), name + ": initial", size);
    boundary.final = readBoundary(pair.value("final", json("free")), name + ": final", size);
    return boundary;
}

VectorXd readObservable(const json& value, const std::string& name, Index size) {
    requireKeys(value, {"spins", "values"}, name);
    if (value.size() != 1)
        throw Error(name + " has 'spins' or 'values'");
    if (value.contains("values")) {
        const VectorXd values = readNumbers(value["values"], name);
        if (values.size() != size)
            throw Error(name + " has " + std::to_string(values.size()) + " values, but there are " +
                        std::to_string(size) + " states");
        return values;
    }
    int spins = 0;
    while (Index(1) << spins < size)
        spins++;
    if (Index(1) << spins != size)
        throw Error(name + ": " + std::to_string(size) + " states are not those of spins");
    return spinProduct(spins, readIntegers(value["spins"], name));
}

ChainModel parseChain(const json& model) {
    requireKeys(model,
                {"step", "steps", "length", "spins", "initial", "final", "boundaries",
                 "observables", "correlators"},
                "the chain");
    ChainModel result;
    result.chain.steps = readSteps(model);
    if (result.chain.steps.empty())
        throw Error("a chain needs at least one step");
    const Index size = result.chain.steps[0]->size();
    if (model.contains("spins") && countStates(readInteger(model, "spins", 1, mostSpins)) != size)
        throw Error("the steps have " + std::to_string(size) + " states, which are not those of " +
                    model["spins"].dump() + " spins");
    if (model.contains("boundaries")) {
        if (model.contains("initial") || model.contains("final"))
            throw Error("a chain has either 'boundaries', or 'initial' and 'final'");
        for (const json& pair : model["boundaries"]) {
            const std::string name = "boundary " + std::to_string(result.chain.boundaries.size());
            requireKeys(pair, {"weight", "initial", "final"}, name);
            result.chain.boundaries.push_back(readPair(pair, name, size));
        }
    } else {
        result.chain.boundaries = {readPair(model, "boundary 0", size)};
    }
    const json observables = model.value("observables", json::object());
    for (const auto& item : observables.items())
        result.observables[item.key()] =
            readObservable(item.value(), "observable '" + item.key() + "'", size);
    for (const json& item : model.value("correlators", json::array())) {
        requireKeys(item, {"a", "b", "time", "lags"}, "a correlator");
        const auto length = static_cast<int>(result.chain.steps.size());
        const int time = readInteger(item, "time", 0, length);
        const ChainModel::Correlator correlator{item.value("a", ""), item.value("b", ""), time,
                                                readInteger(item, "lags", 0, length - time)};
        for (const std::string& name : {correlator.a, correlator.b})
            if (!result.observables.count(name))
                throw Error("a correlator: there is no observable '" + name + "'");
        result.correlators.push_back(correlator);
    }
    return result;
}

Rule parseRule(const json& rule) {
    requireKeys(rule, {"spins", "next", "steps"}, "the rule");
    const int spins = readInteger(rule, "spins", 1, mostSpins);
    if (rule.contains("next") == rule.contains("steps"))
        throw Error("a rule has either 'next' or 'steps'");
    if (rule.contains("next")) {
        std::vector<int> next = readIntegers(rule["next"], "'next'");
        if (static_cast<Index>(next.size()) != countStates(spins))
            throw Error("'next' has " + std::to_string(next.size()) + " entries, not 2^" +
                        std::to_string(spins));
        return {spins, Automaton(std::move(next))};
    }
    std::vector<int> total(countStates(spins));
    std::iota(total.begin(), total.end(), 0);
    for (const json& step : rule["steps"]) {
        std::vector<int> next;
        if (step.contains("shift")) {
            requireKeys(step, {"shift"}, "a step");
            next = shift(spins).after(readInteger(step, "shift", -spins, spins));
        } else {
            requireKeys(step, {"spins", "table"}, "a step");
            next = localRule(spins, readIntegers(step.value("spins", json()), "'spins'"),
                             readIntegers(step.value("table", json()), "'table'"));
        }
        for (int& state : total)
            state = next[state];
    }
    return {spins, Automaton(std::move(total))};
}

} // namespace

ChainModel readChain(const std::string& path) {
    return support::parseJson(path, "a chain", parseChain);
}

Rule readRule(const std::string& path) {
    return support::parseJson(path, "a rule", parseRule);
}

} // namespace equivariant::probabilistic_world
