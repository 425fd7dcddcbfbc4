"""What is fuzzed: functions that read bytes, and must end with a result or with an error of icon's own.

Anything else is a finding: another exception, more than `MAX_SECONDS` of processor time, or an error of thousands of
characters.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from icon.config import read_settings, validate
from icon.errors import IconError
from icon.runs.files import read_details
from icon.runs.manifest import load_manifest
from icon.runs.parts import PartStore, checksum
from icon.samples import load_samples
from icon.samples.templates import load_template
from icon.types import Message, Sample
from icon.visible import visible

MAX_SECONDS = 20.0
MAX_MESSAGE = 20_000

TURNS = (Message("system", "s"), Message("user", "q"), Message("assistant", "b"), Message("user", "r"))
SAMPLE = Sample("0" * 16, 0, TURNS, "a", passage="p", tools='[{"type": "function", "function": {"name": "f"}}]')
FINGERPRINT = "f"


class Finding(Exception):
    """An input that did something else than to be read or refused."""


def _pool(ending: str) -> Callable[[Path], object]:
    def read(path: Path) -> object:
        loaded = load_samples(str(path), on_bad_row="skip")
        rows = {one.row for kind in (loaded.samples, loaded.faults, loaded.duplicates) for one in kind}
        if rows != set(range(loaded.n_rows)):
            raise Finding(f"{loaded.n_rows} rows, of which {len(rows)} became something")
        return None

    return read


def _part(path: Path) -> object:
    """The bytes as a part of a run: under a name that has their checksum, as a stranger would make it."""
    folder = path.parent / "contributions"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path.rename(folder / f"part-000000-{checksum(path.read_bytes())}.parquet")
    store = PartStore(folder, FINGERPRINT)
    return store.read(), store.of(["c"])


TARGETS: dict[str, tuple[str, Callable[[Path], object]]] = {
    **{ending: (f"pool.{ending}", _pool(ending)) for ending in ("jsonl", "json", "csv", "parquet")},
    "jsonl.gz": ("pool.jsonl.gz", _pool("jsonl.gz")),
    "jsonl.zst": ("pool.jsonl.zst", _pool("jsonl.zst")),
    "toml": ("settings.toml", lambda path: validate(read_settings(path))),
    "settings": ("settings.json", lambda path: validate(read_settings(path))),
    "run": ("run.json", load_manifest),
    "part": ("part", _part),
    "details": ("explained.jsonl", read_details),
    "template": ("mine.jinja", lambda path: load_template(str(path)).target(SAMPLE)),
}
"""By name, the file's name and what opens it."""


def attempt(name: str, data: bytes, folder: Path) -> str:
    """Give the bytes to a target; "read" or "refused".

    Raises:
        Finding: Neither.
    """
    file, opened = TARGETS[name]
    path = folder / file
    path.write_bytes(data)
    start = time.process_time()
    try:
        opened(path)
        ended = "read"
    except IconError as error:
        if error.exit_code != 2 and name != "details":  # a damaged file of a run is no wrong input
            raise Finding(f"exit code {error.exit_code}: {error}") from error
        if len(str(error)) > MAX_MESSAGE:
            raise Finding(f"an error of {len(str(error)):,} characters") from error
        visible(str(error)).encode()
        ended = "refused"
    except Finding:
        raise
    except Exception as error:
        raise Finding(f"{type(error).__name__}: {error}"[:300]) from error
    if time.process_time() - start > MAX_SECONDS:
        raise Finding(f"took {time.process_time() - start:.0f} s")
    return ended
