# SPDX-License-Identifier: MIT
"""The Python module, beside NumPy, SciPy and, where it is installed, causalicp."""
import numpy as np
import pytest

pac = pytest.importorskip("openmmequivariant.tools.pac_invariant_representations")


def draw(rng, rows):
    """a -> y -> c and b -> c; interventions at a, b and c."""
    a = rng.uniform(0.5, 2) * rng.standard_normal(rows)
    b = rng.uniform(0.5, 2) * rng.standard_normal(rows)
    y = 1.5 * a + rng.standard_normal(rows)
    c = rng.uniform(-2, 2) * y + rng.uniform(-2, 2) * b + rng.standard_normal(rows)
    return np.stack([a, b, c], axis=1), y


def test_residual_equals_numpy():
    rng = np.random.default_rng(1)
    x, y = draw(rng, 500)
    environment = pac.environment("e", x, y)
    phi, w = rng.standard_normal((2, 3)), rng.standard_normal(2)
    z, centred = (x - x.mean(axis=0)) @ phi.T, y - y.mean()
    np.testing.assert_allclose(pac.residual(environment, phi, w), z.T @ (z @ w - centred) / 500,
                               atol=1e-12)


def test_parents_are_found_and_certified():
    rng = np.random.default_rng(2)
    environments = [pac.environment(str(t), *draw(rng, 5000)) for t in range(12)]
    found = pac.searchSubsets(environments, mostFeatures=2)
    # b, of which y does not depend, may improve the fit to samples a little; c may not be there.
    assert found.found and found.best.features[0] == 0 and 2 not in found.best.features
    np.testing.assert_allclose(found.best.w, [1.5, 0][:len(found.best.w)], atol=0.05)
    others = [pac.environment(str(t), *draw(rng, 5000)) for t in range(100)]
    certificate = pac.certify(found.best.phi, found.best.w, others)
    assert certificate.violations <= 5
    general = pac.optimiseGeneral(environments, rank=1)
    assert general.found
    direction = np.abs(general.best.phi[0])
    assert direction[0] > 0.99


def test_clopper_pearson_equals_scipy():
    beta = pytest.importorskip("scipy.stats").beta
    for v, m, eta in [(0, 300, 0.05), (3, 50, 0.01), (49, 50, 0.1), (200, 1000, 0.05)]:
        assert pac.clopperPearson(v, m, eta) == pytest.approx(beta.ppf(1 - eta, v + 1, m - v),
                                                             rel=1e-10)
    assert pac.clopperPearson(5, 5, 0.05) == 1


def test_invariance_test_agrees_with_causalicp():
    icp = pytest.importorskip("causalicp")
    rng = np.random.default_rng(3)
    data = [draw(rng, 1000) for _ in range(4)]
    result = icp.fit([np.column_stack([x, y]) for x, y in data], 3, alpha=0.05, verbose=False)
    assert result.estimate == {0}
    features, targets = [x for x, _ in data], [y for _, y in data]
    assert pac.invarianceTest(features, targets, [0]) > 0.05
    assert pac.invarianceTest(features, targets, [2]) < 0.05


def test_bad_input_is_a_value_error():
    with pytest.raises(ValueError, match="not more than the 3 features"):
        pac.environment("e", np.ones((3, 3)), np.ones(3))
    with pytest.raises(ValueError, match="row 1, column 0"):
        pac.environment("e", np.array([[0.0], [np.nan], [1.0]]), np.ones(3))
    with pytest.raises(ValueError, match="rank 1 of 2"):
        pac.onObserved(np.eye(2), np.ones((3, 2)))
    with pytest.raises(ValueError, match="no environment"):
        pac.searchSubsets([])
    with pytest.raises(ValueError, match="not positive semidefinite"):
        pac.environmentOfCovariance("e", np.array([[1.0, 5], [5, 1]]), 1)
