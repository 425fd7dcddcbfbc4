"""The commands that write, each with the state that it begins with, and what an uninterrupted one leaves."""

from __future__ import annotations

from dataclasses import dataclass

from faults.bases import HELD_OUT, MODEL, RACE, RUN, WITH_PAGE
from support.validating import QUICK


@dataclass(frozen=True)
class Flow:
    """A command, and the state that it begins with.

    Attributes:
        base: Name of the state.
        words: The words behind `icon`.
        operations: At least as many as it changes the disk; cases beyond are left out.
        model: Whether it runs a real model, which is a tiny one, and is never forked.
        selects: Whether it changes the selection of a run that has one.
    """

    base: str
    words: tuple[str, ...]
    operations: int = 60
    selects: bool = False
    model: bool = False


FLOWS = {
    "run": Flow("inputs", ("run", *RUN)),
    "run-page": Flow("inputs", ("run", *WITH_PAGE)),
    "race": Flow("inputs", ("run", *RACE)),
    "hold-out": Flow("inputs", ("run", *HELD_OUT)),
    "devices": Flow("inputs", ("run", *RUN, "--devices", "cpu,cpu"), operations=10),
    "llamacpp": Flow("inputs", ("run", *MODEL), operations=10, model=True),
    "assess": Flow("inputs", ("assess", *RUN)),
    "score": Flow("assessed", ("score", "run")),
    "score-another": Flow("finished", ("score", "run", "--scorer", "ppl")),
    "select": Flow("scored", ("select", "run")),
    "select-again": Flow("finished", ("select", "run", "--keep", "8", "--selector", "classifier"), selects=True),
    "report": Flow("unmarked", ("report", "run")),
    "report-again": Flow("finished", ("report", "run")),
    "explain": Flow("finished", ("explain", "run", "row:3", "--json")),
    "export": Flow("finished", ("export", "run", "--to", "llamafactory")),
    "export-file": Flow("finished", ("export", "run", "--to", "csv", "--which", "all", "--out", "all.csv")),
    "doctor": Flow("robbed", ("doctor", "run", "--repair"), operations=30),
    "verify": Flow("finished", ("verify", "run", "--pairs", "5", "--json")),
    "validate": Flow("judged", ("validate", "run", *QUICK, "--json"), operations=40, model=True),
}
"""By name."""


@dataclass(frozen=True)
class Reference:
    """What an uninterrupted command leaves.

    Attributes:
        contents: Every file.
        known_sizes: The sizes of all files, by path.
        measured: How often each target was measured.
        largest: Most targets that were measured for one file.
        operations: What it changed on the disk, in order.
        seconds: How long it took.
        out: What it printed on standard output.
        seen: What readers say of the run before and after it.
    """

    contents: dict
    known_sizes: dict
    measured: dict
    largest: int
    operations: tuple[str, ...]
    seconds: float
    out: str
    seen: tuple

    @property
    def sizes(self):
        """The sizes of all files."""
        return self.known_sizes.values()

    def sizes_below(self, folder):
        """The sizes of the files in a folder."""
        return [size for name, size in self.known_sizes.items() if name.startswith(folder)]


class References:
    """What uninterrupted commands leave, each run once."""

    def __init__(self, place):
        self.place, self.known = place, {}

    def __getitem__(self, name):
        if name not in self.known:
            self.known[name] = self._uninterrupted(FLOWS[name])
        return self.known[name]

    def _uninterrupted(self, flow):
        place, trace = self.place, self.place.scratch / "trace"
        place.reset(flow.base)
        before = seen(place)
        place.reset(flow.base)
        trace.unlink(missing_ok=True)
        done = place.run(flow.words, model=flow.model, plan={"trace": str(trace)})
        if done.code != 0:
            raise RuntimeError(f"icon {' '.join(flow.words)} fails undisturbed: {done.said}")
        contents, measured, largest = place.contents(), place.measured(), place.largest_share()
        operations = tuple(trace.read_text().splitlines()) if trace.exists() else ()
        return Reference(
            contents, place.sizes(), measured, largest, operations, done.seconds, done.out, (before, seen(place))
        )


def seen(place):
    """What two readers say of the run, None where one refuses; a sentence where one breaks."""
    out = place.scratch / "seen.jsonl"
    out.unlink(missing_ok=True)
    exported = place.run(["export", "run", "--to", "own", "--out", out, "--force"])
    explained = place.run(["explain", "run", "row:3", "--no-tokens", "--json"])
    for done in (exported, explained):
        if done.code not in (0, 1, 2) or "Traceback" in done.said:
            return f"a reader ended with {done.code}: {done.said[-600:]}"
    records = out.read_bytes() if exported.code == 0 else None
    return records, explained.out if explained.code == 0 else None
