"""The tokens of an answer, coloured by the effect of a demonstration on each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from icon.cli._console import safe

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from icon.results.explain import TokenTable

STYLES = ((2.0, "bold reverse"), (0.5, "bold"), (0.1, ""))
"""Smallest difference in nats, and the style it adds to the colour; smaller differences have no style."""
MARKED = 0.5
"""Smallest difference in nats that is marked where there is no colour."""
MOST_TOKENS = 120


def has_colour(console: Console) -> bool:
    """Whether a console can show coloured tokens."""
    return console.color_system is not None and not console.no_color


def token_text(tokens: TokenTable, *, colour: bool) -> Text:
    """The answer as one text: green tokens were helped, red ones hurt; without colour in {+ +} and [- -].

    Args:
        tokens: The tokens with their log-probabilities.
        colour: Whether there is colour; marks are for where there is none.
    """
    from rich.text import Text

    triples = list(zip(tokens.pieces, tokens.given, tokens.control, strict=True))
    shown = [(_piece(piece), given - control) for piece, given, control in triples[:MOST_TOKENS]]
    text = Text()
    if colour:
        for piece, difference in shown:
            text.append(piece, style=_style(difference))
    else:
        for marked in _marked(shown):
            text.append(marked)
    if more := len(triples) - len(shown):
        text.append(f" … {more} more tokens, all of them in --json", style="dim")
    return text


def legend(*, control: bool, colour: bool) -> Text:
    """Legend of the tokens; without a control they are compared with no demonstration at all."""
    from rich.text import Text

    against = "the control" if control else "nothing in front"
    if not colour:
        return Text(f"{{+likelier+}} or [-less likely-] by {MARKED:g} nats or more, against {against}")
    text = Text()
    for name, sign in (("likelier", 1.0), ("less likely", -1.0)):
        text.append(name)
        for least, _ in reversed(STYLES):
            text.append(" ").append(f" {least:g} ", style=_style(sign * least))
        text.append("  ")
    return text.append(f"nats, against {against}", style="dim")


def _piece(piece: str) -> str:
    """A token's text on one line, without control characters."""
    return safe(piece).replace("\n", "↵ ").replace("\t", " ")


def _style(difference: float) -> str:
    form = next((form for least, form in STYLES if abs(difference) >= least), None)
    return "" if form is None else f"{form} {'green' if difference > 0 else 'red'}".strip()


def _marked(shown: Sequence[tuple[str, float]]) -> Iterator[str]:
    """Neighbours with the same mark in one pair of brackets, the blank before them left outside."""
    for mark, several in groupby(shown, key=lambda token: _mark(token[1])):
        text = "".join(piece for piece, _ in several)
        if not mark or not text.strip():
            yield text
            continue
        before = text[: len(text) - len(text.lstrip())]
        opening, closing = ("{+", "+}") if mark > 0 else ("[-", "-]")
        yield f"{before}{opening}{text.lstrip()}{closing}"


def _mark(difference: float) -> int:
    return 0 if abs(difference) < MARKED else 1 if difference > 0 else -1
