"""The parts of a run: their checksums, their settings, and whether all of them are there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from icon.pipeline.doctor._records import Finding
from icon.results.wording import counted
from icon.runs.directory import RunDirectory
from icon.runs.manifest import Manifest
from icon.runs.parts import NAME, SHARED, SLICE, checksum
from icon.runs.tables import file_bytes, table_of

DAMAGED = ".damaged"
"""Ending of a damaged file that was set aside."""


@dataclass(slots=True)
class Store:
    """The parts of one scorer, slices included.

    Attributes:
        scorer: Its name; empty for the run's own.
        folder: The folder.
        sound: Fingerprint by part, of those whose bytes fit their name.
        damaged: Parts whose bytes do not.
        aside: Damaged parts that were set aside.
        candidates: Ids of the measured candidates.
        gaps: Parts that must be there, since later ones of their folder are.
    """

    scorer: str
    folder: Path
    sound: dict[Path, str] = field(default_factory=dict)
    damaged: list[Path] = field(default_factory=list)
    aside: list[Path] = field(default_factory=list)
    candidates: set[str] = field(default_factory=set)
    gaps: list[str] = field(default_factory=list)

    @property
    def others(self) -> list[Path]:
        """Parts with another fingerprint than most."""
        if len(set(self.sound.values())) < 2:
            return []
        usual = Counter(self.sound.values()).most_common(1)[0][0]
        return [path for path, fingerprint in self.sound.items() if fingerprint != usual]

    def is_replaced(self, path: Path) -> bool:
        """Whether there is a sound part in the place of a damaged one."""
        label = path.name.split("-")[1]
        return any(part.parent == path.parent and part.name.split("-")[1] == label for part in self.sound)


def stores(directory: RunDirectory) -> list[Store]:
    """The parts of every scorer, each read in full; nothing is changed."""
    folder = directory.contributions()
    if not folder.is_dir():
        return []
    below = [path for path in sorted(folder.iterdir()) if path.is_dir() and not SLICE.fullmatch(path.name)]
    return [_store("", folder), *(_store(path.name, path) for path in below)]


def parts(directory: RunDirectory, manifest: Manifest | None) -> list[Finding]:
    """A finding per scorer, and one per part that something is wrong with."""
    found: list[Finding] = []
    for store in stores(directory):
        found += _of_store(directory, manifest, store)
    return found


def _store(scorer: str, folder: Path) -> Store:
    store = Store(scorer, folder)
    for place in (folder, *sorted(path for path in folder.iterdir() if SLICE.fullmatch(path.name))):
        numbers = set()
        for path in sorted(place.glob("part-*")):
            if path.name.endswith(DAMAGED):
                store.aside.append(path)
            elif (table := _table(path)) is None:
                store.damaged.append(path)
            else:
                label = path.name.split("-")[1]
                numbers.add(label)
                store.sound[path] = (table.schema.metadata or {}).get(b"icon.fingerprint", b"").decode(errors="replace")
                if label != SHARED:
                    store.candidates.update(table["candidate"].unique().to_pylist())
        known = sorted(int(label) for label in numbers if label != SHARED)
        store.gaps += [f"{number:06d}" for number in range(known[-1] if known else 0) if number not in known]
    return store


def _table(path: Path) -> pa.Table | None:
    """The table of a part; None where its bytes do not fit its name."""
    match = NAME.fullmatch(path.name)
    try:
        if not path.is_file():  # a pipe would be waited for
            return None
        data = file_bytes(path)
        table = table_of(data) if match is not None and checksum(data) == match[2] else None
    except (OSError, pa.ArrowException):
        return None
    if table is None or match is None or "candidate" not in table.column_names:
        return None
    label = (table.schema.metadata or {}).get(b"icon.label", match[1].encode())  # older parts have none
    return table if label == match[1].encode() else None


def _of_store(directory: RunDirectory, manifest: Manifest | None, store: Store) -> Iterator[Finding]:
    """The findings of one scorer."""
    again = f"icon score {directory.path}"
    missing = _missing(manifest, store)
    yield Finding(
        file=_name(directory, store.folder),
        what=f"measurements of {store.scorer}" if store.scorer else "measurements of the run's own scorer",
        state="missing" if missing else "ok",
        found=missing or f"{counted(len(store.sound), 'part')}, {counted(len(store.candidates), 'candidate')}",
        how="measured again" if missing else "",
        command=again if missing else "",
    )
    for path in store.damaged:
        what = {"file": _name(directory, path), "what": "a part", "state": "damaged"}
        found = "its bytes do not fit the checksum in its name"
        yield Finding(**what, found=found, how="measured again", command=again)
    for path in store.others:
        what = {"file": _name(directory, path), "what": "a part", "state": "other settings"}
        found = "it was measured under other settings than the other parts; move it away"
        yield Finding(**what, found=found, how="measured again", command=again)
    for path in store.aside:
        if store.is_replaced(path):
            what = {"file": _name(directory, path), "what": "a damaged part", "state": "left over"}
            yield Finding(**what, found="it was measured again", command=f"icon doctor {directory.path} --repair")


def _missing(manifest: Manifest | None, store: Store) -> str:
    """What is missing of a scorer's measurements, in words; empty where nothing is, or that is not known."""
    stage = None if manifest is None else manifest.stages.score
    if store.gaps:
        return f"part {store.gaps[0]}" + (f" and {len(store.gaps) - 1:,} more" if len(store.gaps) > 1 else "")
    if stage is None or (not store.scorer and stage.race) or (store.scorer and store.scorer not in stage.scorers):
        return ""
    if (n := len(store.candidates)) < stage.candidates:
        return f"{stage.candidates - n:,} of {stage.candidates:,} candidates"
    return ""


def _name(directory: RunDirectory, path: Path) -> str:
    return str(path.relative_to(directory.path)) + ("/" if path.is_dir() else "")
