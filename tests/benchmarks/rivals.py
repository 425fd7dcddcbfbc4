"""Other ways to the same log-probabilities: a plain loop over whole sequences, and lm-evaluation-harness."""

from __future__ import annotations

import importlib.util
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from icon.types import Target

PREFILL_TOKENS = 512


class Vocabulary(Protocol):
    """What a backend and its vocabulary have in common."""

    bos: int
    adds_bos: bool

    def tokenize(self, text: str) -> list[int]:
        """Token ids of the text, without BOS."""
        ...


@dataclass(frozen=True)
class Request:
    """One pair as token ids: the very ones that `score` reads."""

    before: list[int]
    response: list[int]

    @property
    def n_read(self) -> int:
        """Tokens of the whole sequence; nothing is predicted from its last one, which nobody reads."""
        return len(self.before) + len(self.response) - 1


def request(vocabulary: Vocabulary, context: str, target: Target) -> Request:
    """Context, prompt and response, each tokenised apart."""
    before = [*[vocabulary.bos] * vocabulary.adds_bos, *vocabulary.tokenize(context)]
    return Request(before + vocabulary.tokenize(target.prompt), vocabulary.tokenize(target.response))


def prefill(model: Any) -> float:
    """Seconds of one pass over 512 tokens that fills a cache and gives the last position's logits."""
    size = model.get_input_embeddings().weight.shape[0]
    ids = torch.tensor([[(17 + 37 * place) % size for place in range(PREFILL_TOKENS)]], device=model.device)
    started = time.perf_counter()
    with torch.inference_mode():
        model(input_ids=ids, use_cache=True, logits_to_keep=1).logits.cpu()
    return time.perf_counter() - started


def one_at_a_time(model: Any, requests: Sequence[Request]) -> list[list[float]]:
    """Log-probabilities of every request's response tokens: a batch of one, logits at response positions only."""
    found = []
    with torch.inference_mode():
        for each in requests:
            n = len(each.response)
            ids = torch.tensor([[*each.before, *each.response[:-1]]], device=model.device)
            logits = model(input_ids=ids, use_cache=False, logits_to_keep=n).logits[0].float()
            wanted = torch.tensor(each.response, device=model.device)[:, None]
            found.append(logits.log_softmax(1).gather(1, wanted)[:, 0].tolist())
    return found


def harness(model: Any, tokenizer: Any, batch_size: int) -> Callable[[Sequence[Request]], list[float]] | None:
    """lm-evaluation-harness' log-likelihoods of whole responses, by request; None where it is not installed."""
    if importlib.util.find_spec("lm_eval") is None:
        return None
    from lm_eval.models.huggingface import HFLM

    logging.getLogger("lm_eval").setLevel(logging.ERROR)  # it warns of every model that is open already
    ready = HFLM(model, tokenizer=tokenizer, backend="causal", batch_size=batch_size, max_length=8192)

    def sums(requests: Sequence[Request]) -> list[float]:
        given = [(("", ""), each.before, each.response) for each in requests]
        return [total for total, _ in ready._loglikelihood_tokens(given, disable_tqdm=True)]

    return sums
