"""`own`: the records as they came, in the container they came in."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from io import RawIOBase, TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from icon.results.export._columns import container, is_data_set, pool_data_set, pool_rows, save
from icon.results.export._job import Format, Job
from icon.results.export._source import Item
from icon.results.export._staging import placed, staged

if TYPE_CHECKING:
    from typing_extensions import Buffer


def write(job: Job) -> int:
    """JSON lines byte for byte; array, CSV and Parquet with the same columns; a saved data set as such a folder.

    Raises:
        InputError: The pool is Parquet or a data set, whose types JSON does not hold, and is not there any more.
    """
    if is_data_set(job.source):
        return _write_data_set(job)
    ending, compression = container(job.source)
    path = job.file(f"{job.name}{ending}{compression}")
    if ending == ".parquet":
        count = _write_parquet(job, path)
    else:
        write_as = {".json": _array, ".csv": _csv}.get(ending, _lines)
        with placed(path, force=job.force) as file, _compressing(file, compression) as stream:
            count = write_as(stream, _records(job))
            if not count:
                raise job.nothing()
    job.files.append(str(path))
    return count


def _records(job: Job) -> Iterator[Item]:
    for item in job.source.items(job.which):
        if item.fields is None:
            job.left_out[item.row] = f"a row that could not be read, of which nothing is kept: {item.fault}"
        else:
            yield item


def _lines(stream: IO[bytes], items: Iterator[Item]) -> int:
    count = 0
    for item in items:
        stream.write(item.raw + b"\n")
        count += 1
    return count


def _array(stream: IO[bytes], items: Iterator[Item]) -> int:
    count = 0
    for item in items:
        stream.write((b",\n" if count else b"[\n") + item.raw)
        count += 1
    stream.write(b"\n]\n")
    return count


def _csv(stream: IO[bytes], items: Iterator[Item]) -> int:
    text = TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    count = 0
    for item in items:
        fields = item.fields or {}
        if not count:
            writer.writerow(fields)
        writer.writerow(fields.values())
        count += 1
    text.detach()
    return count


def _write_parquet(job: Job, path: Path) -> int:
    import pyarrow.parquet as pq

    table = pool_rows(job.source, [item.row for item in _records(job)])
    if not table.num_rows:
        raise job.nothing()
    with placed(path, force=job.force) as file:
        pq.write_table(table, file)
    return int(table.num_rows)


def _write_data_set(job: Job) -> int:
    folder = job.folder(job.name)
    rows = [item.row for item in _records(job)]
    if not rows:
        raise job.nothing()
    with staged(folder, force=job.force) as place:
        save(pool_data_set(job.source, rows), place)
    job.files.append(str(folder))
    return len(rows)


class _LeftOpen(RawIOBase):
    """A file for a writer that closes its file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, data: Buffer) -> int:
        """Write to the file."""
        return self._file.write(data)


@contextmanager
def _compressing(file: IO[bytes], ending: str) -> Iterator[IO[bytes]]:
    if ending == ".gz":
        with gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as stream:
            yield cast("IO[bytes]", stream)
    elif ending == ".zst":
        import pyarrow as pa

        with pa.CompressedOutputStream(pa.PythonFile(_LeftOpen(file), mode="w"), "zstd") as stream:
            yield stream
    else:
        yield file


OWN = Format("own", "the records as they came, in the pool's own format", write)
