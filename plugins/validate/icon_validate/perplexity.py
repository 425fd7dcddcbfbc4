"""PPL(y given x) of the candidates, for the arm of the lowest ones, where the run has not measured it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from icon.errors import RunError
from icon.runs.sealed import read_sealed, write_sealed
from icon.runs.validation import ValidationStore
from icon.validation.arms import ArmSpec, digest_of
from icon_validate.whole import token_losses

if TYPE_CHECKING:
    from icon_validate.bench import Bench

MOST = 1000
"""Most candidates that are measured for it: beyond, it would take longer than the arms."""


def perplexity(bench: Bench) -> tuple[Mapping[str, float], list[str]]:
    """PPL, exp of the mean NLL of each candidate's response, by id, or a note where there is none.

    It is kept in the run's folder `validation`, with the model that measured it.
    """
    if len(bench.candidates) > MOST:
        advice = f"icon score {bench.run.path} --scorer ppl measures it"
        return {}, [f"low-ppl is left out: the run has no baseline ppl of its candidates; {advice}"]
    path = ValidationStore(bench.run.path).folder / "perplexity.json"
    key = {
        "model": bench.backend.describe().digest,
        "max_tokens": bench.asked.max_tokens,
        "candidates": digest_of(list(bench.candidates)),
    }
    try:
        stored = read_sealed(path, "")
        if stored["of"] == key:
            return {str(id_): float(value) for id_, value in stored["ppl"].items()}, []
    except (RunError, ValueError, LookupError, TypeError, AttributeError):
        pass  # absent or damaged: measured anew
    records = bench.records(ArmSpec("low-ppl", "rule", tuple(sorted(bench.candidates))))
    with bench.run.timed("perplexity of the candidates", total=len(records)):
        losses = token_losses(bench.backend.model, records)
    known = {one.id: math.exp(min(700.0, float(loss.mean()))) for one, loss in zip(records, losses, strict=True)}
    write_sealed(path, {"of": key, "ppl": known})
    return known, []
