"""The files that run.json names, and run.json itself: what they are, their state, and what makes them again."""

from __future__ import annotations

from hashlib import sha256

from icon.errors import RunError
from icon.pipeline.doctor._records import Finding, State
from icon.runs.checksums import COVERED, Covered
from icon.runs.directory import RunDirectory
from icon.runs.files import read_details
from icon.runs.ledger import state_of
from icon.runs.manifest import Manifest
from icon.runs.scores import read_scores
from icon.runs.staging import staged_path

WHAT: dict[Covered, str] = {
    "assessment.jsonl": "assessment set as used",
    "held_out.jsonl": "judge samples that were set aside",
    "scores.parquet": "a row per candidate, with score and decision",
    "selected.jsonl": "selected records",
    "dropped.jsonl": "dropped records, with reasons",
    "explained.jsonl": "log-probabilities of response tokens, for a few pairs",
    "report.html": "the report, a page",
    "texts.parquet": "candidates' texts compared, for the report",
}

HOW: dict[Covered, str] = {
    "assessment.jsonl": "made again from the pool, the tasks and the settings",
    "held_out.jsonl": "made again from the pool, the tasks and the settings",
    "scores.parquet": "made again from the parts and the pool",
    "selected.jsonl": "made again from the parts and the pool",
    "dropped.jsonl": "made again from the parts and the pool",
    "explained.jsonl": "set aside, and measured again by the run or by `icon explain`",
    "report.html": "drawn again from the other files",
    "texts.parquet": "removed, and made again by the next report",
}


def manifest_finding(directory: RunDirectory, fault: str) -> Finding:
    """The state of run.json.

    Args:
        directory: The run directory.
        fault: Why it cannot be read; empty where it can.
    """
    what = "settings, digests and outcome of the run"
    if not fault:
        return Finding(file="run.json", what=what, state="ok")
    there = directory.manifest_path.exists()
    return Finding(
        file="run.json",
        what=what,
        state="damaged" if there else "missing",
        found=fault,
        how="made again from what can be read of it" if there else "made again by the run, nothing measured twice",
        command=repair(directory) if there else f"the command that began the run, with --out {directory.path}",
    )


def repair(directory: RunDirectory) -> str:
    """The command that repairs the run."""
    return f"icon doctor {directory.path} --repair"


def covered(directory: RunDirectory, manifest: Manifest) -> list[Finding]:
    """The state of each file that the run has or should have."""
    found = []
    for name in COVERED:
        state, detail = covered_state(directory, manifest, name)
        if state is None:
            continue
        wrong = state not in ("ok", "unchecked", "left over")
        command, how = (repair(directory), HOW[name]) if wrong else ("", "")
        found.append(Finding(file=name, what=WHAT[name], state=state, found=detail, how=how, command=command))
    return found


def covered_state(directory: RunDirectory, manifest: Manifest, name: Covered) -> tuple[State | None, str]:
    """State of a file with details; no state where the run has none and needs none."""
    known = state_of(directory, manifest, name)
    if known == "ok":
        staged = staged_path(directory.path, name, manifest.files[name])
        if staged.exists():
            return "unfinished", f"published as {staged.name}; a process was killed before it got its name"
        return "ok", ""
    if known in ("missing", "damaged"):
        return known, "" if known == "missing" else "its bytes are not those that run.json names"
    needed = _needed(manifest, name)
    if known == "absent":
        return ("missing", "") if needed else (None, "")
    return _unnamed(directory, manifest, name, needed=needed)


def _needed(manifest: Manifest, name: Covered) -> bool:
    """Whether the finished stages of a run of an older version have written the file."""
    stages = manifest.stages
    if name == "assessment.jsonl":
        return stages.assess is not None
    if name == "held_out.jsonl":
        return stages.assess is not None and stages.assess.judge_samples > 0
    if name == "dropped.jsonl" and stages.select is not None and stages.select.keeps == "none":
        return False
    if name in ("selected.jsonl", "dropped.jsonl"):
        return manifest.has_selection
    return name == "scores.parquet" and stages.select is not None


def _unnamed(directory: RunDirectory, manifest: Manifest, name: Covered, *, needed: bool) -> tuple[State, str]:
    """State of a file that run.json has no digest of, as far as its content tells."""
    path, assess = directory.path / name, manifest.stages.assess
    if not path.is_file():  # a pipe would be waited for
        return "damaged", "a folder, pipe or device"
    digests = {} if assess is None else {"assessment.jsonl": assess.digest, "held_out.jsonl": assess.judge_digest}
    try:
        if needed and (wanted := digests.get(name)):
            as_written = sha256(path.read_bytes()).hexdigest() == wanted
            return ("ok", "") if as_written else ("damaged", "its bytes are not those that run.json names")
        if name == "scores.parquet":
            read_scores(path)
        if name == "explained.jsonl":
            read_details(path)
    except (OSError, RunError) as error:
        return "damaged", str(error)
    if needed or name in ("explained.jsonl", "report.html", "texts.parquet"):
        return "unchecked", "no digest of it is known"
    return "left over", "run.json does not name it; the run writes it again when it goes on"
