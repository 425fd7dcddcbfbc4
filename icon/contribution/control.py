"""The control: random contexts R_j, meaningless text as long as a demonstration."""

from __future__ import annotations

import random
import string
from collections.abc import Callable

from icon.errors import BackendError

TRIES = 400


def random_context(n_tokens: int, count: Callable[[str], int], *, ending: str, seed: int, draw: int = 0) -> str:
    """Meaningless text that has exactly as many tokens as asked for, its ending included.

    Words of random letters are added while they fit, so whatever the tokenizer, the length is what was counted and
    not what was hoped for. The text depends on the seed, the length and the draw alone: all candidates of one length
    share it, and its passes are made once.

    Args:
        n_tokens: Length to reach, in tokens, ending included.
        count: Number of tokens of a text, as the backend reads it.
        ending: What stands between a context and the prompt behind it.
        seed: Seed of the run.
        draw: Which of several texts of that length.

    Raises:
        BackendError: No text of that length was found; the tokenizer cannot be matched.
    """
    letters = random.Random(f"{seed}/{n_tokens}" + (f"/{draw}" if draw else ""))
    text, best = "", count(ending)
    if best > n_tokens:  # shorter than the ending itself: a prefix of it is all that fits
        return _shorten(ending, n_tokens, count)
    for _ in range(TRIES + n_tokens):
        if best == n_tokens:
            return text + ending
        near = n_tokens - best <= 8  # close to the end, single letters, with and without a space, fill what is left
        word = "".join(letters.choices(string.ascii_lowercase, k=1 if near else letters.randint(1, 7)))
        longer = text + (letters.choice(("", " ")) if near else " ") + word if text else word
        reached = count(longer + ending)
        if best < reached <= n_tokens:
            text, best = longer, reached
    raise BackendError(f"found no random context of exactly {n_tokens} tokens (reached {best}); use --control none")


def random_characters(n_characters: int, *, ending: str, seed: int, draw: int = 0) -> str:
    """Random letters and digits, as many characters as asked for: the published control, about 3.8 times the tokens."""
    letters = random.Random(f"{seed}/{n_characters} characters" + (f"/{draw}" if draw else ""))
    return "".join(letters.choices(string.ascii_letters + string.digits, k=n_characters)) + ending


def _shorten(ending: str, n_tokens: int, count: Callable[[str], int]) -> str:
    for end in range(len(ending), -1, -1):
        if count(ending[:end]) == n_tokens:
            return ending[:end]
    raise BackendError(f"found no random context of exactly {n_tokens} tokens; use --control none")
