# SPDX-License-Identifier: MIT
"""The Python module against NumPy, SymPy, and Macaulay2's GraphicalModels where it is installed."""
import shutil
import subprocess

import numpy as np
import pytest

oc = pytest.importorskip("openmmequivariant.tools.one_connection_rule")

CYCLE = ([(0, 1), (1, 2), (2, 3), (3, 0)], [])
VERMA = ([(0, 1), (0, 2), (1, 2), (2, 3)], [(1, 3)])


def matrices(n, directed, bidirected, values):
    """Lambda and Omega with values in the order of MixedGraph.parameters()."""
    values = iter(values)
    lam, omega = np.zeros((n, n)), np.zeros((n, n))
    for i, j in sorted(directed):
        lam[i, j] = next(values)
    for i in range(n):
        omega[i, i] = next(values)
    for i, j in sorted(bidirected):
        omega[i, j] = omega[j, i] = next(values)
    return lam, omega


@pytest.mark.parametrize("edges", [CYCLE, VERMA])
def test_covariance_equals_numpy(edges):
    graph = oc.MixedGraph(4, *edges)
    values = np.random.default_rng(1).uniform(0.1, 0.5, len(graph.parameters()))
    lam, omega = matrices(4, *edges, values)
    omega += np.eye(4)
    values[len(edges[0]):len(edges[0]) + 4] += 1
    inverse = np.linalg.inv(np.eye(4) - lam)
    np.testing.assert_allclose(oc.covariance(graph, values), inverse.T @ omega @ inverse, rtol=1e-12)


def test_formula_equals_sympy():
    sympy = pytest.importorskip("sympy")
    edges = ([(0, 1), (1, 2), (2, 0), (2, 1)], [(0, 2)])
    graph = oc.MixedGraph(3, *edges)
    lam, omega = sympy.zeros(3), sympy.zeros(3)
    for i, j in edges[0]:
        lam[i, j] = sympy.Symbol(f"l{i}{j}")
    for i, j in [(0, 0), (1, 1), (2, 2), (0, 2)]:
        omega[i, j] = omega[j, i] = sympy.Symbol(f"w{i}{j}")
    inverse = (sympy.eye(3) - lam).inv()
    sigma = inverse.T * omega * inverse
    for i in range(3):
        for j in range(i, 3):
            numerator, factors = oc.formula(graph, i, j)
            found = sympy.sympify(numerator)
            for factor in factors:
                found /= sympy.sympify(factor)
            assert sympy.simplify(found - sigma[i, j]) == 0


def test_constraints_on_samples():
    graph = oc.MixedGraph(4, *CYCLE)
    dimensions, generators = oc.vanishing(graph, 3)
    assert dimensions == [0, 0, 2] and len(generators) == 2
    values = [0.5, -0.4, 0.6, 0.7, 1, 1.5, 1, 2]
    data = oc.simulate(graph, np.array(values, dtype=float), 20000, seed=3)
    np.testing.assert_allclose(np.cov(data.T), oc.covariance(graph, np.array(values)), atol=0.15)
    for residual in oc.residuals(generators, data):
        assert abs(residual.z) < 4


def test_identification():
    assert oc.identify(oc.MixedGraph(4, *CYCLE)).isFinite
    bow = oc.identify(oc.MixedGraph(2, [(0, 1)], [(0, 1)]))
    assert (bow.rank, bow.parameters, bow.isFinite) == (3, 4, False)


@pytest.mark.skipif(shutil.which("M2") is None, reason="needs Macaulay2")
@pytest.mark.parametrize("edges", [([(0, 1), (1, 2)], []), VERMA])
def test_ideal_equals_that_of_macaulay2(edges):
    n = 1 + max(max(edge) for edge in edges[0])
    _, generators = oc.vanishing(oc.MixedGraph(n, *edges), 4)
    directed = ",".join(f"{{{i + 1},{j + 1}}}" for i, j in edges[0])
    bidirected = ",".join(f"{{{i + 1},{j + 1}}}" for i, j in edges[1])
    names = ",".join(f"s{i}{j}" for i in range(n) for j in range(i, n))
    script = (
        'needsPackage "GraphicalModels";'
        f"G = mixedGraph(digraph({{{directed}}}), bigraph({{{bidirected}}}));"
        "R = gaussianRing G; I = gaussianVanishingIdeal R;"
        f"S = QQ[{names}];"
        "f = map(S, R, apply(gens R, v -> (c = baseName v; if toString c#0 == \"s\" then "
        "value(\"s\" | toString(c#1#0 - 1) | toString(c#1#1 - 1)) else 0_S)));"
        f"J = ideal({','.join(generators)});"
        "print(f I == J); exit 0")
    done = subprocess.run(["M2", "--script", "/dev/stdin"], input=script, text=True,
                          capture_output=True, timeout=300)
    assert done.stdout.strip().endswith("true"), done.stdout + done.stderr


def test_bad_input_is_a_value_error():
    with pytest.raises(ValueError, match="self-loop"):
        oc.MixedGraph(3, [(2, 2)])
    with pytest.raises(ValueError, match="3 values"):
        oc.covariance(oc.MixedGraph(4, *CYCLE), np.ones(3))
    with pytest.raises(ValueError, match="out of range"):
        oc.formula(oc.MixedGraph(2, []), 0, 5)
    with pytest.raises(ValueError, match="not a polynomial"):
        oc.residuals(["s99"], np.random.default_rng(1).normal(size=(9, 3)))
