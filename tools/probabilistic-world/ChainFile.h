// SPDX-License-Identifier: MIT
//
// Chains and rules of automata in JSON; the page of the tool describes the keys.
#pragma once

#include "Automaton.h"
#include "Sweep.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace equivariant::probabilistic_world {

struct ChainModel {
    struct Correlator {
        std::string a, b;
        int time, lags;
    };
    Chain chain;
    std::map<std::string, VectorXd> observables;
    std::vector<Correlator> correlators;
};

/// Throws Error naming the file and what is wrong: an unknown key, a length, an entry.
ChainModel readChain(const std::string& path);

struct Rule {
    int spins;
    Automaton automaton;
};
Rule readRule(const std::string& path);

} // namespace equivariant::probabilistic_world
