// SPDX-License-Identifier: MIT
#include "equivariant/Evaluator.h"

#include "Cpu.h"
#include "Session.h"
#include "equivariant/Error.h"

#include <exception>

namespace equivariant {

namespace {

/// The caller alone.
class NoWorkers : public Workers {
public:
    int size() const override { return 1; }

private:
    void share(int count, const std::function<void(int, int)>& body) override {
        for (int item = 0; item < count; item++)
            body(item, 0);
    }
};

template <class Function> auto withIndex(std::size_t index, const Function& function) {
    try {
        return function();
    } catch (const Error& error) {
        throw Error("structure " + std::to_string(index) + ": " + error.what());
    }
}

} // namespace

class Evaluator::Implementation {
public:
    Implementation(std::shared_ptr<const Model> model, const EvaluatorOptions& options,
                   std::shared_ptr<Workers> workers)
        : prepared(std::move(model), options),
          workers(workers ? std::move(workers) : std::make_shared<NoWorkers>()),
          session(cutoff(), options.skin) {}

    double cutoff() const { return prepared.getModel().getInfo().cutoff; }

    void checkHead(int head) const {
        if (head < 0 || head >= static_cast<int>(prepared.getModel().getInfo().heads.size()))
            throw Error("head index " + std::to_string(head) + " is out of range");
    }

    Evaluation evaluate(const Structure& structure, int head, bool computeForces) {
        checkHead(head);
        const std::vector<int> species = prepared.getSpecies(structure);
        return session.evaluate(prepared, prepared.getNetwork(), structure, species, head,
                                computeForces, *workers);
    }

    std::vector<Evaluation> evaluate(const std::vector<Structure>& structures, int head,
                                     bool computeForces) {
        checkHead(head);
        std::vector<std::vector<int>> species;
        for (std::size_t i = 0; i < structures.size(); i++)
            species.push_back(withIndex(i, [&] { return prepared.getSpecies(structures[i]); }));
        const auto network = prepared.getNetwork();
        // Structures have nothing in common, so a skin would only make lists longer.
        std::vector<Session> sessions;
        for (int worker = 0; worker < workers->size(); worker++)
            sessions.emplace_back(cutoff(), 0.0);
        std::vector<Evaluation> results(structures.size());
        std::vector<std::exception_ptr> errors(structures.size());
        workers->forEach(static_cast<int>(structures.size()), [&](int i, int worker) {
            NoWorkers alone;
            try {
                results[i] = withIndex(i, [&] {
                    return sessions[worker].evaluate(prepared, network, structures[i], species[i],
                                                     head, computeForces, alone);
                });
            } catch (...) {
                errors[i] = std::current_exception();
            }
        });
        for (const std::exception_ptr& error : errors)
            if (error)
                std::rethrow_exception(error);
        return results;
    }

    PreparedModel prepared;
    std::shared_ptr<Workers> workers;
    Session session;
};

Evaluator::Evaluator(std::shared_ptr<const Model> model, const EvaluatorOptions& options,
                     std::shared_ptr<Workers> workers)
    : implementation(
          std::make_unique<Implementation>(std::move(model), options, std::move(workers))) {}

Evaluator::~Evaluator() = default;

Evaluation Evaluator::evaluate(const Structure& structure, int head, bool computeForces) {
    return implementation->evaluate(structure, head, computeForces);
}

std::vector<Evaluation> Evaluator::evaluate(const std::vector<Structure>& structures, int head,
                                            bool computeForces) {
    return implementation->evaluate(structures, head, computeForces);
}

int Evaluator::getNumNeighborRebuilds() const {
    return implementation->session.getNeighbors().getNumRebuilds();
}

EvaluatorDescription Evaluator::describe() const {
    EvaluatorDescription description;
    description.instructionSet = nameOf(chooseInstructionSet());
    description.numThreads = implementation->workers->size();
    implementation->prepared.getNetwork()->describe(description);
    return description;
}

} // namespace equivariant
