"""Samples as tokens for training and judging: the same tokens that scores are computed from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from icon.errors import InputError
from icon.plugins import Template
from icon.types import Sample
from icon_torch.backend import TorchBackend


@dataclass(frozen=True, slots=True)
class Encoded:
    """A sample as tokens.

    Attributes:
        id: Id of the sample.
        ids: Tokens of BOS (where the model has one), prompt and response, shape (length,).
        n_prompt: Number of tokens before the response; at least 1.
    """

    id: str
    ids: tuple[int, ...]
    n_prompt: int

    @property
    def n_response(self) -> int:
        """Number of response tokens, which are the ones that are predicted."""
        return len(self.ids) - self.n_prompt


def encode(
    samples: Sequence[Sample], template: Template, backend: TorchBackend, max_tokens: int
) -> tuple[list[Encoded], list[str]]:
    """Tokenise samples as the backend scores them: prompt and response apart, BOS in front where the model has one.

    A sample that is too long loses the end of its response. One whose prompt alone fills the limit cannot be used.

    Args:
        samples: The samples.
        template: Renders prompt and response.
        backend: The model's tokenizer.
        max_tokens: Longest sequence.

    Returns:
        The samples in order, and a note for each that was cut.

    Raises:
        InputError: Samples leave no room for a response; the message lists all of them.
    """
    encoded, notes, faults = [], [], []
    bos = [backend.bos] if backend.adds_bos else []
    for sample in samples:
        target = template.target(sample)
        prompt, response = [*bos, *backend.tokenize(target.prompt)], backend.tokenize(target.response)
        room = max_tokens - len(prompt)
        if room < 1 or not prompt or not response:
            faults.append(f"  {sample.id} (row {sample.row}): prompt {len(prompt)} tokens, response {len(response)}")
            continue
        if len(response) > room:
            notes.append(f"{sample.id}: response cut from {len(response)} to {room} tokens")
        encoded.append(Encoded(sample.id, (*prompt, *response[:room]), len(prompt)))
    if faults:
        head = (
            f"samples whose prompt and response do not fit {max_tokens} tokens; raise --max-tokens or leave them out:"
        )
        raise InputError("\n".join([head, *faults]))
    return encoded, notes
