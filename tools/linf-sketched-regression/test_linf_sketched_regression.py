# SPDX-License-Identifier: MIT
"""The Python module against NumPy and SciPy."""
import numpy as np
import pytest

linf = pytest.importorskip("openmmequivariant.tools.linf_sketched_regression")

RNG = np.random.default_rng(1)
A = RNG.standard_normal((500, 6))
B = RNG.standard_normal(500)


def test_refined_solution_equals_numpy():
    expected = np.linalg.lstsq(A, B, rcond=None)[0]
    found = linf.solve(A, B, rows=64, refine=True)
    np.testing.assert_allclose(found.x, expected, atol=1e-12)
    assert found.converged and found.residual == pytest.approx(np.linalg.norm(A @ expected - B))


@pytest.mark.parametrize("kind", ["bgp", "srht", "gauss", "countsketch"])
def test_solution_is_that_of_the_sketched_problem(kind):
    found = linf.solve(A, B, kind, rows=128, seed=3)
    sketched = linf.sketch(np.c_[A, B], 128, kind, seed=3)
    expected = np.linalg.lstsq(sketched[:, :-1], sketched[:, -1], rcond=None)[0]
    np.testing.assert_allclose(found.x, expected, atol=1e-12)
    assert found.conditionNumber == pytest.approx(np.linalg.cond(sketched[:, :-1]))


def test_srht_is_that_of_scipys_hadamard_matrix():
    hadamard = pytest.importorskip("scipy.linalg").hadamard(16)
    sketch = linf.sketch(np.eye(16), 16, "srht")
    # The rows of H are a group, so the signs of D drop out of products of rows with one of them.
    rows = {tuple(row) for row in np.sign(sketch * sketch[0]).astype(int)}
    assert rows == {tuple(row) for row in hadamard.tolist()}
    np.testing.assert_allclose(np.abs(sketch), 0.25)


def test_tensor_sketch_shape_and_repeatability():
    x, y = RNG.standard_normal((7, 2)), RNG.standard_normal((5, 2))
    first = linf.tensorSketch(x, y, 9, seed=2)
    assert first.shape == (9, 2)
    np.testing.assert_array_equal(first, linf.tensorSketch(x, y, 9, seed=2))


def test_bad_input_is_a_value_error():
    with pytest.raises(ValueError, match="rank 6 of 7"):
        linf.solve(np.c_[A, A[:, 0]], B, rows=64)
    with pytest.raises(ValueError, match="there is no sketch"):
        linf.solve(A, B, "best")
    with pytest.raises(ValueError, match="right-hand side"):
        linf.solve(A, B[:10])
