# SPDX-License-Identifier: MIT
"""The Python module, beside NumPy, SciPy and, where it is installed, POT."""
import numpy as np
import pytest

sb = pytest.importorskip("openmmequivariant.tools.light_sb")


def small_model():
    return sb.Model(0.5, np.log([0.3, 0.7]), np.array([[1.0, 0.0], [-1.0, 2.0]]),
                    np.log([[0.2, 0.4], [0.3, 0.1]]))


def test_formulas_beside_scipy():
    normal = pytest.importorskip("scipy.stats").multivariate_normal
    model, y = small_model(), np.random.default_rng(1).standard_normal((6, 2))
    v = sum(np.exp(w) * normal(r, model.eps * np.diag(np.exp(s))).pdf(y)
            for w, r, s in zip(model.logWeights, model.means, model.logScales))
    np.testing.assert_allclose(model.logV(y), np.log(v), rtol=1e-12)
    c = sum(np.exp(w + (y**2 @ np.exp(s) + 2 * y @ r) / (2 * model.eps))
            for w, r, s in zip(model.logWeights, model.means, model.logScales))
    np.testing.assert_allclose(model.logC(y), np.log(c), rtol=1e-12)


def test_sampling_agrees_with_the_means():
    model = small_model()
    x = np.tile([[0.2, -0.1]], (20000, 1))
    y = model.sample(x, seed=1)
    np.testing.assert_allclose(y.mean(axis=0), model.conditionalMeans(x[:1])[0], atol=0.03)
    paths = model.paths(x, [0, 0.5, 1], seed=1)
    assert paths.shape == (3, 20000, 2)
    np.testing.assert_array_equal(paths[0], x)
    np.testing.assert_array_equal(paths[2], y)
    assert model.integrate(x[:10], 5).shape == (6, 10, 2)


def test_fit_write_and_read(tmp_path):
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((500, 2)), 2 + 0.5 * rng.standard_normal((400, 2))
    fit = sb.fit(x, y, eps=0.5, components=4, steps=300, full=True)
    assert fit.losses.shape == (300,) and fit.model.eps == 0.5
    path = str(tmp_path / "model.json")
    fit.model.write(path)
    np.testing.assert_array_equal(sb.readModel(path).drift(x, 0.3), fit.model.drift(x, 0.3))
    distance, quantile, p = sb.energyDistance(fit.model.sample(x), y, permutations=99)
    assert distance >= 0 and quantile > 0 and 0 < p <= 1


def test_gaussian_bridge_transports_the_covariance():
    c0, c1 = np.array([[1, 0.3], [0.3, 0.5]]), np.array([[0.4, -0.2], [-0.2, 0.7]])
    model = sb.gaussianBridge(np.zeros(2), c0, np.ones(2), c1, 0.4)
    q, s = model.rotations[0], np.exp(model.logScales[0])
    slope = q @ np.diag(s) @ q.T
    np.testing.assert_allclose(slope @ c0 @ slope + 0.4 * slope, c1, atol=1e-12)


def test_sinkhorn_equals_that_of_pot():
    ot = pytest.importorskip("ot")
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((80, 2)), 1 + 0.5 * rng.standard_normal((90, 2))
    cost = ((x[:, None] - y[None])**2).sum(-1) / 2
    plan = ot.sinkhorn(np.full(80, 1 / 80), np.full(90, 1 / 90), cost, 0.3, method="sinkhorn_log",
                       stopThr=1e-13, numItermax=100000)
    np.testing.assert_allclose(sb.sinkhornMeans(x, y, 0.3, 1e-12),
                               plan @ y / plan.sum(axis=1, keepdims=True), atol=1e-8)


def test_bad_input_is_a_value_error():
    x = np.ones((30, 2))
    with pytest.raises(ValueError, match="does not vary"):
        sb.fit(x, np.random.default_rng(4).standard_normal((30, 2)))
    with pytest.raises(ValueError, match="at time 1"):
        small_model().drift(x, 1.0)
    with pytest.raises(ValueError, match="3 coordinates"):
        small_model().logC(np.ones((2, 3)))
