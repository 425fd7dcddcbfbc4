"""Disks that are full at some point of a command: it says so, loses nothing, and goes on once there is room.

Names: disks/WHAT/PERCENT: WHAT is a command whose run directory lies on the small disk, or what else does; PERCENT is
how much of the room that the command needs the disk has. Each disk is a tmpfs of its own, which only root may mount.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager

from faults.classes import Skipped
from faults.classes.kills import SHORT
from faults.flows import FLOWS, seen
from faults.workplace import differences

OUT = {
    "run": 14,
    "run-page": 8,
    "race": 8,
    "assess": 4,
    "score": 6,
    "score-another": 4,
    "select": 6,
    "select-again": 8,
    "report": 5,
}
OUT |= {"report-again": 4, "export": 4, "export-file": 3}
"""How many sizes of the disk are tried per command."""

TEMPORARY = {"run": 3, "export": 3, "export-file": 2}
CACHE = 6
SPACE = ("No space left", "disk is full", "disk full")
PAGE = 4096


def cases(references, short):
    """All, the run's first."""
    names = [f"disks/{kind}/{100 * n // count}" for kind, count in OUT.items() for n in range(count)]
    names += [f"disks/temporary-{kind}/{100 * n // count}" for kind, count in TEMPORARY.items() for n in range(count)]
    names += [f"disks/cache/{100 * n // CACHE}" for n in range(CACHE)]
    return [name for name in names if name.split("/")[1] in SHORT][::4] if short else names


def run(references, name):
    """See `classes`."""
    _, kind, percent = name.split("/")
    flow_name = "llamacpp" if kind == "cache" else kind.removeprefix("temporary-")
    flow, reference, place = FLOWS[flow_name], references[flow_name], references.place
    place.reset(flow.base)
    if kind == "cache":
        return _without_cache(references, int(percent))
    if kind != flow_name:
        return _without_temporary(place, flow, reference, int(percent))
    had, needs = _pages(place.sizes().values()), _pages(reference.sizes)
    with small_disk(place.case, had + 1 + max(0, needs - had) * int(percent) // 100) as grow:
        done = place.run(flow.words, plan={})
        faults = _ended(done)
        if flow.selects:
            faults += _whole(place, flow, reference)
        grow(needs + 20_000)
        return faults + _again(place, flow, reference)


def _ended(done):
    """It ended well (what it needs less may be enough), or says that the disk is full."""
    if done.code == 0:
        return []
    if done.code != 1 or "Traceback" in done.said or not any(words in done.said for words in SPACE):
        return [f"ended with {done.code}, not with 1 and a sentence about the disk: {done.said[-1200:]}"]
    return []


def _whole(place, flow, reference):
    """Readers see the old state or the new one."""
    now, (before, after) = seen(place), reference.seen
    if isinstance(now, str):
        return [now]
    whole = (
        now in (before, after)
        if flow.base == "finished"
        else all(one in (None, old, new) for one, old, new in zip(now, before, after, strict=True))
    )
    return [] if whole else [f"readers see neither the old state nor the new one: {now}"[:900]]


def _again(place, flow, reference):
    """With more room the same command leaves what an uninterrupted one leaves."""
    parts = place.parts()
    done = place.run(flow.words, plan={})
    if done.code != 0 or "Traceback" in done.said:
        return [f"with more room the same command ended with {done.code}: {done.said[-1200:]}"]
    now = place.parts()
    faults = [f"{path}: was written again" for path, file in parts.items() if now.get(path) != file]
    return faults + differences(place.contents(), reference.contents)


def _without_temporary(place, flow, reference, percent):
    """The folder for temporary files has no room, or little: the command does without, or says so."""
    with small_disk(place.case / "tmp", 1 + percent * 10 // 100) as grow:
        (place.case / "tmp" / "filler").write_bytes(bytes(PAGE * (percent * 10 // 100)))
        done = place.run(flow.words, plan={})
        faults = _ended(done)
        (place.case / "tmp" / "filler").unlink()
        grow(20_000)
        return faults + _again(place, flow, reference)


def _without_cache(references, percent):
    """The cache of converted models has too little room: its numbers are right, or the command says so."""
    place, flow, reference = references.place, FLOWS["llamacpp"], references["llamacpp"]
    needs = _pages(reference.sizes_below("cache/"))
    with small_disk(place.case / "cache", 2 + needs * percent // 100) as grow:
        done = place.run(flow.words, model=True, plan={})
        faults = _ended(done)
        if done.code == 0 and "warning" not in done.said:
            found, wanted = (without(one, "cache/") for one in (place.contents(), reference.contents))
            faults += differences(found, wanted)
        grow(20_000)
        again = place.run(flow.words, model=True, plan={})
        if again.code not in (0, 2) or "Traceback" in again.said:
            faults.append(f"with more room it ended with {again.code}: {again.said[-1200:]}")
        return faults


def without(contents, folder):
    """The files outside a folder."""
    return {name: data for name, data in contents.items() if not name.startswith(folder)}


def _pages(sizes):
    """How many pages files of these sizes take on a tmpfs, where folders take none."""
    return sum(-(-size // PAGE) for size in sizes)


@contextmanager
def small_disk(folder, pages):
    """A disk of so many pages in the place of the folder, with its files; yields a function that makes it larger."""
    if os.geteuid() != 0:
        raise Skipped("only root may mount a disk")
    aside = folder.with_name(folder.name + "-aside")
    folder.rename(aside)
    folder.mkdir()
    try:
        _mount(folder, f"size={pages * PAGE}")
    except Skipped:
        folder.rmdir()
        aside.rename(folder)
        raise
    try:
        subprocess.run(["cp", "-a", f"{aside}/.", folder], check=True)
        yield lambda more: _mount(folder, f"remount,size={more * PAGE}")
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()
        subprocess.run(["rm", "-rf", aside], check=True)
        folder.mkdir()


def _mount(folder, options):
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, text=True)
    if done.returncode != 0:
        raise Skipped(f"a small disk cannot be mounted here: {done.stderr.strip()}")
