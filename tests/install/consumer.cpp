// SPDX-License-Identifier: MIT
//
// Prints the energy of a carbon monoxide molecule: consumer MODEL
#include <cstdio>
#include <equivariant/Evaluator.h>

int main(int, char** arguments) {
    equivariant::Evaluator evaluator(equivariant::Model::load(arguments[1]));
    const equivariant::Structure molecule{{6, 8}, {{0, 0, 0}, {1.13, 0, 0}}};
    std::printf("%.17g\n", evaluator.evaluate(molecule).energy);
}
