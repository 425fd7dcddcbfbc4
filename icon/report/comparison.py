"""Two finished runs held against each other, over the candidates that are scored in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from icon.errors import InputError
from icon.report.paired import GAIN_SHARE, captured_gain, correlation, group_differences, overlaps
from icon.report.settings_apart import inputs_apart, settings_apart
from icon.runs.manifest import Manifest
from icon.runs.scores import ScoreRow


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs.

    Attributes:
        name: What the user calls it: its folder.
        rows: Its scores.parquet.
        manifest: Its run.json.
    """

    name: str
    rows: Sequence[ScoreRow]
    manifest: Manifest


def compare(a: Side, b: Side) -> dict[str, Any]:
    """The comparison as plain data, the same that `--json` prints; candidates are joined by id.

    Raises:
        InputError: No candidate is scored in both.
    """
    ours, theirs = _candidates(a), _candidates(b)
    scored = sorted(_scored(ours).keys() & _scored(theirs).keys())
    if not scored:
        raise InputError(
            f"{a.name} and {b.name}: no candidate is scored in both ({len(_scored(ours))} are scored in the first, "
            f"{len(_scored(theirs))} in the second, and {len(ours.keys() & theirs.keys())} ids are in both pools); "
            "valid: runs over one pool whose scored subsets meet, as those of one --seed do"
        )
    left, right = ({id_: side[id_] for id_ in scored} for side in (ours, theirs))
    x, y = _scored(left), _scored(right)
    return {
        "a": a.name,
        "b": b.name,
        "warnings": inputs_apart(a.manifest, b.manifest),
        "rows": {
            "a": len(ours),
            "b": len(theirs),
            "both": len(ours.keys() & theirs.keys()),
            "only_a": len(ours.keys() - theirs.keys()),
            "only_b": len(theirs.keys() - ours.keys()),
            "no_candidate_a": len(a.rows) - len(ours),
            "no_candidate_b": len(b.rows) - len(theirs),
        },
        "scored": {"a": len(_scored(ours)), "b": len(_scored(theirs)), "both": len(scored)},
        "spearman": {
            "score": correlation(list(x.values()), list(y.values())),
            "log_gain": _log_gain_correlation(left, right),
        },
        "overlap": overlaps(x, y),
        "selected": _selections(ours, theirs),
        "captured_gain": {
            "share": GAIN_SHARE,
            "a_in_b": captured_gain(chosen_by=x, judged_by=y),
            "b_in_a": captured_gain(chosen_by=y, judged_by=x),
        },
        "groups": group_differences(left, right),
        "groups_only": {"a": _groups(left, right), "b": _groups(right, left)},
        "settings": settings_apart(a.manifest, b.manifest),
    }


def _candidates(side: Side) -> dict[str, ScoreRow]:
    return {row.id: row for row in side.rows if row.status.is_candidate}


def _scored(rows: Mapping[str, ScoreRow]) -> dict[str, float]:
    return {id_: row.score for id_, row in rows.items() if row.score is not None}


def _log_gain_correlation(a: Mapping[str, ScoreRow], b: Mapping[str, ScoreRow]) -> dict[str, Any]:
    pairs = [(a[id_].log_gain, b[id_].log_gain) for id_ in a]
    known = [(x, y) for x, y in pairs if x is not None and y is not None]
    found = correlation([x for x, _ in known], [y for _, y in known])
    if not known:
        found["reason"] = "not measured in both: a scorer that looks at a candidate alone has no log-gain"
    return found


def _selections(a: Mapping[str, ScoreRow], b: Mapping[str, ScoreRow]) -> dict[str, Any]:
    """What the runs really selected, scored or not: Jaccard index, and the share of each that is in the other."""
    ours, theirs = ({id_ for id_, row in side.items() if row.selected} for side in (a, b))
    both, union = len(ours & theirs), len(ours | theirs)
    return {
        "a": len(ours),
        "b": len(theirs),
        "both": both,
        "jaccard": both / union if union else None,
        "share_of_a": both / len(ours) if ours else None,
        "share_of_b": both / len(theirs) if theirs else None,
    }


def _groups(rows: Mapping[str, ScoreRow], other: Mapping[str, ScoreRow]) -> list[str]:
    """Task groups that only the first run has contributions for."""
    ours, theirs = ({name for row in side.values() for name in row.groups} for side in (rows, other))
    return sorted(ours - theirs)
