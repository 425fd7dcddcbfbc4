"""What the classifier sees: six lengths in the open, the rest hashed, each row for itself."""

import numpy as np
import pytest

from icon.errors import BackendError
from icon.selection import embedding
from icon.selection.features import N_HASHED, N_LENGTHS, lexical
from icon.types import Message, Sample


@pytest.fixture
def sample():
    return Sample("a", 0, (Message("user", "Sum it up."),), "Short and good text.", passage="A long day.")


def test_lengths_by_hand(sample):
    row = lexical([sample])[0, :N_LENGTHS].toarray()[0]
    # prompt with passage: 10 + 1 + 11 characters, 6 words; passage: 11 and 3; response: 20 and 4
    assert np.expm1(row) == pytest.approx([22, 6, 11, 3, 20, 4], abs=1e-4)


def test_hashed_blocks_have_length_1(sample):
    matrix = lexical([sample, sample])
    assert matrix.shape == (2, N_LENGTHS + 2 * N_HASHED)
    words = matrix[:, N_LENGTHS : N_LENGTHS + N_HASHED].toarray()
    letters = matrix[:, N_LENGTHS + N_HASHED :].toarray()
    assert np.linalg.norm(words, axis=1) == pytest.approx([1, 1])
    assert np.linalg.norm(letters, axis=1) == pytest.approx([1, 1])


def test_a_row_does_not_depend_on_its_batch(planted):
    samples = planted.samples[:20]
    together = lexical(samples)
    assert all((lexical([each]) != together[i]).nnz == 0 for i, each in enumerate(samples))


class Fixed:
    def __init__(self, vectors):
        self.vectors = vectors

    def embed(self, texts):
        return self.vectors


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (np.zeros((2, 3)), r"shape \(2, 3\) for 1 texts"),
        (np.zeros(3), "shape"),
        (np.array([[1.0, np.nan]]), "candidate a"),
    ],
)
def test_embeddings_that_do_not_fit_are_refused(sample, vectors, message):
    with pytest.raises(BackendError, match=message):
        embedding([sample], Fixed(vectors))
