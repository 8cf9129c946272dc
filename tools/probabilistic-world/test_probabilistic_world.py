# SPDX-License-Identifier: MIT
"""The Python module, and its programs and committors against SciPy and deeptime."""
import numpy as np
import pytest

pw = pytest.importorskip("openmmequivariant.tools.probabilistic_world")


def test_chain_equals_matrix_products():
    rng = np.random.default_rng(1)
    weights, initial, final = rng.random((4, 4)), rng.random(4), rng.random(4)
    sweep = pw.sweep([pw.denseStep(weights)] * 6, [(1.0, initial, final)])
    f = np.linalg.matrix_power(weights, 2) @ initial
    q = np.linalg.matrix_power(weights.T, 4) @ final
    assert sweep.logZ == pytest.approx(np.log(q @ f), abs=1e-12)
    np.testing.assert_allclose(sweep.probabilities(2, 2)[0], q * f / (q @ f), rtol=1e-12)
    a, b = rng.random(4), rng.random(4)
    later = np.linalg.matrix_power(weights.T, 1) @ final
    expected = later @ (a * (np.linalg.matrix_power(weights, 3) @ (b * f))) / (q @ f)
    assert sweep.correlate(a, b, 2, 3)[3] == pytest.approx(expected, rel=1e-12)


def test_ising_chain():
    sweep = pw.sweep([pw.isingStep(np.array([0.5]))] * 400, [(1.0, np.ones(2), np.ones(2))])
    spin = pw.spinProduct(1, [0])
    assert sweep.correlate(spin, spin, 200, 5)[5] == pytest.approx(np.tanh(0.5) ** 5, abs=1e-13)


def test_automaton():
    automaton = pw.shift(10)
    assert automaton.numCycles == 108
    assert sum(count for _, count in automaton.levels) == 1024
    with pytest.raises(ValueError, match="states 0 and 2 both go to 1"):
        pw.Automaton([1, 0, 1, 2])


@pytest.mark.parametrize("visibility", [0.69, 0.707, 0.708, 0.9])
def test_joints_equal_those_of_highs(visibility):
    linprog = pytest.importorskip("scipy.optimize").linprog
    means = pw.wernerMeans(visibility, np.pi / 4)
    states = 1 - 2 * ((np.arange(64)[:, None] >> np.arange(6)[::-1]) & 1)
    spins = np.hstack([np.ones((64, 1)), -states])
    first, second = spins[:, :4], spins[:, [0, 4, 5, 6]]
    rows = np.einsum("sm,sn->mns", first, second).reshape(16, 64)
    result = linprog(np.zeros(64), A_eq=rows, b_eq=means.ravel(), method="highs")
    joint = pw.correlationMap(means)
    assert joint.exists == (result.status == 0) == (visibility < 0.7071)
    if joint.exists:
        np.testing.assert_allclose(rows @ joint.probabilities, means.ravel(), atol=1e-9)


def test_committors_equal_those_of_deeptime():
    markov = pytest.importorskip("deeptime.markov.msm")
    rng = np.random.default_rng(2)
    transitions = rng.random((7, 7)) ** 3
    transitions /= transitions.sum(axis=1, keepdims=True)
    flux = markov.MarkovStateModel(transitions).reactive_flux([0], [5, 6])
    paths = pw.transitionPaths(pw.makeMsm(transitions), [0], [5, 6])
    np.testing.assert_allclose(paths.forward, flux.forward_committor, atol=1e-10)
    np.testing.assert_allclose(paths.backward, flux.backward_committor, atol=1e-10)
    assert paths.flux == pytest.approx(flux.total_flux, rel=1e-9)
    assert paths.rate == pytest.approx(flux.rate, rel=1e-9)


def test_trajectories_are_counted():
    msm = pw.estimateMsm(np.array([0.0, 1, 0, 0, 1, 1, 0]), 2)
    np.testing.assert_allclose(msm.transitions, [[1 / 3, 2 / 3], [2 / 3, 1 / 3]])
    with pytest.raises(ValueError, match="state 2 is never visited"):
        pw.estimateMsm(np.array([0.0, 1, 0]), 3)
