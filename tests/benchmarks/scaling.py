"""What a run over a large pool takes, stage by stage: arithmetic over coefficients that say where they come from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from icon.pipeline._effort import BYTES_A_PAIR, BYTES_A_PART
from icon.pipeline.measuring import TOKENS_PER_PART
from icon.pipeline.preview import FLOPS_PER_WEIGHT, GPU_FLOPS

Source = Literal["measured", "the code", "assumed"]
HOUR = 3600.0


@dataclass(frozen=True)
class Coefficient:
    """A number that the tables are made of.

    Attributes:
        value: The number.
        unit: What it counts.
        source: Whether it was measured, is a constant of the code, or is assumed, so that what follows is arithmetic.
        where: By which command, in which module, or why.
    """

    value: float
    unit: str
    source: Source
    where: str


READ = Coefficient(
    17_800.0,
    "rows per core and second, read, chosen from and written",
    "measured",
    "`bench_large.py`, 5,000,000 rows of JSON Lines, `top`",
)
ROW_BYTES = Coefficient(
    260.0, "bytes of driver memory per row", "measured", "`bench_large.py`, 5,000,000 rows: 1.30 GB"
)
ROW_TOKENS = Coefficient(100.7, "tokens per row", "measured", "the mean of 4,000 Alpaca records (`bench_reverse.py`)")
TASK_TOKENS = Coefficient(79.1, "tokens per assessment sample", "measured", "the 192 of the judging matrix")
RACE_PAIRS = Coefficient(0.59, "share of the pairs that a race measures", "measured", "`bench_decision.py`")
RACE_TOKENS = Coefficient(0.68, "share of the tokens that a race reads", "measured", "`bench_decision.py`")
PAIR_DISK = Coefficient(BYTES_A_PAIR, "bytes of disk per pair", "measured", "`pipeline/_effort.py`, a line over parts")
PART_DISK = Coefficient(BYTES_A_PART, "bytes of disk per part", "measured", "likewise")
PART_TOKENS = Coefficient(TOKENS_PER_PART, "tokens per part", "the code", "`pipeline/measuring.py`")
PART_SECONDS = Coefficient(
    0.0025, "processor seconds of the driver per part", "measured", "`--measure`: stored and read, 32 pairs"
)
PART_CLOCK = Coefficient(
    0.019,
    "seconds on the clock until a part is stored",
    "measured",
    "`--measure`, a disk that others use as well; 4 ms at another time",
)
PAIR_MEMORY = Coefficient(515.0, "bytes of driver memory per pair", "measured", "`--measure`: measurements as objects")
LOOK_SECONDS = Coefficient(3.1e-7, "processor seconds per cell and look", "measured", "`--measure`")
LOOKS = Coefficient(8.0, "looks of a race", "the code", "`bench_cluster.py`: slices of 128 samples")
GPU = Coefficient(GPU_FLOPS, "operations per second and GPU", "assumed", "a fifth of an H100's peak in bf16")
WEIGHT = Coefficient(2.0, "bytes per weight", "assumed", "bf16")
STORAGE = Coefficient(2e9, "bytes per second and node from shared storage", "assumed", "a usual parallel file system")

SAMPLES = 128
"""Assessment samples of the runs in the tables."""
KEPT, RACED = 0.01, 0.02
"""Shares of the pool that are kept, and that the cascade leaves to the race: twice as many."""
ROWS = {"1 million": 10**6, "100 million": 10**8, "10 billion": 10**10}
MODELS = {"135M": 135e6, "8B": 8e9, "70B": 70e9}
CHEAP = MODELS["135M"]
"""Weights of the model of a cheap score by perplexity."""


@dataclass(frozen=True)
class Scale:
    """What one run takes.

    Attributes:
        rows: Rows of the pool.
        weights: Weights of the model that the race is measured with.
    """

    rows: int
    weights: float

    @property
    def raced(self) -> float:
        """Candidates that the race measures."""
        return self.rows * RACED

    @property
    def pairs(self) -> float:
        """Pairs of the race: its passes."""
        return self.raced * SAMPLES * RACE_PAIRS.value

    @property
    def tokens(self) -> float:
        """Tokens that the race reads."""
        return self.raced * (ROW_TOKENS.value + SAMPLES * TASK_TOKENS.value) * RACE_TOKENS.value

    @property
    def gpu_hours(self) -> float:
        """GPU hours of the race."""
        return self.tokens / tokens_per_second(self.weights) / HOUR

    @property
    def cheap_gpu_hours(self) -> float:
        """GPU hours of perplexity over every row, with the model of 135 million weights."""
        return self.rows * ROW_TOKENS.value / tokens_per_second(CHEAP) / HOUR

    @property
    def reading_hours(self) -> float:
        """Core hours of reading the pool, with `length` as the cheap score."""
        return self.rows / READ.value / HOUR

    @property
    def parts(self) -> float:
        """Files of the race: a part is cut as if every pair were read twice, with its control."""
        cut = self.raced * (ROW_TOKENS.value + 2 * SAMPLES * TASK_TOKENS.value) * RACE_TOKENS.value
        return cut / PART_TOKENS.value

    @property
    def disk(self) -> float:
        """Bytes of the race's parts."""
        return self.pairs * PAIR_DISK.value + self.parts * PART_DISK.value

    @property
    def memory(self) -> float:
        """Bytes of the driver's memory: columns of the pool, and the measurements of the race."""
        return self.rows * ROW_BYTES.value + self.pairs * PAIR_MEMORY.value

    @property
    def driver_hours(self) -> float:
        """Processor hours of the driver: parts and looks."""
        looks = LOOKS.value * self.raced * SAMPLES * LOOK_SECONDS.value
        return (self.parts * PART_SECONDS.value + looks) / HOUR


def tokens_per_second(weights: float) -> float:
    """Tokens that a GPU reads per second with a model of so many weights."""
    return GPU.value / (FLOPS_PER_WEIGHT * weights)


def part_seconds(weights: float) -> float:
    """Seconds that a GPU takes for a part; random contexts are shared, so it reads less than it was cut by."""
    one = Scale(ROWS["1 million"], weights)
    return one.tokens / one.parts / tokens_per_second(weights)


def gpus_of_a_driver(weights: float, each: float) -> float:
    """How many GPUs finish as many parts as one driver stores that takes so many seconds for each."""
    return part_seconds(weights) / each


def larger_parts(gpus: int, weights: float) -> float:
    """How many times as large a part must be for a driver to keep up with so many GPUs, at least 1."""
    return max(1.0, gpus / gpus_of_a_driver(weights, PART_CLOCK.value))


def short(value: float) -> str:
    """A number with two digits and its unit of a thousand: 1,234,567 is "1.2M"."""
    if value == 0:
        return "0"
    for unit, size in (("E", 1e18), ("P", 1e15), ("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= 0.995 * size:
            return _digits(value / size) + unit
    return _digits(value)


def _digits(value: float) -> str:
    digits = max(0, 1 - math.floor(math.log10(value)))
    return f"{value:.{digits}f}"
