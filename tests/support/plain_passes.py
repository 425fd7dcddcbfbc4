"""An independent computation of log-likelihoods: one sequence at a time, from an empty cache, by llama-cpp-python.

Its own high-level class reads the whole sequence and keeps the logits of every token; the softmax is taken in float64.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from icon.inference import usable_cores
from support import smollm2, tiny_model
from support.tiers import of_tier

MODELS = of_tier(["tiny"], ["tiny", "smollm2"])
"""What a scorer is compared on: a formula does not hang on the model, so the embedded one is left to the long tier."""


def model_file(name):
    """The float32 file of the tiny model, or of the embedded one."""
    return tiny_model.gguf_file() if name == "tiny" else smollm2.gguf("f32")


class PlainPasses:
    """One model with float32 cache and attention; close it when done.

    Args:
        path: The GGUF file.
        length: Most tokens in a sequence.
    """

    def __init__(self, path: Path, length: int = 4096) -> None:
        from icon_llamacpp.library import library

        library()  # loaded as the backend loads it: with threads that sleep
        from llama_cpp import Llama

        threads = {"n_threads": usable_cores(), "n_threads_batch": usable_cores()}
        self._llama = Llama(
            str(path),
            n_ctx=length,
            n_batch=length,
            logits_all=True,
            flash_attn=False,
            type_k=0,
            type_v=0,
            verbose=False,
            **threads,
        )
        self.adds_bos = self._llama._model.add_bos_token()

    def tokens(self, text):
        """Token ids of the text as it stands."""
        return self._llama.tokenize(text.encode(), add_bos=False, special=False)

    def logprobs(self, *parts):
        """Those of the last part's tokens behind the others; each part is tokenised apart."""
        tokens = [self.tokens(part) for part in parts]
        before, after = [token for part in tokens[:-1] for token in part], tokens[-1]
        return self._table(before, after)[np.arange(len(after)), after]

    def behind(self, text):
        """Log-probabilities of every token of the vocabulary behind the text."""
        return self._table(self.tokens(text), [0])[0]

    def close(self):
        self._llama.close()

    def _table(self, before, after):
        """Log-probabilities of the whole vocabulary at the place of each token of `after`, a row each."""
        from scipy.special import log_softmax

        before = [self._llama.token_bos()] * self.adds_bos + before
        self._llama.reset()
        self._llama.eval([*before, *after])
        logits = np.asarray(self._llama.scores[len(before) - 1 : len(before) + len(after) - 1], dtype=np.float64)
        return log_softmax(logits, axis=1)
