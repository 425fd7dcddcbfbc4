"""Makes a pool of millions of short records, as JSON Lines and as Parquet shards with the same rows.

    python tests/benchmarks/make_large_pool.py FOLDER [--rows 5000000] [--shards 8]

FOLDER gets `pool.jsonl`, and `shards/` with `train-00000-of-00008.parquet` and so on. A row has an instruction of about
12 words, for every third also an input, and an output of about 30, from 20,000 words that are drawn as often as in text
(Zipf); the number of the row is in it, so all are distinct, but one in 1,000 repeats the row before it. About 330 bytes
a row: 1.6 GB for 5,000,000. The same rows whenever it is made.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

BLOCK = 50_000
WORDS = 20_000
REPEATED = 1_000
"""One row in so many repeats the one before it."""


def words() -> list[str]:
    """The vocabulary, the most frequent first, of 2 to 9 letters."""
    draw = np.random.default_rng(0)
    letters = np.array(list("etaoinshrdlucmfwypvbgkjqxz"))
    lengths = draw.integers(2, 10, WORDS)
    return ["".join(letters[draw.integers(0, 20, length)]) for length in lengths]


def blocks(rows: int) -> Iterator[list[dict[str, str]]]:
    """The records, some at a time."""
    known = words()
    for start in range(0, rows, BLOCK):
        yield list(_block(known, start, min(BLOCK, rows - start)))


def _block(known: list[str], start: int, n: int) -> Iterator[dict[str, str]]:
    draw = np.random.default_rng(start + 1)
    lengths = np.stack([draw.integers(6, 19, n), draw.integers(4, 13, n), draw.integers(4, 57, n)])
    drawn = np.minimum(draw.zipf(1.15, int(lengths.sum())) - 1, draw.integers(0, WORDS, int(lengths.sum())))
    ends = np.cumsum(lengths.T.reshape(-1)).tolist()
    chosen = drawn.tolist()
    at, before = 0, {"instruction": "", "input": "", "output": ""}
    for number in range(n):
        texts = []
        for end in ends[3 * number : 3 * number + 3]:
            texts.append(" ".join([known[word] for word in chosen[at:end]]))
            at = end
        if (start + number) % REPEATED != REPEATED - 1:
            before = {
                "instruction": f"{texts[0].capitalize()} {start + number}?",
                "input": texts[1] if number % 3 == 0 else "",
                "output": f"{texts[2].capitalize()}.",
            }
        yield before


def write(folder: Path, rows: int, shards: int) -> None:
    """Write the pool in both forms."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    (folder / "shards").mkdir(parents=True, exist_ok=True)
    schema = pa.schema([(name, pa.string()) for name in ("instruction", "input", "output")])
    paths = [folder / "shards" / f"train-{number:05d}-of-{shards:05d}.parquet" for number in range(shards)]
    writers = [pq.ParquetWriter(path, schema, compression="zstd") for path in paths]
    done = 0
    with (folder / "pool.jsonl").open("w") as file:
        for block in blocks(rows):
            file.writelines(json.dumps(record) + "\n" for record in block)
            writers[done * shards // rows].write_table(pa.Table.from_pylist(block, schema), row_group_size=BLOCK)
            done += len(block)
    for writer in writers:
        writer.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--shards", type=int, default=8)
    asked = parser.parse_args()
    write(asked.folder, asked.rows, asked.shards)


if __name__ == "__main__":
    main()
