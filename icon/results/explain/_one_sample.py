"""All that a run knows of one sample of its pool, as plain data, and where it stands among the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from icon.errors import ConfigError, WrongRunError
from icon.plugins import Backend
from icon.results.explain._details import Details, details_of, why_none
from icon.results.explain._finding import METHOD, find, nearest_kept
from icon.results.explain._pairs import Pair, helped, hurt, measured_pairs
from icon.runs.files import assessment_of
from icon.runs.model import Model
from icon.runs.pool import PoolReader
from icon.runs.run import Run
from icon.runs.scores import read_scores
from icon.runs.work import Work
from icon.types import Sample, ScoreRow


def explain(
    run: Run, model: Model, name: str, *, tokens: bool = True, top: int = 3, backend: Backend | None = None
) -> dict[str, Any]:
    """Explain one sample of a run: its score and place, what it helped and hurt, and the kept samples most like it.

    Nothing of the run is changed but explained.jsonl, which the token details are added to.

    Args:
        run: A run that has selected.
        model: Its model, which is opened only where tokens are to be measured.
        name: An id, a unique beginning of one, or `row:` and a row's number.
        tokens: Whether to measure what each token gained, where that is not known yet; opens the model.
        top: How many assessment samples of either kind, and how many neighbours.
        backend: A backend that is open already and stays open; None to open the run's own.

    Returns:
        Plain data, the same that `--json` prints; a sample that is no candidate has its reason and no numbers.

    Raises:
        ConfigError: `top` is less than 1, or model or pool are not the run's any more.
        InputError: No sample is meant, or several.
        RunError: Nothing is selected yet, or a file of the run is damaged.
    """
    if top < 1:
        raise ConfigError(f"top: found {top}; valid: at least 1")
    where = run.path
    if run.manifest.stages.select is None:
        raise WrongRunError(f"{where}: nothing is selected yet; run `icon select {where}` first")
    rows = read_scores(run.directory.scores)
    row = find(rows, name, str(where))
    pool = PoolReader(run).samples.samples
    sample = next((each for each in pool if row.id and each.id == row.id), None)
    told = {"run": str(where), "scorer": run.config.scorer} | _identity(row, sample) | standing(rows, row)
    if not row.status.is_candidate or sample is None:
        return told | {"pairs": None, "helped": [], "hurt": [], "neighbours": None, "notes": []}
    with run.timed("comparing with the kept samples"):
        neighbours = {"method": METHOD, "kept": nearest_kept(pool, rows, row.id, top)}
    return (
        told | _measured(Work(run, model, run.config.scorer), sample, tokens, top, backend) | {"neighbours": neighbours}
    )


def _identity(row: ScoreRow, sample: Sample | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "row": row.row,
        "turn": row.turn,
        "prompt": None if sample is None else sample.prompt_text,
        "response": None if sample is None else sample.response,
    }


def _measured(work: Work, candidate: Sample, tokens: bool, top: int, backend: Backend | None) -> dict[str, Any]:
    """What the candidate did to the assessment samples."""
    measured, damaged = measured_pairs(work, [candidate.id])
    pairs, reason = measured[candidate.id], why_none(work)
    notes = [f"{part}: its checksum does not fit its bytes; pairs that are in it are not shown" for part in damaged]
    if not pairs:
        return {"pairs": None, "helped": [], "hurt": [], "notes": [*notes, reason] if reason else notes}
    assessment = assessment_of(work.run.directory, work.run.manifest)
    best, worst = helped(pairs, top), hurt(pairs, top)
    if reason:
        details = Details(notes=[reason])
    else:
        shown = [*best, *worst]
        details = details_of(work, shown, [candidate], assessment, measure=tokens, backend=backend)
    tasks = {each.id: each for each in assessment}
    return {
        "pairs": {
            "measured": len(pairs),
            "helped": len(helped(pairs, len(pairs))),
            "hurt": len(hurt(pairs, len(pairs))),
        },
        "helped": _told(best, tasks, details),
        "hurt": _told(worst, tasks, details),
        "notes": notes + details.notes,
    }


def _told(pairs: Sequence[Pair], tasks: Mapping[str, Sample], details: Details) -> list[dict[str, Any]]:
    return [_pair(each, tasks[each.key[1]], details) for each in pairs]


def _pair(pair: Pair, task: Sample, details: Details) -> dict[str, Any]:
    detail = details.found.get(pair.key)
    row = pair.row
    shown = None if detail is None else asdict(detail)
    return {
        "assessment": task.id,
        "group": task.group,
        "prompt": task.prompt_text,
        "response": task.response,
        "c": row.c,
        "value": row.value,
        "log_gain": pair.log_gain,
        "nll": row.nll,
        "nll_random": row.nll_random,
        "nll_baseline": pair.nll_baseline,
        "n_tokens": row.n_tokens,
        "tokens": None if shown is None else {name: list(shown[name]) for name in ("pieces", "given", "control")},
    }


def standing(rows: Sequence[ScoreRow], row: ScoreRow) -> dict[str, Any]:
    """Status, decision, score and ranks, as plain data; None or empty for what the row does not have.

    `rank` is the selector's, over all candidates; `score_rank` is by the score alone, over those that have one; a
    baseline's rank is over the candidates that it measured. Equal values have the same rank.
    """
    return {
        "status": row.status,
        "reason": row.reason,
        "selected": row.selected,
        "decision": row.decision,
        "rank": _place(row.rank, (each.rank for each in rows), highest_first=False),
        "score": _score(row),
        "score_rank": _place(row.score, (each.score for each in rows)),
        "probability": row.probability,
        "groups": dict(row.groups),
        "baselines": {
            name: {"value": value, **(_place(value, (each.baselines.get(name) for each in rows)) or {})}
            for name, value in row.baselines.items()
        },
    }


def _score(row: ScoreRow) -> dict[str, Any] | None:
    if row.score is None:
        return None
    names = ("standard_error", "low", "high", "margin", "decided", "n_assessed", "log_gain", "consistency", "coverage")
    return {"value": row.score} | {name: getattr(row, name) for name in names}


def _place(value: float | None, values: Iterable[float | None], *, highest_first: bool = True) -> dict[str, int] | None:
    """Rank of a value, counted from 1, and of how many."""
    if value is None:
        return None
    known = [each for each in values if each is not None]
    before = sum(each > value if highest_first else each < value for each in known)
    return {"rank": before + 1, "of": len(known)}
