"""The projection has one random sign per coordinate, and keeps inner products as well as a dense one does."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the torch backend is not installed")

from icon_less.projection import Projection  # noqa: E402

SHAPES = [(30, 8), (5,), (16, 16)]
N = sum(int(np.prod(shape)) for shape in SHAPES)


def parts(vector):
    """The vector cut into tensors of these shapes."""
    cut = np.split(vector, np.cumsum([int(np.prod(shape)) for shape in SHAPES])[:-1])
    return [torch.from_numpy(part.reshape(shape)).float() for part, shape in zip(cut, SHAPES, strict=True)]


def matrix(size, seed):
    """The projection as a matrix, shape (size, N), column by column."""
    projection = Projection(parts(np.zeros(N)), size, seed)
    return np.stack([projection(parts(unit)).double().numpy() for unit in np.eye(N)], axis=1)


def test_each_coordinate_goes_with_a_sign_to_one_number_and_all_numbers_and_signs_are_drawn():
    found = matrix(16, seed=3)
    assert (np.count_nonzero(found, axis=0) == 1).all()
    assert set(np.unique(found)) == {-1.0, 0.0, 1.0}
    assert (np.count_nonzero(found, axis=1) > N / 16 / 2).all()
    assert abs(found.sum()) < 4 * N**0.5


def test_it_is_linear_and_the_seed_decides_it():
    x, y = np.random.default_rng(0).normal(size=(2, N))
    projection = Projection(parts(x), 64, seed=1)
    together = projection(parts(2 * x - y)).numpy()
    assert together == pytest.approx(2 * projection(parts(x)).numpy() - projection(parts(y)).numpy(), abs=1e-4)
    again, other = Projection(parts(x), 64, seed=1), Projection(parts(x), 64, seed=2)
    assert torch.equal(again(parts(x)), projection(parts(x)))
    assert not torch.equal(other(parts(x)), projection(parts(x)))


def test_inner_products_are_kept_within_the_bound_of_a_dense_projection():
    """Standard deviation at most sqrt((|x|^2 |y|^2 + <x, y>^2) / k): of 400 pairs the mean square shows it."""
    draw = np.random.default_rng(5)
    size, errors = 128, []
    for seed in range(20):
        vectors = draw.normal(size=(40, N)) * draw.pareto(1.5, size=N)  # some coordinates far larger than others
        vectors[20:] = vectors[:20] + vectors[20:]
        projection = Projection(parts(vectors[0]), size, seed)
        projected = np.stack([projection(parts(vector)).double().numpy() for vector in vectors])
        for x, y, px, py in zip(vectors[:20], vectors[20:], projected[:20], projected[20:], strict=True):
            bound = ((x @ x) * (y @ y) + (x @ y) ** 2) / size
            errors.append((px @ py - x @ y) / bound**0.5)
    assert abs(np.mean(errors)) < 0.2
    assert np.mean(np.square(errors)) < 1.1


def test_all_cosines_of_25_vectors_are_kept_within_the_bound_of_johnson_and_lindenstrauss():
    """Lengths and sums within 1 +- e for all 300 pairs where k >= 8 ln(25) / (e^2 / 2 - e^3 / 3): e = 0.2 for 2,048."""
    vectors = np.random.default_rng(2).normal(size=(25, N))
    projection = Projection(parts(vectors[0]), 2048, seed=7)
    projected = np.stack([projection(parts(vector)).double().numpy() for vector in vectors])
    for i in range(25):
        for j in range(i):
            exact, kept = (np.sum((some[i] - some[j]) ** 2) for some in (vectors, projected))
            assert kept / exact == pytest.approx(1, abs=0.2)


def test_size_0_keeps_the_whole_vector():
    x = np.random.default_rng(0).normal(size=N)
    projection = Projection(parts(x), 0, seed=1)
    assert projection.size == N
    assert projection(parts(x)).numpy() == pytest.approx(x)
