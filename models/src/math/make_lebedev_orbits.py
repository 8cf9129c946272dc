# SPDX-License-Identifier: MIT
"""Makes LebedevOrbits.h: python make_lebedev_orbits.py > LebedevOrbits.h; clang-format it.

Needs SciPy (starting values of the rules) and mpmath. The unknowns of a rule are the total weight and
the free coordinates of its octahedral orbits; the equations say that the even monomials of degree
(rule's degree - 1), averaged over the sphere, come out exactly. Newton's method in 40 digits.
"""
import itertools

import mpmath as mp
import numpy as np
from scipy.integrate import lebedev_rule

mp.mp.dps = 40
DEGREES = [*range(3, 32, 2), 35, 41]
HEADER = """// SPDX-License-Identifier: MIT
//
// Lebedev's rules of degree 3 to 41 as orbits of the octahedral group: kind, total weight of the orbit
// (all weights of a rule add up to 1) and up to two coordinates. Written by make_lebedev_orbits.py,
// which starts from SciPy's rules and solves the moment equations to 40 digits.
#pragma once

#include <vector>

namespace equivariant {

/// Vertex (0,0,1); Edge (0,1,1)/sqrt2; Face (1,1,1)/sqrt3; Pq0 (0,p,q); Llm (l,l,m); Rsw (r,s,w).
enum class OrbitKind { Vertex, Edge, Face, Pq0, Llm, Rsw };

struct Orbit {
    OrbitKind kind;
    double weight, p, q;
};

struct LebedevRule {
    int degree;
    std::vector<Orbit> orbits;
};

inline const LebedevRule lebedevRules[] = {"""


def classify(v):
    """Kind and free coordinates of an orbit, from its point with 0 <= a <= b <= c."""
    a, b, c = v
    tiny = 1e-9
    if b < tiny:
        return "Vertex", ()
    if a < tiny:
        return ("Edge", ()) if abs(b - c) < tiny else ("Pq0", (b,))
    if abs(a - c) < tiny:
        return "Face", ()
    if abs(a - b) < tiny:
        return "Llm", (a,)
    return ("Llm", (c,)) if abs(b - c) < tiny else ("Rsw", (a, b))


def representative(kind, free):
    third, half = mp.sqrt(mp.mpf(1) / 3), mp.sqrt(mp.mpf(1) / 2)
    return {"Vertex": lambda: (0, 0, mp.mpf(1)),
            "Edge": lambda: (0, half, half),
            "Face": lambda: (third, third, third),
            "Pq0": lambda: (0, free[0], mp.sqrt(1 - free[0]**2)),
            "Llm": lambda: (free[0], free[0], mp.sqrt(1 - 2 * free[0]**2)),
            "Rsw": lambda: (free[0], free[1], mp.sqrt(1 - free[0]**2 - free[1]**2))}[kind]()


def orbit_mean(v, powers):
    """Mean of x^2i y^2j z^2k over the orbit of v."""
    terms = [v[0]**(2 * i) * v[1]**(2 * j) * v[2]**(2 * k)
             for i, j, k in itertools.permutations(powers)]
    return sum(terms) / len(terms)


def sphere_mean(powers):
    def odd_factorial(n):  # (2n-1)!!
        return mp.fprod(range(1, 2 * n, 2))
    total = sum(powers)
    return mp.fprod(odd_factorial(n) for n in powers) / mp.fprod(range(3, 2 * total + 2, 2))


def orbits_of(degree):
    points, weights = lebedev_rule(degree)
    found = {}
    for point, weight in zip(points.T, weights / weights.sum()):
        folded = np.sort(np.abs(point))
        entry = found.setdefault(tuple(np.round(folded, 9)), [0.0, folded])
        entry[0] += weight
    return [(classify(folded), weight) for weight, folded in found.values()]


def polish(degree):
    orbits = orbits_of(degree)
    top = (degree - 1) // 2
    equations = [(i, j, top - i - j) for i in range(top + 1) for j in range(i + 1)
                 if 0 <= top - i - j <= j]

    def split(x):
        position = 0
        for (kind, free), _ in orbits:
            end = position + 1 + len(free)
            yield kind, x[position], x[position + 1:end]
            position = end

    def residual(x):
        parts = [(weight, representative(kind, free)) for kind, weight, free in split(x)]
        return [sum(w * orbit_mean(v, powers) for w, v in parts) - sphere_mean(powers)
                for powers in equations]

    x = [mp.mpf(float(value)) for (_, free), weight in orbits for value in (weight, *free)]
    step = mp.mpf(10)**-18
    for _ in range(6):
        jacobian = mp.matrix(len(equations), len(x))
        for column in range(len(x)):
            up, down = list(x), list(x)
            up[column] += step
            down[column] -= step
            for row, (a, b) in enumerate(zip(residual(up), residual(down))):
                jacobian[row, column] = (a - b) / (2 * step)
        correction = mp.lu_solve(jacobian, -mp.matrix(residual(x)))
        x = [value + change for value, change in zip(x, correction)]
    assert mp.norm(mp.matrix(residual(x))) < mp.mpf(10)**-35
    return list(split(x))


def main():
    print(HEADER)
    for degree in DEGREES:
        entries = []
        for kind, weight, free in polish(degree):
            numbers = [mp.nstr(value, 18) for value in (weight, *free)] + ["0"] * (2 - len(free))
            entries.append(f"{{OrbitKind::{kind}, {', '.join(numbers)}}}")
        print(f"    {{{degree}, {{{', '.join(entries)}}}}},")
    print("};\n\n} // namespace equivariant")


main()
