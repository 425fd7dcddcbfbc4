"""Finished parts in a shared folder or an object store: what workers leave there is measured by nobody again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from itertools import chain
from typing import TYPE_CHECKING, Any

import fsspec

from icon.errors import ConfigError, ExecutorError
from icon.plugins import PartResult
from icon.runs.parts import LABEL, NAME, checksum
from icon.runs.tables import table_of

if TYPE_CHECKING:
    from icon.plugins import Block, PartTask

OF_BUCKETS = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "oss"}
"""Kinds of addresses where making a folder would make a bucket that the user has not asked for."""


class Store:
    """The parts at an address.

    A part lies below the fingerprint of everything that decides its numbers and a digest of its assessment samples. Its
    name has its label and the checksum of its bytes, as in a run folder. So runs of other settings never meet, and a
    file that was cut off is none.

    Args:
        address: A folder that every node has under that name, or an address that fsspec opens, such as s3://.

    Raises:
        ConfigError: The address cannot be opened, for example because the package for its kind is missing.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        try:
            self._files, self._root = fsspec.core.url_to_fs(address)
        except (ImportError, OSError, ValueError) as error:
            raise ConfigError(
                f"executor.store {address}: {error}; valid: a folder, or an address of a kind that fsspec opens"
            ) from None
        kinds = {self._files.protocol} if isinstance(self._files.protocol, str) else {*self._files.protocol}
        self._has_folders = kinds.isdisjoint(OF_BUCKETS)  # there a folder is made by what is in it

    def put(self, block: Block, label: str, data: bytes) -> None:
        """Store a finished part.

        Raises:
            ExecutorError: It cannot be written, as where the store is full.
        """
        folder = self._folder(block)
        with self._blamed("written"):
            if self._has_folders:
                self._files.makedirs(folder, exist_ok=True)
            self._files.pipe_file(f"{folder}/part-{label}-{checksum(data)}.parquet", data)

    def paths(self, block: Block) -> Mapping[str, str]:
        """Where the parts of a block are, by label.

        Raises:
            ExecutorError: The store cannot be read.
        """
        folder = self._folder(block)
        with self._blamed("read"):
            self._files.invalidate_cache()
            listed = self._files.ls(folder, detail=False) if self._files.isdir(folder) else []
        names = {path: NAME.fullmatch(path.rpartition("/")[2]) for path in sorted(listed)}
        return {match[1]: path for path, match in names.items() if match}

    def read(self, path: str, block: Block, task: PartTask) -> bytes | None:
        """The bytes of a part; None where they are damaged, or are of other candidates than the task's.

        Raises:
            ExecutorError: The store cannot be read.
        """
        with self._blamed("read"):
            data = bytes(self._files.cat_file(path))
        if f"-{checksum(data)}." not in path:
            return None
        table = table_of(data)
        known = table.schema.metadata or {}
        expected = {b"icon.fingerprint": block.fingerprint.encode(), LABEL: task.label.encode()}
        ids = list(dict.fromkeys(table["candidate"].to_pylist()))
        same = task.kind == "shared" or ids == [candidate.id for candidate in task.candidates]
        return data if same and expected.items() <= known.items() else None

    def _folder(self, block: Block) -> str:
        """The folder of a block's parts; its key is one of this run alone."""
        names = "\n".join([block.scorer, *(sample.id for sample in block.assessment)])
        return f"{self._root}/{block.fingerprint}/{blake2b(names.encode(), digest_size=8).hexdigest()}"

    @contextmanager
    def _blamed(self, what: str) -> Iterator[None]:
        """Say of any error at which address it was; clients of object stores raise exceptions of their own."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  see above
            reason: Any = str(error) or type(error).__name__
            raise ExecutorError(
                f"executor.store {self.address}: it cannot be {what}: {reason}. Finished parts are kept, and the same "
                "command goes on, also without executor.store"
            ) from None


class Kept:
    """The tasks of a call, divided into those whose parts are in the store, and the others.

    Args:
        store: The store; None where there is none.
        block: The tasks' block.
        tasks: The tasks, asked for one by one.
    """

    def __init__(self, store: Store | None, block: Block, tasks: Iterable[PartTask]) -> None:
        self._store, self._block, self._tasks = store, block, iter(tasks)
        self._paths = store.paths(block) if store is not None and block.fingerprint else {}
        self._found: list[PartResult] = []

    def first(self) -> Iterator[PartResult]:
        """The parts before the first one that is not there, each read when it is asked for: there may be many."""
        for task in self._tasks if self._paths else ():
            if (result := self._part(task)) is None:
                self._tasks = chain((task,), self._tasks)
                return
            yield result

    def others(self) -> Iterator[PartTask]:
        """The tasks whose parts are not there; the parts that are come from `found`."""
        for task in self._tasks:
            if (result := self._part(task)) is None:
                yield task
            else:
                self._found.append(result)

    def found(self) -> Iterator[PartResult]:
        """The parts that `others` has passed over since the last call."""
        while self._found:
            yield self._found.pop(0)

    def _part(self, task: PartTask) -> PartResult | None:
        path = self._paths.get(task.label)
        if self._store is None or path is None:
            return None
        data = self._store.read(path, self._block, task)
        return None if data is None else PartResult(task.label, data, self._store.address)
