// SPDX-License-Identifier: MIT
#include "equivariant/Evaluator.h"

#include "Cpu.h"
#include "equivariant/Error.h"

namespace equivariant {

class Evaluator::Implementation {
public:
    std::shared_ptr<const Model> model;
    std::shared_ptr<Workers> workers;
    ReferenceEvaluator reference;
};

Evaluator::Evaluator(std::shared_ptr<const Model> model, const EvaluatorOptions&,
                     std::shared_ptr<Workers> workers)
    : implementation(new Implementation{model, workers ? workers : makeWorkers(1),
                                        ReferenceEvaluator(model)}) {}

Evaluator::~Evaluator() = default;

Evaluation Evaluator::evaluate(const Structure& structure, int head, bool computeForces) {
    return implementation->reference.evaluate(structure, head, computeForces);
}

std::vector<Evaluation> Evaluator::evaluate(const std::vector<Structure>& structures, int head,
                                            bool computeForces) {
    std::vector<Evaluation> results(structures.size());
    std::vector<std::string> errors(structures.size());
    implementation->workers->forEach(static_cast<int>(structures.size()), [&](int i, int) {
        try {
            results[i] = implementation->reference.evaluate(structures[i], head, computeForces);
        } catch (const Error& error) {
            errors[i] = error.what();
        }
    });
    for (std::size_t i = 0; i < errors.size(); i++)
        if (!errors[i].empty())
            throw Error("structure " + std::to_string(i) + ": " + errors[i]);
    return results;
}

int Evaluator::getNumNeighborRebuilds() const {
    return 0;
}

EvaluatorDescription Evaluator::describe() const {
    return {nameOf(chooseInstructionSet()), implementation->workers->size(), 0, 0, {}};
}

} // namespace equivariant
