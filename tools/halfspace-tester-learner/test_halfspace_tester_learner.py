# SPDX-License-Identifier: MIT
"""The Python module, beside scikit-learn where labels are clean."""
import numpy as np
import pytest

ht = pytest.importorskip("openmmequivariant.tools.halfspace_tester_learner")


def make(n, d, eta, seed):
    rng = np.random.default_rng(seed)
    w = rng.standard_normal(d)
    w /= np.linalg.norm(w)
    x = rng.standard_normal((n, d))
    y = np.where(x @ w >= 0, 1.0, -1.0) * np.where(rng.random(n) < eta, -1, 1)
    return x, y, w


def test_normal_points_are_accepted():
    x, y, w = make(20000, 4, 0.2, 1)
    outcome = ht.testAndLearn(x, y, eta=0.2)
    assert outcome.status == ht.Status.ACCEPTED, outcome.reason
    assert outcome.w @ w > 0.995
    assert abs(outcome.error - 0.2) < 0.02
    assert (ht.predict(x, outcome.w) == y).mean() > 0.79


def test_other_points_are_rejected():
    x, y, _ = make(20000, 4, 0.0, 2)
    outcome = ht.testAndLearn(np.sign(x), y)
    assert outcome.status == ht.Status.REJECTED
    assert not all(test.passed for test in outcome.tests)


def test_few_points_are_insufficient():
    x, y, _ = make(200, 10, 0.0, 3)
    assert ht.testAndLearn(x, y).status == ht.Status.INSUFFICIENT


def test_far_flips_mislead_logistic_regression_more():
    linear = pytest.importorskip("sklearn.linear_model")
    x, y, w = make(30000, 5, 0.0, 4)
    far = np.argsort(-np.abs(x @ w))[:3000]
    y[far] *= -1
    outcome = ht.testAndLearn(x, y, noise=ht.Noise.ADVERSARIAL)
    assert outcome.status == ht.Status.ACCEPTED, outcome.reason
    logistic = linear.LogisticRegression(fit_intercept=False).fit(x, y).coef_[0]
    assert outcome.w @ w > logistic @ w / np.linalg.norm(logistic)


def test_sweep_equals_all_halfspaces_through_points():
    rng = np.random.default_rng(5)
    x, y = rng.standard_normal((40, 2)), rng.choice([-1.0, 1.0], 40)
    angles = np.arctan2(x[:, 1], x[:, 0])
    events = np.sort(np.concatenate([angles + np.pi / 2, angles - np.pi / 2]) % (2 * np.pi))
    between = (events + np.roll(events, -1) + np.where(np.arange(80) == 79, 2 * np.pi, 0)) / 2
    errors = [(np.where(x @ [np.cos(a), np.sin(a)] >= 0, 1, -1) != y).mean() for a in between]
    assert ht.sweepAngles(x, y)[0] == pytest.approx(min(errors))


def test_bad_input_is_a_value_error():
    x, y, _ = make(100, 2, 0.0, 6)
    with pytest.raises(ValueError, match="eta"):
        ht.testAndLearn(x, y, eta=0.5)
    y[7] = 0.5
    with pytest.raises(ValueError, match="row 7"):
        ht.testAndLearn(x, y)


def test_whitening():
    x = np.random.default_rng(7).standard_normal((500, 3)) @ np.diag([1, 2, 3]) + 5
    mean, transform = ht.whiten(x)
    white = (x - mean) @ transform
    np.testing.assert_allclose(white.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(white.T @ white / 500, np.eye(3), atol=1e-10)
