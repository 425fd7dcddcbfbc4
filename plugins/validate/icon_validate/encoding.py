"""Samples as tokens for training and judging: the same tokens that scores are computed from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from icon.errors import InputError
from icon.inference.scoring import sequence
from icon.plugins import Template
from icon.samples.templates.loading import opening_of
from icon.samples.text import with_blank
from icon.types import Sample, Target
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


def as_read(template: Template, sample: Sample, backend: TorchBackend) -> Target:
    """The sample as it is scored: a blank at the prompt's end is the response's where the vocabulary joins the two."""
    target = template.target(sample)
    return Target(*with_blank(target.prompt, target.response, backend.tokenize))


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
    for sample in samples:
        target = as_read(template, sample, backend)
        try:
            prompt, response = sequence(backend, opening_of(template), target)
        except InputError as error:
            faults.append(f"  {sample.id} (row {sample.row}): {error}")
            continue
        room = max_tokens - len(prompt)
        if room < 1 or not prompt:
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
