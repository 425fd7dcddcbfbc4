"""Bit flips and truncations in every file of a run, and its readers: they say so, or give exactly the right bytes.

Names: corruptions/FILE/HOW-PERCENT/READER; a file is named by its path, with + for / and without its checksum.
"""

from __future__ import annotations

import random
import re

from faults.flows import FLOWS
from faults.workplace import differences

BASE = "others"
READERS = {
    "export": ("export", "run", "--to", "own", "--which", "all", "--out", "read.jsonl"),
    "csv": ("export", "run", "--to", "csv", "--full", "--which", "all", "--out", "read.csv"),
    "explain": ("explain", "run", "row:3", "--json"),
    "compare": ("compare", "run", "--json"),
    "report": ("report", "run", "--out", "page.html"),
    "verify": ("verify", "run", "--pairs", "144", "--json"),
    "select": ("select", "run"),
    "run": FLOWS["run"].words,
}
HOW = ("flip", "flip", "flip", "cut", "flip", "zeros", "flip", "cut")
WRITERS = ("select", "run")
PER_FILE = 22
"""Cases per file: every reader meets most kinds of damage."""


def cases(references, short):
    """All, in an order in which every first part has most files and readers."""
    place = references.place
    place.reset(BASE)
    names = []
    for file in files(place):
        draw = random.Random(file)
        for number in range(PER_FILE):
            how, reader = draw.choice(HOW), list(READERS)[number % len(READERS)]
            names.append(f"corruptions/{file}/{how}-{draw.randrange(100)}/{reader}")
    random.Random(2).shuffle(names)
    return names[:16] if short else names


def files(place):
    """The files of the run by their names here."""
    found = {}
    for path in sorted((place.case / "run").rglob("*")):
        if path.is_file() and not path.name.endswith(".lock"):
            name = re.sub(r"-[0-9a-f]{12,}(?=\.)", "", str(path.relative_to(place.case / "run")))
            found[name.replace("/", "+")] = path
    return found


def run(references, name):
    """See `classes`."""
    _, file, damage, reader = name.split("/")
    place, words = references.place, READERS[reader]
    wanted = _wanted(references, reader)
    place.reset(BASE)
    path = files(place)[file]
    before = path.read_bytes()
    path.write_bytes(damaged(before, *damage.split("-")))
    done = place.run(words)
    shown = path.name if "part-" not in path.name else path.name[:11]
    if done.code not in (0, 1, 2) or "Traceback" in done.said:
        return [f"ended with {done.code}: {done.said[-1200:]}"]
    said = shown in done.said
    if done.code:
        said = said or (f"{path.parent.relative_to(place.case)}: " in done.err and "damaged" in done.err)
        return [] if said else [f"is refused without naming {shown}: {done.said[-600:]}"]
    if said:
        return []
    found = _given(place, reader, done)
    if reader in WRITERS and path.exists() and path.read_bytes() == damaged(before, *damage.split("-")):
        if reader == "run" and "ppl" not in file:  # a scorer that the settings of the run do not name
            return [f"{path.name} is still damaged, and nothing says so"]
        key = str(path.relative_to(place.case))
        found.pop(key, None), (wanted := dict(wanted)).pop(key, None)
    return differences(found, wanted)


def damaged(data, how, percent):
    """The bytes with one bit changed, without their end, or with a block of zeros, so far into them."""
    place = len(data) * int(percent) // 100
    if how == "cut":
        return data[:place]
    if how == "zeros":
        return data[:place] + bytes(len(data[place : place + 64])) + data[place + 64 :]
    return data[:place] + bytes([data[place] ^ (1 << int(percent) % 8)]) + data[place + 1 :]


def _wanted(references, reader):
    """What the reader gives of the sound run; made once."""
    known = references.__dict__.setdefault("read", {})
    if reader not in known:
        references.place.reset(BASE)
        done = references.place.run(READERS[reader])
        if done.code != 0:
            raise RuntimeError(f"icon {' '.join(READERS[reader])} fails on the sound run: {done.said}")
        known[reader] = _given(references.place, reader, done)
    return known[reader]


def _given(place, reader, done):
    """The files that a writer left, or what a reader wrote and printed."""
    contents = place.contents()
    if reader in WRITERS:
        return contents
    beside = {name: data for name, data in contents.items() if not name.startswith(("run/", "cache/"))}
    return beside | ({"standard output": done.out.encode()} if "--json" in READERS[reader] else {})
