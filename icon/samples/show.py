"""The text that a backend scores for a sample, token by token, for `icon show-prompt`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from icon.plugins import Template
from icon.samples.templates.loading import opening_of
from icon.samples.text import KEPT_SIDE, cut_to_tokens, with_blank
from icon.types import Sample


@dataclass(frozen=True, slots=True)
class Part:
    """Context, prompt or response as the model reads it.

    Attributes:
        text: The text after any truncation.
        token_ids: Its tokens, none of them shared with another part; shape (N,).
        pieces: The text of each token; shape (N,).
        start: Place of its first token in the sequence, counted from 0, a BOS included.
        end: Place after its last token.
    """

    text: str
    token_ids: tuple[int, ...]
    pieces: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ShownPrompt:
    """A sample as scored.

    Attributes:
        id: Id of the sample.
        template: Name of the template.
        n_bos: Number of BOS tokens at the beginning: 0 or 1.
        context: The demonstration, separator included; empty for the baseline. A primed run's primer comes first.
        prompt: The prompt x; its tokens are not scored.
        response: The response y, every token of which is scored but the first `skipped`.
        notes: Sentences on what was truncated, is too long, or is rendered otherwise than the record has it.
        skipped: Number of tokens at the beginning of the response that count in no score.
    """

    id: str
    template: str
    n_bos: int
    context: Part
    prompt: Part
    response: Part
    notes: tuple[str, ...]
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class TokenLimits:
    """The run's limits in tokens, and whether longer texts are cut; None is no limit."""

    prompt: int | None = None
    demonstration: int | None = None
    response: int | None = None
    truncate: bool = True


def show_prompt(
    sample: Sample,
    template: Template,
    tokenize: Callable[[str], list[int]],
    pieces: Callable[[Sequence[int]], list[str]],
    *,
    bos: bool,
    candidate: Sample | None = None,
    limits: TokenLimits | None = None,
    primer: str = "",
    skip_tokens: int = 0,
    bos_text: str = "",
    tokenize_after: Callable[[str, str], list[int]] | None = None,
) -> ShownPrompt:
    """The text that the backend scores for a sample, alone or conditioned on a candidate's demonstration.

    Args:
        sample: The sample whose response is scored.
        template: The run's template.
        tokenize: Token ids of a text, without BOS (`Backend.tokenize`).
        pieces: The text of each token (`Backend.token_pieces`).
        bos: Whether the backend puts a BOS in front (`BackendInfo.bos`).
        candidate: The candidate whose demonstration is the context; None for the baseline.
        limits: The run's token limits.
        primer: What a primed run puts in front of every context.
        skip_tokens: How many first response tokens count in no score.
        bos_text: How the BOS is spelled; where a text begins with it, it is that one BOS.
        tokenize_after: Token ids of a text after another one, where they depend on that.

    Raises:
        TemplateError: The template cannot render the sample or the candidate.
    """
    cut = _Cutter(tokenize, limits or TokenLimits())
    context = ""
    if candidate is not None:
        context = cut(template.demonstration(candidate), "demonstration") + template.separator
    target = template.target(sample)
    asked, answer = with_blank(target.prompt, target.response, tokenize)
    prompt, response = cut(asked, "prompt"), cut(answer, "response")
    opening, n_bos = opening_of(template), int(bos or bool(opening_of(template)))
    shared = primer + context
    texts = ((opening, shared), (opening + shared, prompt), (prompt or "\n", response))
    parts: list[Part] = []
    at = n_bos
    for before, text in texts:
        own = text.removeprefix(bos_text) if at == 1 and n_bos and not opening else text
        ids = tuple(tokenize(own) if tokenize_after is None else tokenize_after(before, own))
        parts.append(Part(own, ids, tuple(pieces(ids)), at, at + len(ids)))
        at += len(ids)
    if len(parts[2].token_ids) <= skip_tokens:
        cut.notes.append(f"no response token is left to score after the first {skip_tokens}: it would not be scored")
    notes = (*cut.notes, *getattr(template, "notes", ()))
    return ShownPrompt(sample.id, template.name, n_bos, parts[0], parts[1], parts[2], notes, skip_tokens)


class _Cutter:
    """Cuts texts to their limits and notes which were cut."""

    def __init__(self, tokenize: Callable[[str], list[int]], limits: TokenLimits) -> None:
        self._tokenize = tokenize
        self._limits = limits
        self.notes: list[str] = []

    def __call__(self, text: str, what: Literal["demonstration", "prompt", "response"]) -> str:
        limit: int | None = getattr(self._limits, what)
        n_tokens = len(self._tokenize(text))
        if limit is None or n_tokens <= limit:
            return text
        if not self._limits.truncate:
            self.notes.append(f"{what} of {n_tokens} tokens, limit {limit}: too long, it would not be scored")
            return text
        keep = KEPT_SIDE[what]
        self.notes.append(f"{what} truncated from {n_tokens} to {limit} tokens, its {keep} kept")
        return cut_to_tokens(text, limit, lambda part: len(self._tokenize(part)), keep=keep)[0]
