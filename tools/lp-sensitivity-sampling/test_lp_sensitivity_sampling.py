# SPDX-License-Identifier: MIT
"""The Python module, and its linear programs against those of SciPy (HiGHS)."""
import numpy as np
import pytest

lp = pytest.importorskip("openmmequivariant.tools.lp_sensitivity_sampling")


def highs_sensitivity(a, i):
    """1 / min ||A x||_1 with a_i x = 1, as a linear program in x and |A x|."""
    linprog = pytest.importorskip("scipy.optimize").linprog
    n, d = a.shape
    eye = np.eye(n)
    result = linprog(np.r_[np.zeros(d), np.ones(n)],
                     A_ub=np.block([[a, -eye], [-a, -eye]]), b_ub=np.zeros(2 * n),
                     A_eq=np.r_[a[i], np.zeros(n)][None], b_eq=[1],
                     bounds=[(None, None)] * d + [(0, None)] * n, method="highs")
    assert result.status == 0
    return 1 / result.fun


def test_sensitivities_equal_those_of_highs():
    a = np.random.default_rng(1).standard_normal((60, 4))
    a[:3] *= 40
    scores = lp.scores(a, p=1)
    expected = [highs_sensitivity(a, i) for i in range(len(a))]
    np.testing.assert_allclose(scores.values, expected, rtol=1e-7)
    assert scores.rank == 4
    assert scores.total == pytest.approx(sum(expected))


def test_leverage_equals_numpy():
    a = np.random.default_rng(2).standard_normal((50, 5))
    q, _ = np.linalg.qr(a)
    scores = lp.scores(a, lp.ScoreKind.LEVERAGE)
    np.testing.assert_allclose(scores.values, (q**2).sum(axis=1), rtol=1e-12)


def test_sample_and_distortion():
    a = np.random.default_rng(3).standard_normal((400, 4))
    scores = lp.scores(a, p=4)
    sample = lp.sample(scores.values, 100, p=4, rank=scores.rank, seed=5)
    assert sample.probabilities.sum() == pytest.approx(100)
    np.testing.assert_allclose(sample.weights, sample.probabilities[sample.rows] ** -0.25)
    distortion = lp.distortion(a, sample.rows, sample.weights, p=4)
    x = np.random.default_rng(4).standard_normal((4, 1000))
    kept = (np.abs(sample.weights[:, None] * (a[sample.rows] @ x)) ** 4).sum(axis=0)
    ratios = kept / (np.abs(a @ x) ** 4).sum(axis=0)
    assert distortion.minRatio <= ratios.min() and ratios.max() <= distortion.maxRatio
    assert lp.sampleRootLeverage(a, 1, 50, rounds=2).rows


def test_least_absolute_fit():
    rng = np.random.default_rng(5)
    a = rng.standard_normal((40, 3))
    b = a @ [1, 2, 3]
    b[::8] += 100
    np.testing.assert_allclose(lp.fitLeastAbsolute(a, b), [1, 2, 3], atol=1e-8)


def test_bad_input_is_a_value_error():
    a = np.ones((3, 2))
    with pytest.raises(ValueError, match="p has to be"):
        lp.scores(a, p=0.5)
    a[1, 1] = np.nan
    with pytest.raises(ValueError, match="row 1, column 1"):
        lp.scores(a)
