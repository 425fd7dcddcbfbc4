"""Finished runs compared with one another, over the candidates that are scored in all, or the scorers of one run."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import JsonValue

from icon.config import parse_keep
from icon.errors import ConfigError, InputError
from icon.results import wording
from icon.results._joined import candidates, groups_of_first, joined, log_gain_correlation, row_counts, selections
from icon.results.agreement import (
    GAIN_SHARE,
    captured_gain,
    correlation,
    group_differences,
    overlaps,
    scores_of_run,
    scores_of_runs,
    tabulate,
)
from icon.results.comparison import (
    CapturedGains,
    Comparison,
    Correlations,
    ScoredCounts,
    ScorersOfRun,
    SettingDifference,
    SeveralRuns,
    UnsharedGroups,
)
from icon.results.loaded import finished
from icon.runs.manifest import Manifest
from icon.runs.records import plain
from icon.runs.scores import scores_of
from icon.selection.scored import ScoreColumn
from icon.types import Keep, ScoreRow


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


def compare(a: Side, b: Side) -> Comparison:
    """Compare two runs; candidates are joined by id.

    Raises:
        InputError: No candidate is scored in both.
    """
    ours, theirs = candidates(a.rows), candidates(b.rows)
    has_a, has_b = (~np.isnan(side.numbers("score")) for side in (ours, theirs))
    n_a, n_b = int(has_a.sum()), int(has_b.sum())
    left, right = joined(ours.where(has_a), theirs.where(has_b))
    if not len(left):
        raise InputError(
            f"{a.name} and {b.name}: no candidate is scored in both ({n_a} are scored in the first, "
            f"{n_b} in the second, and {len(joined(ours, theirs)[0])} ids are in both pools); "
            "valid: runs over one pool whose scored subsets meet, as those of one --seed do"
        )
    x, y = (ScoreColumn(left.ids, side.numbers("score")) for side in (left, right))
    return Comparison(
        a=a.name,
        b=b.name,
        warnings=(*scorers_apart(a.manifest, b.manifest), *inputs_apart(a.manifest, b.manifest), *states([a, b])),
        rows=row_counts(ours, theirs),
        scored=ScoredCounts(a=n_a, b=n_b, both=len(left)),
        spearman=Correlations(score=correlation(x.scores, y.scores), log_gain=log_gain_correlation(left, right)),
        overlap=overlaps(x, y),
        selected=selections(ours, theirs),
        captured_gain=CapturedGains(
            share=GAIN_SHARE,
            a_in_b=captured_gain(chosen_by=x, judged_by=y),
            b_in_a=captured_gain(chosen_by=y, judged_by=x),
        ),
        groups=group_differences(left, right),
        groups_only=UnsharedGroups(a=groups_of_first(left, right), b=groups_of_first(right, left)),
        settings=settings_apart(a.manifest, b.manifest),
    )


def settings_apart(a: Manifest, b: Manifest) -> tuple[SettingDifference, ...]:
    """Each setting that differs, with its value in each run; None where a run has no such setting."""
    ours, theirs = dict(_settings(a)), dict(_settings(b))
    names = list(dict.fromkeys((*ours, *theirs)))
    return tuple(
        SettingDifference(name=name, a=ours.get(name), b=theirs.get(name))
        for name in names
        if ours.get(name) != theirs.get(name)
    )


def scorers_apart(a: Manifest, b: Manifest) -> list[str]:
    """A sentence where the runs have different scorers, or scores at equal length in different ways: other units."""
    names = [manifest.config.scorer for manifest in (a, b)]
    if len(set(names)) > 1:
        return [f"the scorers differ ({' and '.join(names)}): compare ranks; scores and group means have other units"]
    ways = [_equal_length(manifest) for manifest in (a, b)]
    if len(set(ways)) == 1:
        return []
    return [
        f"scores are at equal length in different ways ({' and '.join(ways)}): compare ranks; they have other units"
    ]


def _equal_length(manifest: Manifest) -> str:
    """How the scores of a finished run were made equal in length; `auto` may be either."""
    found = manifest.results.equal_length if manifest.results else None
    return found.how if found else "none"


def inputs_apart(a: Manifest, b: Manifest) -> list[str]:
    """A sentence for each input that a comparison of scores takes for granted and that is not the same."""
    found = []
    pools = [manifest.inputs.pool for manifest in (a, b)]
    if len({pool and pool.digest for pool in pools}) > 1:
        sizes = " and ".join(f"{pool.source} ({pool.rows} rows)" for pool in pools if pool)
        found.append(f"the pools differ: {sizes}; only candidates that are in both are compared")
    sets = [manifest.stages.assess for manifest in (a, b)]
    if len({stage and stage.digest for stage in sets}) > 1:
        sizes = " and ".join(str(stage.samples) for stage in sets if stage)
        found.append(f"the assessment sets differ ({sizes} samples): the scores are means over different tasks")
    return found


def _settings(manifest: Manifest) -> Iterator[tuple[str, JsonValue]]:
    """Everything that decides a result, by a dotted name."""
    select, assess = plain(manifest.stages.select), plain(manifest.stages.assess)
    yield from _flat("", manifest.config.model_dump(mode="json"))
    for name in ("keep", "selector"):  # `icon select` may have chosen anew, with others than the settings say
        yield f"select.{name}", select.get(name)
    yield "select.equal_length", select.get("equal_length") or None
    yield "scores.equal_length", _equal_length(manifest)
    yield from _flat("inputs.", plain(manifest.inputs))
    for name in ("samples", "digest"):
        yield f"assessment_set.{name}", assess.get(name)
    yield from _flat("model.", plain(manifest.model))
    yield from _flat("versions.", manifest.versions)


def _flat(prefix: str, values: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}{name}.", value)
        else:
            yield prefix + name, value


def _kept(manifest: Manifest) -> Keep:
    """How much is selected now, which `icon select` may have changed."""
    chosen = manifest.stages.select
    return parse_keep(chosen.keep) if chosen is not None else manifest.config.keep_amount


def _alone(run: Path, scorer: str) -> InputError:
    """The error of a run with one scorer, with the commands that add another which needs no model."""
    other, name = "length" if scorer == "random" else "random", shlex.quote(str(run))
    return InputError(
        f"{run}: found the scores of {scorer} alone; valid: two or more. To measure another: icon score {name} "
        f"--scorer {other} && icon select {name}"
    )


def states(sides: Sequence[Side]) -> Iterator[str]:
    """A sentence for each run that was stopped, or in which nothing is selected."""
    for side in sides:
        if said := wording.partial(side.manifest):
            yield f"{side.name}: {said}"
        if not side.manifest.has_selection:
            yield f"{side.name}: nothing is selected, since what was measured carries no choice"


def compare_runs(paths: Sequence[Path]) -> Comparison | ScorersOfRun | SeveralRuns:
    """Compare finished runs, or the scorers of one run, over the candidates that all of them scored.

    Raises:
        ConfigError: No run is given, or of more than two one is given twice.
        RunError: One is no run directory, or the run is not finished.
        InputError: No candidate is scored by all, or a single run has one scorer only.
    """
    names = [str(path) for path in paths]
    if not paths or (len(paths) > 2 and len(set(names)) < len(names)):
        raise ConfigError(f"compare: found {', '.join(names) or 'no run'}; valid: one run, or several different ones")
    sides = [
        Side(str(path), rows=scores_of(directory, manifest), manifest=manifest)
        for path, (directory, manifest) in [(path, finished(path)) for path in paths]
    ]
    if len(sides) == 2:
        return compare(*sides)
    keep = _kept(sides[0].manifest)
    if len(sides) == 1:
        scores = scores_of_run(sides[0].rows, sides[0].manifest.config.scorer)
        if len(scores) < 2:
            raise _alone(paths[0], *scores)
        return ScorersOfRun(run=names[0], **dict(tabulate(scores, keep)), warnings=tuple(states(sides)))
    apart = [
        f"{side.name} against {sides[0].name}: {difference}"
        for side in sides[1:]
        for difference in inputs_apart(sides[0].manifest, side.manifest)
    ]
    warnings = (*apart, *states(sides))
    scores = scores_of_runs({side.name: side.rows for side in sides})
    return SeveralRuns(**dict(tabulate(scores, keep)), warnings=warnings)
