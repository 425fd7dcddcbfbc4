"""A pool on standard input, which is kept in the run directory so that the run can go on."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from icon.config import RunConfig
from icon.errors import InputError, UserError

_CHUNK = 1024 * 1024
_KINDS = ((b"PAR1", ".parquet"), (b"\x1f\x8b", ".jsonl.gz"), (b"\x28\xb5\x2f\xfd", ".jsonl.zst"), (b"[", ".json"))
"""The kind of file by its first bytes; JSON lines begin with a brace, and anything else is CSV."""


@dataclass(frozen=True, slots=True)
class Start:
    """How a command starts that may read its pool from standard input.

    Attributes:
        config: Its settings; None for those of an existing run.
        content: Digest of what came; empty where the pool has an address, or nothing came.
        copy: Where it is for now; None likewise.
    """

    config: RunConfig | None
    content: str = ""
    copy: Path | None = None

    def check(self, run: Path) -> None:
        """Refuse other records than those that a run was begun with, or none where it has none.

        Raises:
            InputError: They are others, or nothing came.
        """
        from icon.runs.given import STDIN, given_path

        if self.config is None or self.config.pool != STDIN:
            return
        known = given_path(run)
        if self.copy is None and known is None:
            raise InputError(
                "-: nothing came on standard input; valid: records that are piped in, such as: zcat pool.jsonl.gz | "
                "icon run -"
            )
        if self.copy is not None and known is not None and _digest(known) != self.content:
            raise InputError(
                f"-: other records came on standard input than those that {run} was begun with; what is measured is "
                "kept: pipe the same records in, or none (</dev/null), and it goes on; or start a new run with another "
                "--out"
            )

    def settings_for(self, run: Path, *, recording: bool) -> RunConfig:
        """The settings; where nothing is written and the run has no copy, the pool is what came."""
        from icon.runs.given import given_path

        assert self.config is not None
        if recording or self.copy is None or given_path(run) is not None:
            return self.config
        return self.config.model_copy(update={"pool": str(self.copy)})

    def keep(self, run: Path) -> None:
        """Keep what came in the run directory, if it is not there yet."""
        from icon.runs.given import given_path, write_given

        if self.copy is not None and given_path(run) is None:
            with self.copy.open("rb") as source:
                write_given(run, "".join(self.copy.suffixes), lambda file: shutil.copyfileobj(source, file))


@contextmanager
def piped(config: RunConfig | None) -> Iterator[Start]:
    """Read standard input where the pool is there, into a file that lasts as long as the context.

    Raises:
        InputError: `-` is one of several addresses.
    """
    from icon.runs.given import STDIN

    if config is None or STDIN not in config.pools:
        yield Start(config)
        return
    if config.more_pools:
        raise InputError("-: found beside other pools; valid: standard input alone, or the addresses of files")
    with TemporaryDirectory(prefix="icon-stdin-") as folder:
        copy = None if sys.stdin.isatty() else _copied(sys.stdin.buffer, Path(folder))
        try:
            yield Start(config, "" if copy is None else _digest(copy), copy)
        except UserError as error:
            error.args = (_renamed(str(error)), *error.args[1:])
            raise


def _copied(stream: BinaryIO, folder: Path) -> Path | None:
    """What a stream has as a file of the kind that its first bytes say; None where it has nothing."""
    start = stream.read(_CHUNK)
    if not start.strip():
        return None
    head = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    kind = next((ending for sign, ending in _KINDS if head.startswith(sign)), ".jsonl" if head[:1] == b"{" else ".csv")
    path = folder / f"stdin{kind}"
    with path.open("wb") as file:
        file.write(start)
        shutil.copyfileobj(stream, file, _CHUNK)
    return path


def _renamed(text: str) -> str:
    """A message that names standard input, and not the copy of it, which is deleted with a faulty run."""
    words = text.split(" ")
    return " ".join("standard input:" if word.endswith(":") and _is_copy(word) else word for word in words)


def _is_copy(word: str) -> bool:
    return "given_pool." in word or "icon-stdin-" in word


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
