"""The tables of docs/scaling.md: what a run takes at 1 million to 10 billion rows, and where each stage ends.

`python tests/benchmarks/bench_scaling.py` recomputes them from the coefficients of scaling.py; nothing is measured.
`--write` puts them into the page. `--measure` measures the coefficients of the driver on this machine (half a minute),
for comparison; what stands in scaling.py is changed by hand.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
import tracemalloc
from pathlib import Path

import numpy as np
import scaling
from scaling import MODELS, ROWS, Coefficient, Scale, short
from tables import markdown

from icon.runs.parts import PartStore, part_bytes
from icon.scorers.racing import FIRST, Rules
from icon.scorers.racing._table import Table
from icon.types import Measurement, Message, Sample

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scaling.md"


def takes() -> str:
    """What runs take, by rows and model."""
    header = [
        "rows",
        "raced",
        "passes",
        "tokens",
        "files",
        "disk, B",
        "driver memory, B",
        "driver, core h",
        "reading, core h",
    ]
    rows = []
    for name, n in ROWS.items():
        one = Scale(n, MODELS["8B"])
        numbers = (
            one.raced,
            one.pairs,
            one.tokens,
            one.parts,
            one.disk,
            one.memory,
            one.driver_hours,
            one.reading_hours,
        )
        rows.append([name, *map(short, numbers)])
    return markdown(header, rows)


def gpu_hours() -> str:
    """GPU hours of the race by model, of the cheap score, and of racing every row."""
    header = ["rows", "cheap: `length`", "cheap: `ppl`, 135M", *(f"race, {name}" for name in MODELS), "all raced, 8B"]
    rows = []
    for name, n in ROWS.items():
        races = [Scale(n, weights).gpu_hours for weights in MODELS.values()]
        everything = Scale(n, MODELS["8B"]).gpu_hours / scaling.RACED
        cheap = Scale(n, MODELS["8B"]).cheap_gpu_hours
        rows.append([name, "0", *map(short, (cheap, *races, everything))])
    return markdown(header, rows)


def limits() -> str:
    """How many GPUs one driver serves, what parts would have to be, and what loading a model takes, by model."""
    header = [
        *("model", "tokens/s and GPU", "seconds of a part", "GPUs that fill a driver's core", "its disk"),
        *("times as large for 1,000 GPUs", "loading on a node, s", "weights read by 1,000 nodes, B"),
    ]
    rows = []
    for name, weights in MODELS.items():
        speed, size = scaling.tokens_per_second(weights), weights * scaling.WEIGHT.value
        full = [scaling.gpus_of_a_driver(weights, one.value) for one in (scaling.PART_SECONDS, scaling.PART_CLOCK)]
        larger, loading = scaling.larger_parts(1000, weights), size / scaling.STORAGE.value
        numbers = (speed, scaling.part_seconds(weights), *full, larger, loading, 1000 * size)
        rows.append([name, *map(short, numbers)])
    return markdown(header, rows)


def coefficients() -> str:
    """Every coefficient with its source."""
    found = [one for one in vars(scaling).values() if isinstance(one, Coefficient)]
    rows = [[f"{one.value:g}", one.unit, one.source, one.where] for one in found]
    return markdown(["value", "what", "source", "where"], rows)


TABLES = {"takes": takes, "gpu hours": gpu_hours, "limits": limits, "coefficients": coefficients}


def written(text: str) -> str:
    """The page with its tables as they are computed now."""
    for name, table in TABLES.items():
        mark = f"<!-- table: {name} -->"
        text = re.sub(rf"{re.escape(mark)}\n(\|[^\n]*\n)*", lambda _, m=mark, t=table: f"{m}\n{t()}\n", text)
    return text


def measure(folder: Path) -> None:
    """Print what the driver takes per part, per pair and per cell on this machine."""
    draw = np.random.default_rng(0)
    store = PartStore(folder / "parts", "0" * 16)
    labels = [f"{number:06d}" for number in range(300)]
    parts = {label: part_bytes(label, _part(int(label), draw), store.fingerprint) for label in labels}  # by workers
    start, clock = time.process_time(), time.perf_counter()
    for label, data in parts.items():
        store.put(label, data)
    waited = (time.perf_counter() - clock) / len(parts)
    store.read()
    print(f"{(time.process_time() - start) / len(parts):.2g} processor seconds per part, stored and read")
    print(f"{waited:.2g} seconds on the clock per part that is stored, the disk's part in it")
    tracemalloc.start()
    held = store.read()
    print(f"{tracemalloc.get_traced_memory()[0] / sum(map(len, held.values())):.0f} bytes of memory per pair")
    tracemalloc.stop()
    values = 0.3 * draw.standard_normal((20_000, 1)) + draw.standard_normal((20_000, 32))
    candidates, samples = _named(len(values)), _named(values.shape[1])
    table = Table(candidates, samples, "c")
    table._values[:] = values
    start = time.process_time()
    table.look(Rules(len(values) // 2, FIRST, 0.99, 0.95, stops=True, seed=0))
    print(f"{(time.process_time() - start) / values.size:.2g} processor seconds per cell and look")


def _part(number: int, draw: np.random.Generator) -> list[Measurement]:
    """Four candidates on eight samples, with the tokens of two pairs each."""
    kept = {"given": tuple(draw.random(40).tolist()), "control": tuple(draw.random(40).tolist())}
    values = ("nll", "nll_random", "c", "log_gain", "first", "second", "first_random", "second_random")
    return [
        Measurement(
            f"{number:08x}{one:08x}",
            f"{place:016x}",
            n_tokens=30,
            **dict(zip(values, draw.random(len(values)).tolist(), strict=True)),
            **(kept if place < 2 else {}),
        )
        for one in range(4)
        for place in range(8)
    ]


def _named(n: int) -> list[Sample]:
    return [Sample(f"{place:016x}", place, (Message("user", ""),), "") for place in range(n)]


def main() -> None:
    """Print the tables, write them into the page, or measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/scaling.md")
    parser.add_argument("--measure", action="store_true", help="measure the coefficients of the driver")
    given = parser.parse_args()
    if given.measure:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder))
        return
    for name, table in TABLES.items():
        print(f"{name}\n\n{table()}\n")
    if given.write:
        PAGE.write_text(written(PAGE.read_text("utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
