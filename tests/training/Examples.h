// SPDX-License-Identifier: MIT
#pragma once

#include "Batch.h"

#include "equivariant/Model.h"

namespace equivariant::test {

/// A structure as a model sees it, without labels.
inline training::Example makeExample(const Model& model, const Structure& structure) {
    training::Example example;
    for (const int number : structure.atomicNumbers)
        example.species.push_back(model.getSpecies(number));
    example.graph = buildGraph(structure, model.getInfo().cutoff);
    return example;
}

} // namespace equivariant::test
