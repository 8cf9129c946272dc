# SPDX-License-Identifier: MIT
"""The Python module, and its counts against those of networkx."""
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

wl = pytest.importorskip("openmmequivariant.tools.wl_motif_dimension")


def random_graph(networkx, size, seed):
    g = networkx.gnp_random_graph(size, 0.4, seed=seed)
    return g, wl.Graph(size, np.array(g.edges, dtype=np.int64).reshape(-1, 2))


def test_induced_counts_equal_those_of_networkx():
    nx = pytest.importorskip("networkx")
    for seed in range(5):
        g, graph = random_graph(nx, 10, seed)
        for name, pattern in [("P4", nx.path_graph(4)), ("C4", nx.cycle_graph(4)),
                              ("paw", nx.Graph([(0, 1), (1, 2), (0, 2), (2, 3)]))]:
            expected = sum(nx.is_isomorphic(g.subgraph(s), pattern)
                           for s in combinations(range(10), 4))
            assert wl.count(wl.Graph.named(name), graph, "ind") == expected


def test_copies_equal_monomorphisms_of_networkx():
    nx = pytest.importorskip("networkx")
    g, graph = random_graph(nx, 9, 7)
    pattern = nx.cycle_graph(5)
    maps = nx.isomorphism.GraphMatcher(g, pattern).subgraph_monomorphisms_iter()
    assert wl.count(wl.Graph.named("C5"), graph) == sum(1 for _ in maps) // 10


def test_colour_refinement_equals_hashes_of_networkx():
    nx = pytest.importorskip("networkx")
    graphs = [random_graph(nx, 8, seed) for seed in range(4)]
    graphs += [(nx.cycle_graph(6), wl.Graph.named("C6")),
               (nx.disjoint_union(nx.cycle_graph(3), nx.cycle_graph(3)), wl.Graph.named("2C3"))]
    hashes = [nx.weisfeiler_lehman_graph_hash(g, iterations=8) for g, _ in graphs]
    for i, j in combinations(range(len(graphs)), 2):
        assert wl.isEquivalent(graphs[i][1], graphs[j][1], 1) == (hashes[i] == hashes[j])


def test_dimension_expansion_and_treewidth():
    assert wl.dimension(wl.Graph.named("C8")) == (3, 3)
    assert wl.dimension(wl.Graph.named("P30"), boundsOnly=True)[0] >= 4
    assert wl.treewidth(wl.Graph.named("K5")) == (4, 4)
    terms = wl.expand(wl.Graph.named("P3"))
    assert sorted(coefficient for _, coefficient in terms) == [Fraction(-1, 2), Fraction(1, 2)]


def test_counts_are_exact():
    assert wl.count(wl.Graph.named("S45"), wl.Graph.named("K10"), "hom") == 10 * 9**45


def test_bonds_labels_and_colours():
    positions = np.array([[0.0, 0, 0], [0.96, 0, 0], [-0.24, 0.93, 0]])
    numbers = np.array([8, 1, 1])
    water = wl.bondGraph(positions, numbers, "O-H=1.2", labels=True)
    np.testing.assert_array_equal(water.edges, [[0, 1, 0], [0, 2, 0]])
    (colours,) = wl.colours([water], 1)
    assert colours[1] == colours[2] != colours[0]
    first, second, a, b = wl.witness(wl.Graph.named("C3"))
    assert a != b and wl.isEquivalent(first, second, 1)


def test_bad_input_is_a_value_error():
    with pytest.raises(ValueError, match="self-loop"):
        wl.Graph(3, np.array([[1, 1]]))
    with pytest.raises(ValueError, match="columns"):
        wl.Graph(3, np.ones((2, 5), dtype=np.int64))
    with pytest.raises(ValueError, match="none of sub"):
        wl.count(wl.Graph.named("C3"), wl.Graph.named("K4"), "all")
    with pytest.raises(ValueError, match="cutoff"):
        wl.bondGraph(np.zeros((1, 3)), np.array([1]), "far")
