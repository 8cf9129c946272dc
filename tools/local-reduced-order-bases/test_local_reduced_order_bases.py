# SPDX-License-Identifier: MIT
"""The Python module against NumPy and, where it is installed, FasterPAM of the package kmedoids."""
import numpy as np
import pytest

lrob = pytest.importorskip("openmmequivariant.tools.local_reduced_order_bases")

RNG = np.random.default_rng(1)
SNAPSHOTS = RNG.standard_normal((40, 12))


def test_sines_equal_numpy():
    unit = SNAPSHOTS / np.linalg.norm(SNAPSHOTS, axis=1, keepdims=True)
    expected = np.sqrt(np.maximum(0, 1 - (unit @ unit.T) ** 2))
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(lrob.dissimilarities(SNAPSHOTS), expected, atol=1e-14)
    np.testing.assert_allclose(lrob.dissimilarities(SNAPSHOTS[:3], SNAPSHOTS[5:]), expected[:3, 5:],
                               atol=1e-14)


@pytest.mark.parametrize("kind, of", [("chordal", lambda t: np.linalg.norm(np.sin(t))),
                                      ("grassmann", np.linalg.norm),
                                      ("max-sine", lambda t: np.sin(t).max())])
def test_subspaces_equal_scipy(kind, of):
    angles = pytest.importorskip("scipy.linalg").subspace_angles
    found = lrob.dissimilarities(SNAPSHOTS, kind=kind, steps=4)
    for i, j in [(0, 1), (2, 9)]:
        expected = of(angles(SNAPSHOTS[4 * i:4 * i + 4].T, SNAPSHOTS[4 * j:4 * j + 4].T))
        assert found[i, j] == pytest.approx(expected, rel=1e-12)


def test_cost_is_that_of_faster_pam():
    kmedoids = pytest.importorskip("kmedoids")
    for seed in range(5):
        d = lrob.dissimilarities(np.random.default_rng(seed).standard_normal((200, 6)))
        peer = min(kmedoids.fasterpam(d, 5, random_state=k).loss for k in range(10))
        # There are no clusters here: ten starts of either program miss the best medoids at times.
        assert lrob.kMedoids(d, 5, restarts=40).cost <= peer * (1 + 1e-9)


def test_adjusted_rand_index_equals_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    a, b = RNG.integers(0, 4, 100), RNG.integers(0, 3, 100)
    b[:60] = a[:60] // 2
    assert lrob.adjustedRandIndex(a, b) == pytest.approx(metrics.adjusted_rand_score(a, b))
    d = lrob.dissimilarities(SNAPSHOTS)
    labels = lrob.kMedoids(d, 3).labels
    assert lrob.silhouette(d, labels) == pytest.approx(
        metrics.silhouette_score(d, labels, metric="precomputed"))


def test_pod_equals_numpy():
    unit = SNAPSHOTS / np.linalg.norm(SNAPSHOTS, axis=1, keepdims=True)
    values, modes = np.linalg.svd(unit)[1:]
    pod = lrob.localPod(SNAPSHOTS, tau=0.3, measure="rms")
    count = len(pod.singularValues)
    np.testing.assert_allclose(pod.singularValues, values[:count])
    np.testing.assert_allclose(np.abs(pod.basis @ modes[:count].T), np.eye(count), atol=1e-12)
    errors = lrob.projectionErrors(pod.basis, SNAPSHOTS)
    assert np.sqrt(np.mean(errors**2)) <= 0.3
    np.testing.assert_allclose(
        errors, np.linalg.norm(unit - unit @ pod.basis.T @ pod.basis, axis=1), atol=1e-14)


def test_efficiency():
    snapshots = np.zeros((40, 8))
    snapshots[:20, :3] = RNG.standard_normal((20, 3))
    snapshots[20:, 3:6] = RNG.standard_normal((20, 3))
    clustering = lrob.kMedoids(lrob.dissimilarities(snapshots), 2)
    row = lrob.efficiency(snapshots, [clustering], tau=1e-8)[0]
    assert row.globalModes == 6
    assert row.gain == pytest.approx(row.globalModes**3 / np.dot(
        row.populations, np.power(row.localModes, 3.0)))
    assert all(size.quality <= 1 + 1e-9 or np.isnan(size.quality) for size in row.fixedSizes)


def test_mass_matrix():
    root = RNG.standard_normal((12, 12))
    mass = root @ root.T
    flat = lrob.toEuclidean(SNAPSHOTS, mass)
    np.testing.assert_allclose(flat @ flat.T, SNAPSHOTS @ mass @ SNAPSHOTS.T, atol=1e-9)
    np.testing.assert_allclose(lrob.fromEuclidean(flat, mass), SNAPSHOTS, atol=1e-9)


def test_classifier():
    x = RNG.uniform(size=(200, 2))
    labels = (x[:, 0] > 0.5).astype(int)
    for kind in (lrob.ClassifierKind.LOGISTIC, lrob.ClassifierKind.NEAREST_NEIGHBORS):
        assert np.mean(np.array(lrob.Classifier(kind, x, labels).predict(x)) == labels) > 0.9


def test_bad_input_is_a_value_error():
    with pytest.raises(ValueError, match="snapshot 1 is zero"):
        lrob.dissimilarities(np.array([[1.0, 0], [0, 0]]))
    with pytest.raises(ValueError, match="K = 40"):
        lrob.kMedoids(lrob.dissimilarities(SNAPSHOTS), 40)
    with pytest.raises(ValueError, match="positive definite"):
        lrob.toEuclidean(SNAPSHOTS, -np.eye(12))
    with pytest.raises(ValueError, match="no measure 'mean'"):
        lrob.localPod(SNAPSHOTS, tau=0.1, measure="mean")
    with pytest.raises(ValueError, match="clustering of 40 runs for 39"):
        clustering = lrob.kMedoids(lrob.dissimilarities(SNAPSHOTS), 2)
        lrob.efficiency(SNAPSHOTS[1:], [clustering])
