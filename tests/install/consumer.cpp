// SPDX-License-Identifier: MIT
//
// Prints the energy of a carbon monoxide molecule: consumer MODEL
#include <cstdio>
#include <equivariant/ReferenceEvaluator.h>

int main(int, char** arguments) {
    const equivariant::ReferenceEvaluator evaluator(equivariant::Model::load(arguments[1]));
    std::printf("%.17g\n", evaluator.evaluate({{6, 8}, {{0, 0, 0}, {1.13, 0, 0}}}).energy);
}
