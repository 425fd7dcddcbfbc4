"""Main directions, clusters and the map of points agree with scikit-learn, or with what was planted."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.manifold import TSNE, trustworthiness
from sklearn.preprocessing import normalize

from icon.results.report._directions import main_directions, main_plane
from icon.results.report._kmeans import kmeans
from icon.results.report._tsne import _conditional, affinities, tsne

GROUPS, SIZE = 4, 30


@pytest.fixture(scope="module")
def planted():
    """Points around four centres of unit length in ten directions, far apart beside their spread; and whose each is."""
    generator = np.random.default_rng(1)
    labels = np.repeat(np.arange(GROUPS), SIZE)
    return np.eye(10)[labels] + generator.normal(0, 0.1, (GROUPS * SIZE, 10)), labels


@pytest.mark.parametrize("shape", [(40, 90), (90, 40), (13, 30)])
def test_directions_are_those_of_a_truncated_svd(shape):
    generator = np.random.default_rng(0)
    rank = min(shape)
    dense = (generator.normal(size=(shape[0], rank)) * 0.6 ** np.arange(rank)) @ generator.normal(size=(rank, shape[1]))
    dense[3] = 0
    ours = main_directions(csr_matrix(dense), 5, 0)
    assert not ours[3].any()
    theirs = normalize(TruncatedSVD(5, algorithm="arpack", random_state=0).fit_transform(csr_matrix(dense)))
    ours, theirs = np.delete(ours, 3, axis=0), np.delete(theirs, 3, axis=0)
    np.testing.assert_allclose(ours @ ours.T, theirs @ theirs.T, atol=1e-3)  # whichever way a direction points


def test_the_main_plane_is_that_of_a_pca(planted):
    points, _ = planted
    np.testing.assert_allclose(np.abs(main_plane(points)), np.abs(PCA(2).fit_transform(points)), atol=1e-9)


def test_clusters_far_apart_are_found(planted):
    points, labels = planted
    found = kmeans(points, GROUPS, seed=5)
    assert {tuple(np.unique(found[labels == group])) for group in range(GROUPS)} == {(n,) for n in range(GROUPS)}


def test_the_spread_within_clusters_is_about_that_of_scikit_learn():
    points = np.random.default_rng(2).normal(size=(200, 6))

    def within(labels):
        return sum(
            ((points[labels == one] - points[labels == one].mean(axis=0)) ** 2).sum() for one in np.unique(labels)
        )

    theirs = KMeans(7, n_init=4, random_state=0).fit(points).inertia_
    assert within(kmeans(points, 7, seed=0)) < 1.03 * theirs


def test_equal_points_are_one_cluster_each_or_none():
    points = np.repeat(np.eye(3), 5, axis=0)
    assert len(np.unique(kmeans(points, 3, seed=0))) == 3


def test_a_neighbourhood_has_the_perplexity_asked_for(planted):
    points, _ = planted
    found = _conditional(((points[:, None] - points[None, :40]) ** 2).sum(axis=2), 12)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    np.testing.assert_allclose(np.exp(-(found * np.log(found + 1e-300)).sum(axis=1)), 12)


def test_affinities_are_shared_out_among_the_nearest(planted):
    joint = affinities(planted[0], 12)
    assert joint.sum() == pytest.approx(1)
    np.testing.assert_array_equal(joint, joint.T)
    assert ((joint > 0).sum(axis=1) >= 37).all()  # the 37 nearest, and whoever has the point among its own


def test_a_map_keeps_neighbours_as_well_as_that_of_scikit_learn(planted):
    points, labels = planted
    ours = tsne(points, 20, 500)
    theirs = TSNE(2, init="pca", perplexity=20, max_iter=500, random_state=0).fit_transform(points)
    assert trustworthiness(points, ours) > trustworthiness(points, theirs) - 0.02
    middle = np.array([ours[labels == group].mean(axis=0) for group in range(GROUPS)])
    nearest = ((ours[:, None] - middle) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == labels).mean() > 0.98


def test_the_map_is_the_same_each_time(planted):
    points, _ = planted
    assert (tsne(points, 20, 300) == tsne(points, 20, 300)).all()
