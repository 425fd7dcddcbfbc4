"""Engines that evaluate whole sequences with nothing shared, for models whose attention packs do not support."""

from __future__ import annotations

import inspect
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from icon.inference import Branch, Pack
from icon_torch import memory
from icon_torch.engine import Engine


class PaddedEngine(Engine):
    """Evaluates whole sequences in batches, padded on the right, which causal models ignore."""

    name = "padded"

    def states(self, pack: Pack) -> list[Tensor]:
        """Last hidden states of every branch's tokens; see `Engine.states`."""
        by_branch: list[Tensor] = [torch.empty(0)] * len(pack.branches)
        order = sorted(range(len(pack.branches)), key=lambda place: -len(pack.branches[place].tokens))
        longest = len(self.shared) + len(pack.branches[order[0]].tokens)
        rows = max(1, self.pack_tokens // longest)
        with torch.inference_mode(), memory.errors_translated():
            for start, end in pairwise([*range(0, len(order), rows), len(order)]):
                for place, states in zip(order[start:end], self._batch(pack, order[start:end]), strict=True):
                    by_branch[place] = states
        return by_branch

    def _batch(self, pack: Pack, places: list[int]) -> list[Tensor]:
        sequences = [torch.tensor([*self.shared, *pack.branches[place].tokens]) for place in places]
        lengths = [len(sequence) for sequence in sequences]
        tokens = torch.nn.utils.rnn.pad_sequence(sequences, batch_first=True).to(self.device)
        mask = torch.arange(tokens.shape[1])[None] < torch.tensor(lengths)[:, None]
        states = self.body(input_ids=tokens, attention_mask=mask.long().to(self.device), use_cache=False)
        self.tokens_evaluated += sum(lengths)
        pairs = zip(states.last_hidden_state, lengths, strict=True)
        return [hidden[len(self.shared) : length] for hidden, length in pairs]


class PlainEngine(Engine):
    """Evaluates whole sequences one by one through the model itself, with its own logits: the reference."""

    name = "plain"

    def __init__(self, model: Any, body: Any, head: Any, context_length: int, pack_tokens: int) -> None:
        super().__init__(model, body, head, context_length, pack_tokens)
        self._keeps = "logits_to_keep" in inspect.signature(model.forward).parameters

    def logprobs(self, pack: Pack) -> list[NDArray[np.float64]]:
        """Log-probabilities of every branch's response tokens; see `Engine.logprobs`."""
        with torch.inference_mode(), memory.errors_translated():
            return [self._alone(branch) for branch in pack.branches]

    def states(self, pack: Pack) -> list[Tensor]:
        """Last hidden states of every branch's tokens; see `Engine.states`."""
        with torch.inference_mode(), memory.errors_translated():
            return [self._read(branch, self.body).last_hidden_state[0, len(self.shared) :] for branch in pack.branches]

    def _alone(self, branch: Branch) -> NDArray[np.float64]:
        n = len(branch.response)
        wanted = {"logits_to_keep": n} if self._keeps else {}  # those of the prompt would only take memory
        logits = self._read(branch, self.model, **wanted).logits[0, -n:].float()
        response = torch.tensor(branch.response, device=logits.device)[:, None]
        logprobs = logits.log_softmax(1).gather(1, response)[:, 0]
        result: NDArray[np.float64] = logprobs.cpu().double().numpy()
        return result

    def _read(self, branch: Branch, reader: Any, **wanted: int) -> Any:
        tokens = torch.tensor([[*self.shared, *branch.tokens]], device=self.device)
        self.tokens_evaluated += tokens.shape[1]
        return reader(input_ids=tokens, use_cache=False, **wanted)
