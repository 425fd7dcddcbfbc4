"""The closing summary on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icon.cli.console import one_line, out, safe
from icon.cli.plan import print_json
from icon.report.race import ENDED

if TYPE_CHECKING:
    from rich.table import Table

    from icon.runs.manifest import Manifest

STATUSES = {
    "scored": "scored",
    "not_scored": "outside the scored subset",
    "failed": "failed",
    "duplicate": "exact duplicates",
    "leak": "overlap with the assessment set",
    "held_out": "held out for the assessment set",
    "bad_row": "bad rows skipped",
}


def show(manifest: Manifest, path: Path, *, as_json: bool, more: Mapping[str, Any] | None = None) -> None:
    """Print what a finished run found, or all of it as JSON, with `more` that a command has to say."""
    results = manifest.results
    if as_json:
        told = {"warnings": manifest.warnings, "stages": manifest.stages, "times": manifest.times}
        print_json({"run": str(path), **results, **told, **(more or {})})
        return
    console = out()
    console.print()
    console.print(_headline(results, manifest.stages))
    console.print(_facts(results, manifest))
    for title, key in (("best", "best"), ("worst", "worst")):
        console.print(_samples(title, results[key]))
    if results.get("audit"):
        console.print(_audit(results["audit"]))
    _notes(manifest)
    console.print(f"\n{path}/selected.jsonl", markup=False, style="bold", soft_wrap=True)
    console.print(
        f"{path}/dropped.jsonl, scores.parquet, assessment.jsonl, run.json", markup=False, style="dim", soft_wrap=True
    )
    if (path / "report.html").exists():
        console.print(f"{path}/report.html: open it in a browser", markup=False, style="dim", soft_wrap=True)


def show_stage(manifest: Manifest, path: Path, stage: str, following: str, *, as_json: bool) -> None:
    """Print what one stage did, and the command for the next."""
    facts = {
        key: len(value) if isinstance(value, list | dict) else value for key, value in manifest.stages[stage].items()
    }
    if as_json:
        print_json({"run": str(path), stage: manifest.stages[stage]})
        return
    told = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in facts.items() if key != "digest")
    _notes(manifest)
    out().print(f"{stage}: {safe(told)}\nnext: {following} {path}", markup=False, soft_wrap=True)


def _notes(manifest: Manifest) -> None:
    for warning in (each for several in manifest.warnings.values() for each in several):
        out().print("note: " + safe(warning), markup=False, style="yellow", soft_wrap=True)


def _headline(results: Mapping[str, Any], stages: Mapping[str, Any]) -> str:
    counts = stages["select"]
    return (
        f"[bold green]kept {counts['records_selected']:,}[/] of {results['candidates']:,} candidates "
        f"({safe(results['keep'])}), dropped {counts['records_dropped']:,} records; selector {safe(counts['selector'])}"
    )


def _facts(results: Mapping[str, Any], manifest: Manifest) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, told in _told(results, manifest):
        table.add_row(Text(safe(name)), Text(safe(told)))  # as text: nothing from data is taken for markup
    return table


def _told(results: Mapping[str, Any], manifest: Manifest) -> Iterator[tuple[str, str]]:
    """What is worth a line, by its name."""
    yield "pool", ", ".join(f"{n:,} {STATUSES.get(name, name)}" for name, n in results["rows"].items())
    assessment = results["assessment"]
    yield "assessment set", f"{assessment['samples']} samples in {len(assessment['groups']) or 'no'} task groups"
    if race := results.get("race"):
        yield "race", _race(race)
        yield "decided", _decided(race)
        yield "captured gain", _captured(race, results)
    yield "reliability", _reliability(results["reliability"], race)
    for name, found in results["against"].items():
        yield f"against {name}", _against(found)
    if "auc" in (quality := results["selection_quality"]):
        yield "classifier", _quality(quality)
    if "mean_score_top" in quality:
        yield "against top", _given_up(quality, results["selected"])
    if results["truncated"]:
        yield "truncated", f"{results['truncated']:,} candidates were cut to the token limits"
    for reason, n in results["failures"].items():
        yield "failed", one_line(f"{n} x {reason}", 100)
    if model := manifest.model:
        yield "model", f"{model['model']}, {model['precision']}, {model['device']}"
    times = manifest.times
    speed = ""
    if times.get("tokens_evaluated"):
        speed = f", {times['tokens_evaluated']:,} tokens at {times['tokens_per_second']:,.0f} tokens/s"
    yield "time", f"{times.get('total_seconds', 0):,.1f} s{speed}"


def _race(race: Mapping[str, Any]) -> str:
    share = race["pairs"] / max(1, race["pairs_exact"])
    reached = f"{race['samples_reached']} of {race['samples']} assessment samples reached"
    return (
        f"{race['pairs']:,} of {race['pairs_exact']:,} pairs measured ({share:.0%}), {reached}; {ENDED[race['ended']]}"
    )


def _captured(race: Mapping[str, Any], results: Mapping[str, Any]) -> str:
    if race["capture"] is None:
        return "too little is measured to tell"
    among = "" if race["candidates"] >= results["candidates"] else ", among the scored candidates"
    return f"about {race['capture']:.0%} of what measuring every pair would gain{among}"


def _decided(race: Mapping[str, Any]) -> str:
    return (
        f"{race['decided_in']:,} surely in, {race['decided_out']:,} surely out, {race['open']:,} within the margin "
        f"(at {race['confidence']:.0%} confidence)"
    )


def _reliability(found: Mapping[str, Any] | None, race: Mapping[str, Any] | None) -> str:
    if race is not None:
        if race["reliability"] is None:
            return "too little is measured to tell"
        return f"{race['reliability']:.2f} of the variance between candidates' scores is known"
    if found is None:
        return "too few candidates or assessment samples to tell"
    if found["half"] <= 0:
        return f"none: split-half rank correlation {found['half']:.2f}, no better than chance"
    return f"split-half rank correlation {found['half']:.2f}; for the whole assessment set about {found['full']:.2f}"


def _against(found: Mapping[str, Any]) -> str:
    if found["spearman"] is None:
        return "nothing to compare"
    return f"rank correlation {found['spearman']:+.2f}, overlap of the top {found['top']:,}: {found['overlap']:.0%}"


def _quality(quality: Mapping[str, Any]) -> str:
    text = f"held-out AUC {quality['auc']:.2f} [{quality['auc_low']:.2f}, {quality['auc_high']:.2f}]"
    text += f", average precision {quality['average_precision']:.2f}"
    text += f" [{quality['average_precision_low']:.2f}, {quality['average_precision_high']:.2f}]"
    return text + (" - cannot be told from chance" if quality["chance"] else "")


def _given_up(quality: Mapping[str, Any], selected: int) -> str:
    """What a selector that looks at more than the score gives up against one that does not."""
    means = f"mean score {quality['mean_score']:.4g}, that of the best {selected:,}: {quality['mean_score_top']:.4g}"
    return f"{means}; {quality['n_shared_with_top']:,} in common"


def _samples(title: str, samples: list[Mapping[str, Any]]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title, "score", "prompt", "response", box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0)
    )
    for each in samples:
        error = f" ±{each['standard_error']:.3f}" if each["standard_error"] is not None else ""
        score = f"{each['score']:+.3f}{error}"
        table.add_row(
            f"row {each['row']}", score, Text(one_line(each["prompt"], 44)), Text(one_line(each["response"], 44))
        )
    return table


def _audit(audit: Mapping[str, Any]) -> Table:
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    scorers = list(next(iter(audit["kinds"].values()))["auc"])
    title = "planted weakness" if audit["field"] == "planted" else audit["field"]
    table = Table(
        f"{escape(safe(title))} (AUC against {audit['unmarked']} sound)",
        "n",
        *scorers,
        box=None,
        header_style="bold",
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for kind, found in audit["kinds"].items():
        values = ["-" if found["auc"][name] is None else f"{found['auc'][name]:.2f}" for name in scorers]
        table.add_row(Text(safe(kind)), str(found["n"]), *values)
    return table
