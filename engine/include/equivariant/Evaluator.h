// SPDX-License-Identifier: MIT
//
// The fast evaluator for processors: the same energies and forces as ReferenceEvaluator, in single
// or double precision, vectorized and threaded. docs/performance.md says how.
#pragma once

#include "equivariant/Model.h"
#include "equivariant/ReferenceEvaluator.h"
#include "equivariant/Workers.h"

#include <memory>
#include <string>
#include <vector>

namespace equivariant {

/// Single: features in float, distances and sums over atoms in double. Double: everything in
/// double.
enum class Precision { Single, Double };

struct EvaluatorOptions {
    Precision precision = Precision::Double;
    /// Radial functions by their networks instead of by tables.
    bool exactRadial = false;
    /// Å that atoms may move, all told, before the neighbor list is built again.
    double skin = 1.0;
    /// How many-body products are evaluated: "auto" (fewest operations), "monomials" (merged
    /// polynomials) or "sphere" (quadrature). Throws Error where a model has no such form.
    std::string product = "auto";
};

/// What was chosen for a model, for reports.
struct EvaluatorDescription {
    std::string instructionSet; ///< avx512, avx2 or baseline
    int numThreads = 1;
    double tableError = 0; ///< bound of the tables' relative error; 0: exact
    double tableMegabytes = 0;
    std::vector<std::string> products; ///< [layer] method and counted operations
};

/// Evaluates a model. One object serves one thread at a time and keeps its neighbor list between
/// calls, so that the steps of a simulation are cheap; different objects share the prepared model.
class Evaluator {
public:
    /// @param workers  threads to use; null: the caller's only
    /// Options that the model or the processor cannot follow are an Error of the first evaluation.
    explicit Evaluator(std::shared_ptr<const Model> model, const EvaluatorOptions& options = {},
                       std::shared_ptr<Workers> workers = nullptr);
    ~Evaluator();

    /// Energies and, if asked for, forces and virial (both left out of an energy-only call).
    /// @param head  index into the model's heads
    /// Throws Error for an element the model does not know and whatever NeighborList refuses.
    Evaluation evaluate(const Structure& structure, int head = 0, bool computeForces = true);

    /// The same for many structures, one a thread. Throws the error of the first that fails, with
    /// its index in front.
    std::vector<Evaluation> evaluate(const std::vector<Structure>& structures, int head = 0,
                                     bool computeForces = true);

    /// Rebuilds of the neighbor list since construction.
    int getNumNeighborRebuilds() const;

    /// What was chosen for the elements seen so far; before that, for the model's first.
    EvaluatorDescription describe() const;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation;
};

} // namespace equivariant
