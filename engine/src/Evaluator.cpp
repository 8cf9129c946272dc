// SPDX-License-Identifier: MIT
#include "equivariant/Evaluator.h"

#include "Cpu.h"

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
    implementation->workers->forEach(static_cast<int>(structures.size()), [&](int i, int) {
        results[i] = implementation->reference.evaluate(structures[i], head, computeForces);
    });
    return results;
}

int Evaluator::getNumNeighborRebuilds() const {
    return 0;
}

EvaluatorDescription Evaluator::describe() const {
    return {nameOf(chooseInstructionSet()), implementation->workers->size(), 0, 0, {}};
}

} // namespace equivariant
