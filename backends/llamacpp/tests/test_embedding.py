"""Embeddings are the mean hidden states that llama.cpp's own pooling gives."""

import numpy as np
import pytest

from icon.errors import BackendError
from icon.inference import usable_cores
from icon_llamacpp.backend import LlamaCppBackend
from icon_llamacpp.options import LlamaCppOptions
from support import tiny_model

pytestmark = pytest.mark.model
TEXTS = ["A river in Spain.", "Un río de España, y más.", "Seven"]


def test_agrees_with_llama_cpps_own_mean_pooling(load):
    from llama_cpp import LLAMA_POOLING_TYPE_MEAN, Llama

    options = {"embedding": True, "pooling_type": LLAMA_POOLING_TYPE_MEAN, "n_threads_batch": usable_cores()}
    own = Llama(str(load("f32")._choice.setup.path), n_ctx=64, flash_attn=False, verbose=False, **options)
    expected = np.asarray([own.embed(text, normalize=False) for text in TEXTS])
    own.close()
    found = load("f32").embed(TEXTS)
    assert found.shape == (3, tiny_model.WIDTH)
    assert found == pytest.approx(expected, abs=0.05 * np.abs(expected).max())
    for one, other in zip(found, expected, strict=True):
        assert one @ other / np.linalg.norm(one) / np.linalg.norm(other) > 0.9999


def test_a_text_beyond_the_context_length_is_cut_there(source):
    with LlamaCppBackend(LlamaCppOptions(model=str(source), precision="f16", context_length=16)) as backend:
        ids = backend.tokenize("a b c d e f g h i j k l m n o p q r s t")
        whole, kept = ("".join(backend.token_pieces(ids[:end])) for end in (20, 16))
        assert backend.embed([whole]).tolist() == backend.embed([kept]).tolist()


def test_no_texts_give_no_rows(load):
    assert load("f16").embed([]).shape == (0, tiny_model.WIDTH)


def test_a_closed_backend_does_not_embed(source):
    backend = LlamaCppBackend(LlamaCppOptions(model=str(source), precision="f16"))
    backend.close()
    with pytest.raises(BackendError, match="closed"):
        backend.embed(TEXTS)
