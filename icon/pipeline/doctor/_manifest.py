"""A damaged run.json made again: exactly, where one bit of it is wrong, or from the settings that it still holds."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from pydantic import ValidationError

from icon._small_files import MAX_RUN, read_small
from icon.config import RunConfig, from_format_2
from icon.errors import WrongRunError
from icon.runs.checksums import checksum_of
from icon.runs.directory import RunDirectory
from icon.runs.manifest import FORMAT, Manifest, load_manifest
from icon.runs.scores import settings_of_scores
from icon.runs.tables import file_bytes, table_of
from icon.runs.writing import write_bytes

SECONDS = 60.0
"""How long a wrong bit is looked for."""

MOST_BYTES = 4_000_000
"""Size up to which a wrong bit is looked for."""

ASIDE = "run.json.damaged"


def rescue(directory: RunDirectory, done: list[str], left: list[str]) -> Manifest | None:
    """run.json as it can be read, repaired where it is damaged; None where nothing of it can be saved.

    Args:
        directory: The run directory, which this process has locked.
        done: Gets what was done, in words.
        left: Gets what could not be done, in words.
    """
    path = directory.manifest_path
    try:
        return load_manifest(path)
    except WrongRunError as error:
        data = _damaged(path, error)
    again = f"repeat the command that began the run, with --out {directory.path}: it measures nothing twice"
    if not data:
        left.append(f"run.json: does not exist, and no other file has the settings; {again}")
        return None
    if (whole := mended(data)) is not None:
        write_bytes(path, whole)
        done.append("run.json: one wrong bit was found and set right; its checksum proves it")
        return load_manifest(path)
    config = settings_in(data)
    path.replace(directory.path / ASIDE)
    if config is None:
        left.append(f"run.json: its settings cannot be read; it is set aside as {ASIDE}; {again}")
        return None
    manifest = Manifest(config=config, status="interrupted")
    manifest.save(path)
    sure = (
        "scores.parquet proves them"
        if _prove(directory, config)
        else f"compare them with {ASIDE}, of which no proof is left"
    )
    done.append(f"run.json: made again from its settings ({sure}); the damaged one is set aside as {ASIDE}")
    left.append(
        f"the stages of the run: icon run --config {path} --out {directory.path} goes on, and measures nothing twice"
    )
    return manifest


def _damaged(path: Path, error: WrongRunError) -> bytes:
    """The content of a damaged run.json; empty where there is none.

    Raises:
        WrongRunError: It is not damaged: it cannot be read now, or is of a newer version of icon.
    """
    if not path.exists():
        return b""
    try:
        data = read_small(path, MAX_RUN)
    except OSError:
        raise error from None
    found = _format_of(data.decode("utf-8", "replace"))
    if _fits(data) or (found is not None and found > FORMAT):
        raise error
    return data


def _format_of(text: str) -> int | None:
    """The format that the beginning of a run.json names; None where it cannot be read."""
    found = re.match(r'\s*\{\s*"format":\s*(\d{1,4}),', text)
    return int(found[1]) if found else None


def mended(data: bytes) -> bytes | None:
    """The content of a run.json with one wrong bit set right; None where it is not one bit that is wrong.

    Args:
        data: The damaged content.
    """
    if len(data) > MOST_BYTES:
        return None
    end = time.monotonic() + SECONDS
    for changed in _with_one_bit_changed(data):
        if _fits(changed):
            return changed
        if time.monotonic() > end:
            return None
    return None


def _with_one_bit_changed(data: bytes) -> Iterator[bytes]:
    """The content with each bit changed in turn, without changes after which it could be no JSON.

    Those near the place where a reader stumbles come first.
    """
    content, fault = bytearray(data), _place_of_fault(data)
    for place in sorted(range(len(data)), key=lambda place: abs(place - fault)):
        byte = data[place]
        for bit in range(8):
            other = byte ^ (1 << bit)
            if other < 32 and other != 10:  # no text of JSON has a control character
                continue
            if other > 127 > byte:  # the first byte of a letter would stand alone
                continue
            content[place] = other
            yield bytes(content)
        content[place] = byte


def _place_of_fault(data: bytes) -> int:
    """Where a reader of JSON stumbles; 0 where it does not."""
    try:
        json.loads(data)
    except json.JSONDecodeError as error:
        return len(error.doc[: error.pos].encode("utf-8", "surrogatepass"))
    except UnicodeDecodeError as error:
        return error.start
    except (ValueError, RecursionError):
        pass
    return 0


def _fits(data: bytes) -> bool:
    """Whether a content has the checksum that it names."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and "checksum" in found and found["checksum"] == checksum_of(found)


def settings_in(data: bytes) -> RunConfig | None:
    """The settings that a damaged run.json still holds in full; None where it does not."""
    text = data.decode("utf-8", "replace")
    start, version = text.find('"config":'), _format_of(text)
    if start < 0 or version is None:
        return None
    try:
        found: Any
        found, _ = json.JSONDecoder().raw_decode(text[start + len('"config":') :].lstrip())
        return RunConfig.model_validate(from_format_2(found) if version < 3 else found)
    except (ValueError, TypeError, AttributeError, RecursionError, ValidationError):
        return None


def _prove(directory: RunDirectory, config: RunConfig) -> bool:
    """Whether scores.parquet was written by a run with these settings."""
    if not directory.scores.is_file():
        return False
    try:
        table = table_of(file_bytes(directory.scores))
    except (OSError, pa.ArrowException):
        return False
    written = (table.schema.metadata or {}).get(b"icon.fingerprint", b"").decode(errors="replace")
    return bool(written == settings_of_scores(config))
