# SPDX-License-Identifier: MIT
"""The Python module against NumPy."""
import numpy as np
import pytest

sensing = pytest.importorskip("openmmequivariant.tools.matrix_sensing")

RNG = np.random.default_rng(1)
TARGET = RNG.standard_normal((9, 2)) @ RNG.standard_normal((2, 7))
LARGEST = np.linalg.svd(TARGET)[1][0]


def numpy_descent(a, y, f, g, step, iterations):
    a = a.reshape(len(a), len(f), len(g))
    for _ in range(iterations):
        s = np.tensordot(np.tensordot(a, f @ g.T, 2) - y, a, 1)
        f, g = f - step * s @ g, g - step * s.T @ f
    return f, g


def test_steps_equal_numpy():
    a = RNG.standard_normal((50, 63))
    y = RNG.standard_normal(50)
    f, g = RNG.standard_normal((9, 3)), RNG.standard_normal((7, 3))
    found = sensing.descend(sensing.dense(a, 9, 7), y, f, g, step=1e-3, iterations=20)
    expected = numpy_descent(a, y, f, g, 1e-3, 20)
    np.testing.assert_allclose(found.factors.f, expected[0], atol=1e-12)
    np.testing.assert_allclose(found.factors.g, expected[1], atol=1e-12)
    assert found.curve.shape == (21, 2)
    assert found.curve[0, 1] == pytest.approx(np.mean((a @ (f @ g.T).ravel() - y) ** 2))


def test_recovers_a_matrix():
    a = sensing.gaussianEnsemble(250, TARGET.size, seed=2)
    start = sensing.randomStart(9, 7, 4, scale=0.5 * LARGEST**0.5)
    found = sensing.descend(sensing.dense(a, 9, 7), a @ TARGET.ravel(), start.f, start.g,
                            step=0.1 / LARGEST, iterations=4000, accelerate=True)
    assert found.switchedAt > 0 and not found.switchRefused
    product = found.factors.f @ found.factors.g.T
    assert np.linalg.norm(product - TARGET) < 1e-8 * np.linalg.norm(TARGET)
    rate = sensing.fitRate(found.curve[:, 0].astype(int).tolist(), found.curve[:, 1].tolist())
    assert rate.isExponential


def test_beta_needs_the_rescaling():
    a, start = sensing.gaussianEnsemble(80, TARGET.size, seed=2), sensing.randomStart(9, 7, 4)
    with pytest.raises(ValueError, match="accelerate"):
        sensing.descend(sensing.dense(a, 9, 7), a @ TARGET.ravel(), start.f, start.g,
                        step=0.1 / LARGEST, beta=1.0)


def test_memory_mapped_measurements(tmp_path):
    np.save(tmp_path / "a.npy", RNG.standard_normal((30, 63)))
    a = np.load(tmp_path / "a.npy", mmap_mode="r")
    op = sensing.dense(a, 9, 7)
    np.testing.assert_allclose(op.measure(TARGET), a @ TARGET.ravel(), atol=1e-12)
    np.testing.assert_allclose(op.adjoint(np.ones(30)), a.sum(axis=0).reshape(9, 7), atol=1e-12)


def test_rank_one_and_mask():
    a, b = RNG.standard_normal((20, 9)), RNG.standard_normal((20, 7))
    np.testing.assert_allclose(sensing.rankOne(a, b).measure(TARGET),
                               np.einsum("mi,ij,mj->m", a, TARGET, b), atol=1e-12)
    np.testing.assert_array_equal(sensing.mask([0, 8], [6, 1], 9, 7).measure(TARGET),
                                  [TARGET[0, 6], TARGET[8, 1]])


def test_one_factor():
    x = RNG.standard_normal((6, 2))
    op = sensing.identity(6, 6)
    found = sensing.descendSymmetric(op, (x @ x.T).ravel(), 0.1 * RNG.standard_normal((6, 2)),
                                     step=0.1 / np.linalg.norm(x, 2) ** 2, iterations=4000)
    np.testing.assert_allclose(found.factors.f @ found.factors.f.T, x @ x.T, atol=1e-9)


def test_accelerate_once():
    f, g = RNG.standard_normal((9, 3)), RNG.standard_normal((7, 3))
    f2, g2 = sensing.accelerateOnce(f, g, 0.5)
    np.testing.assert_allclose(f2 @ g2.T, f @ g.T, atol=1e-13)
    np.testing.assert_allclose(f2.T @ f2, 0.25 * np.eye(3), atol=1e-14)
    assert sensing.accelerateOnce(f[:, [0, 0, 1]], g, 0.5) is None


def test_bad_input_is_a_value_error():
    op = sensing.identity(3, 3)
    f = np.ones((3, 1))
    with pytest.raises(ValueError, match="step"):
        sensing.descend(op, np.ones(9), f, f, step=0)
    with pytest.raises(ValueError, match="4 values for 9"):
        sensing.descend(op, np.ones(4), f, f)
    with pytest.raises(ValueError, match="smaller step"):
        sensing.descend(op, np.ones(9), f, 2 * f, step=1e4)
    with pytest.raises(ValueError, match="4 values for 9"):
        op.adjoint(np.ones(4))
    with pytest.raises(ValueError, match="2 x 3"):
        op.measure(np.ones((2, 3)))
    with pytest.raises(ValueError, match="as many columns"):
        sensing.accelerateOnce(f, np.ones((3, 2)), 1.0)
    with pytest.raises(ValueError, match="2 iterations for 1"):
        sensing.fitRate([1, 2], [1.0])
    with pytest.raises(ValueError, match="row 2"):
        sensing.descend(op, np.array([0, 0, np.nan] + 6 * [0.0]), f, f)
