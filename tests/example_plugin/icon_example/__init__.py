"""A third-party scorer in one file: the share of letters in the response that are vowels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icon.plugins import hookimpl

if TYPE_CHECKING:
    from icon.plugins import Strategy


@hookimpl
def icon_contribution_scorers() -> list[Strategy]:
    from icon.plugins import Options, Strategy

    return [Strategy("vowels", "share of vowels in the response", _build, Options)]


def _build(options: Any) -> Any:
    from icon.scorers import AloneScorer

    class VowelScorer(AloneScorer):
        def value_of(self, candidate: Any) -> float:
            letters = [each for each in candidate.response.lower() if each.isalpha()]
            return sum(each in "aeiou" for each in letters) / max(1, len(letters))

    return VowelScorer()
