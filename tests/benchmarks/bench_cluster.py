"""A race over 1,000 workers, simulated: stragglers, deaths, and how much of the workers' time is put to use.

Run it with `python tests/benchmarks/bench_cluster.py`; it needs no model and no data. What to do next is decided by the
project's own code: `run_race` says which candidates are measured on which samples, `make_plan` cuts them into parts,
`Assignments` gives each free worker its task, gives the task of a lost worker to another, and has a slow one done
twice. Only the workers, the clock and the measurements are made up: candidates differ by a tenth of the variance of a
single measurement, as `icon plan` assumes; a worker reads 1,430 tokens per second, as with 70 billion weights at 2e14
operations.
"""

from __future__ import annotations

import argparse
import heapq
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from tables import markdown, publish
from workload import positive

from icon.pipeline._expected import SIGNAL
from icon.pipeline.executors.assigning import SLOW, Assignments
from icon.pipeline.measuring import label_of, make_plan
from icon.plugins import PartTask
from icon.scorers.racing import FIRST, Rules, Slice, fewest_samples, run_race
from icon.types import Measurement, Message, Sample

CHARACTERS_A_TOKEN = 4
OWN, SAMPLE = 101, 79
"""Tokens of a candidate and of an assessment sample."""
SAMPLES = 128
LOOK_SECONDS = 1.0
"""Time between two looks for tasks that take long, as in the executor `processes`."""


@dataclass(frozen=True)
class Cluster:
    """Workers and what goes wrong with them.

    Attributes:
        workers: How many there are.
        speed: Tokens per second of a usual one.
        spread: Standard deviation of the logarithm of their speeds.
        stragglers: Share of them that is `times` as slow.
        times: How many times as slow those are.
        alive: Mean seconds until a worker dies; infinite for never.
        restart: Seconds until another one is ready in its place: a process is started, and the model is read.
        slow: How many times the median a task may take before it is done twice; infinite for never.
        shares: Whether every worker owns a share of the parts (`icon score --share`), instead of taking the next one.
        driver: Seconds that the driver takes per part, one after the other.
    """

    workers: int = 1000
    speed: float = 1_430.0
    spread: float = 0.1
    stragglers: float = 0.0
    times: float = 10.0
    alive: float = math.inf
    restart: float = 90.0
    slow: float = SLOW
    shares: bool = False
    driver: float = 0.0


@dataclass
class Found:
    """What a simulated race came to.

    Attributes:
        seconds: On the clock, from the first slice to the last look.
        ideal: Seconds if every worker had done nothing but parts that count, all the time.
        parts: Parts that were stored.
        begun: Tasks that were begun: parts, second copies, and those of workers that died.
        lost: Workers that died.
        slices: Slices of the race.
    """

    seconds: float = 0.0
    ideal: float = 0.0
    parts: int = 0
    begun: int = 0
    lost: int = 0
    slices: int = 0


End = tuple[float, str, str, bool]
"""When a worker ends a task, its name, the task's label, and whether it ends by dying."""


class Workers:
    """The workers of one race, on a clock of their own."""

    def __init__(self, cluster: Cluster, seed: int) -> None:
        self.cluster, self._draw = cluster, np.random.default_rng(seed)
        speeds = cluster.speed * np.exp(cluster.spread * self._draw.standard_normal(cluster.workers))
        speeds[: round(cluster.stragglers * cluster.workers)] /= cluster.times
        self.speeds = dict(zip(map(str, range(cluster.workers)), speeds.tolist(), strict=True))
        self._dies = {name: self._life(0.0) for name in self.speeds}
        self._free = [(0.0, name) for name in self.speeds]

    def measure(self, tasks: Sequence[PartTask], tokens: float, found: Found) -> None:
        """Carry out a slice's tasks of so many tokens each, all of which are stored at its end."""
        assignments = Assignments(tasks, slow=self.cluster.slow)
        stored = now = found.seconds
        ends: list[End] = []
        while True:
            while self._free and self._free[0][0] <= now and (task := assignments.take(self._free[0][1], now)):
                _, name = heapq.heappop(self._free)
                heapq.heappush(ends, self._end(name, task.label, now, tokens))
                found.begun += 1
            if assignments.over:
                break
            waiting = max(self._free[0][0], now + LOOK_SECONDS) if self._free else math.inf
            if not ends or waiting < ends[0][0]:
                now = waiting
                continue
            now, name, label, died = heapq.heappop(ends)
            if died:
                assignments.lose(name, "died", now)
                found.lost += 1
                self._dies[name] = self._life(now + self.cluster.restart)
            elif assignments.finish(name, label, now):
                stored = max(stored, now) + self.cluster.driver
                found.parts += 1
            heapq.heappush(self._free, (now + self.cluster.restart * died, name))
        for end, name, _, died in ends:  # second copies, which nobody waits for
            heapq.heappush(self._free, (end + self.cluster.restart * died, name))
        found.seconds = max(now, stored)

    def measure_shares(self, tasks: Sequence[PartTask], tokens: float, found: Found) -> None:
        """The same where each worker owns every n-th task; who died goes on with its own after its restart."""
        ends = [found.seconds]
        for number, name in enumerate(self.speeds):
            now = found.seconds
            for _ in tasks[number :: len(self.speeds)]:
                found.begun += 1
                while self._dies[name] < now + tokens / self.speeds[name]:
                    now = max(now, self._dies[name]) + self.cluster.restart
                    found.lost, found.begun = found.lost + 1, found.begun + 1
                    self._dies[name] = self._life(now)
                now += tokens / self.speeds[name]
                found.parts += 1
            ends.append(now)
        found.seconds = max(*ends, found.seconds + len(tasks) * self.cluster.driver)

    def _end(self, name: str, label: str, now: float, tokens: float) -> End:
        """When the worker ends the task, and whether by dying."""
        end = now + tokens / self.speeds[name]
        died = self._dies[name] < end
        return (max(now, self._dies[name]) if died else end, name, label, died)

    def _life(self, now: float) -> float:
        alive = self.cluster.alive
        return math.inf if math.isinf(alive) else now + float(self._draw.exponential(alive))


Round = tuple[list[PartTask], float]
"""The tasks of a slice, and the tokens of each."""


def rounds_of(candidates: int, seed: int) -> list[Round]:
    """The slices of a race of so many candidates, half of which are kept, by the project's own rules."""
    draw = np.random.default_rng(seed)
    effects = math.sqrt(SIGNAL) * draw.standard_normal(candidates)
    everyone = [_named(place, OWN) for place in range(candidates)]
    samples = [_named(place, SAMPLE) for place in range(SAMPLES)]
    fewest = fewest_samples([OWN], [SAMPLE] * SAMPLES)
    rules = Rules(max(1, candidates // 2), FIRST, 0.99, 0.95, stops=True, seed=seed, fewest=fewest)
    rounds: list[Round] = []

    def take(part: Slice) -> tuple[list[Measurement], None]:
        plan = make_plan(part.candidates, part.samples)
        tasks = [PartTask(label_of(number)) for number in range(len(plan.parts))]
        tokens = (OWN + len(part.samples) * SAMPLE) * len(part.candidates)
        rounds.append((tasks, tokens / len(tasks)))
        noise = draw.standard_normal((len(part.candidates), len(part.samples)))
        return [
            Measurement(each.id, sample.id, c=float(effects[each.row] + value))
            for each, values in zip(part.candidates, noise, strict=True)
            for sample, value in zip(part.samples, values.tolist(), strict=True)
        ], None

    run_race(everyone, samples, rules, take)
    return rounds


def simulate(cluster: Cluster, rounds: Sequence[Round], seed: int) -> Found:
    """A race over these workers: no slice begins before the one before it is stored."""
    found, workers = Found(), Workers(cluster, seed)
    for tasks, tokens in rounds:
        (workers.measure_shares if cluster.shares else workers.measure)(tasks, tokens, found)
        found.slices += 1
        found.ideal += tokens * len(tasks) / sum(workers.speeds.values())
    return found


def _named(place: int, tokens: int) -> Sample:
    return Sample(str(place), place, (Message("user", ""),), "x" * CHARACTERS_A_TOKEN * tokens)


USUAL = Cluster()
CASES = {
    "all alike, nothing goes wrong": replace(USUAL, spread=0.0),
    "speeds differ by a tenth": USUAL,
    "1% of the workers ten times as slow": replace(USUAL, stragglers=0.01),
    "the same, nothing done twice": replace(USUAL, stragglers=0.01, slow=math.inf),
    "the same, every worker owns a share": replace(USUAL, stragglers=0.01, shares=True),
    "a worker dies after 10 minutes on average": replace(USUAL, alive=600.0),
    "1% slow, and a worker dies after 10 minutes": replace(USUAL, stragglers=0.01, alive=600.0),
    "the same, every worker owns a share, deaths too": replace(USUAL, stragglers=0.01, alive=600.0, shares=True),
    "1% slow, deaths, and 2.5 ms of the driver per part": replace(USUAL, stragglers=0.01, alive=600.0, driver=0.0025),
    "1% slow, deaths, and 19 ms of the driver per part": replace(USUAL, stragglers=0.01, alive=600.0, driver=0.019),
}


def main() -> None:
    """Simulate every case, print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=positive, default=20_000, help="candidates of the race; half are kept")
    parser.add_argument("--workers", type=positive, default=1_000, help="how many workers")
    parser.add_argument("--out", type=Path, default=Path("bench-results/cluster.json"), help="where the JSON goes")
    given = parser.parse_args()
    rounds = rounds_of(given.candidates, seed=0)
    rows = {name: simulate(replace(case, workers=given.workers), rounds, seed=0) for name, case in CASES.items()}
    header = ["what goes wrong", "seconds", "put to use", "parts", "tasks begun", "deaths", "slices"]
    table = [[name, r.seconds, r.ideal / r.seconds, r.parts, r.begun, r.lost, r.slices] for name, r in rows.items()]
    publish(given.out, markdown(header, table), {"rows": {name: asdict(row) for name, row in rows.items()}})


if __name__ == "__main__":
    main()
