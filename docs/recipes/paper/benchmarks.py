"""Stage `tasks`: a cell's model on the benchmarks that lm-evaluation-harness has, one result file each."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icon.errors import ConfigError
from paper import results
from paper.cells import Cell, Places
from paper.sections import Benchmark
from paper.settings import Chain
from paper.training import training_settings

if TYPE_CHECKING:
    from lm_eval.tasks import TaskManager


def task_settings(chain: Chain, cell: Cell, benchmark: Benchmark) -> Mapping[str, object]:
    """What decides the result of a benchmark."""
    how = benchmark.model_dump(include={"task", "shots", "metric", "limit"})
    return {**how, "seed": chain.seed, "trained": trained(chain, cell)}


def trained(chain: Chain, cell: Cell) -> object:
    """What decides the weights of a cell."""
    return chain.weights(cell.model) if cell.arm == "base" else dict(training_settings(chain, cell))


def weights(chain: Chain, cell: Cell) -> str:
    """Name or folder of the weights of a cell."""
    return chain.weights(cell.model) if cell.arm == "base" else str(Places(chain.work).weights(cell))


def harness_benchmarks(chain: Chain) -> dict[str, Benchmark]:
    """The benchmarks that are tasks of the harness."""
    return {name: benchmark for name, benchmark in chain.benchmarks.items() if benchmark.task is not None}


def check_tasks(chain: Chain) -> None:
    """Refuse names that the installed harness does not know.

    Raises:
        ConfigError: There are some; it lists them all.
    """
    known = set(_manager(chain).all_tasks)
    unknown = {name: found.task for name, found in harness_benchmarks(chain).items() if found.task not in known}
    if unknown:
        lines = [f"  benchmarks.{name}.task: {task!r}" for name, task in unknown.items()]
        raise ConfigError("\n".join(["tasks that this lm-evaluation-harness does not have:", *lines]))


def measure(chain: Chain, cell: Cell) -> None:
    """Measure the benchmarks of a cell that have no result yet; requests that were answered before are kept.

    Raises:
        ConfigError: A task or its metric does not exist.
    """
    places = Places(chain.work)
    open_ones = {
        name: benchmark
        for name, benchmark in harness_benchmarks(chain).items()
        if not results.done(places.result(cell, "tasks", name), task_settings(chain, cell, benchmark))
    }
    if not open_ones:
        return
    import torch
    from lm_eval.models.huggingface import HFLM

    manager = _manager(chain)
    device, dtype = ("cuda", "bfloat16") if torch.cuda.is_available() else ("cpu", "float32")
    model = HFLM(pretrained=weights(chain, cell), batch_size=chain.task_batch, device=device, dtype=dtype)
    for name, benchmark in open_ones.items():
        started = time.monotonic()
        found = _evaluate(chain, model, manager, benchmark, str(_answered(chain, cell, name)))
        values = {"value": 100 * _value(name, benchmark, found), "seconds": time.monotonic() - started}
        values |= {"all": found["results"], "versions": found["versions"], "shots": found["n-shot"]}
        results.write(places.result(cell, "tasks", name), task_settings(chain, cell, benchmark), values)


def _answered(chain: Chain, cell: Cell, name: str) -> Path:
    """Where the harness keeps what the model has answered; its name changes with what decides the answers."""
    settings = json.dumps(task_settings(chain, cell, chain.benchmarks[name]), sort_keys=True, default=str)
    return Places(chain.work).cell(cell) / "tasks" / f"{name}-{sha256(settings.encode()).hexdigest()[:8]}"


def _manager(chain: Chain) -> TaskManager:
    from lm_eval.tasks import TaskManager

    include = str(chain.folder / chain.include) if chain.include else None
    return TaskManager(include_path=include, include_defaults=not chain.own_tasks)


def _evaluate(chain: Chain, model: Any, manager: TaskManager, benchmark: Benchmark, cache: str) -> dict[str, Any]:
    from lm_eval import simple_evaluate

    found: dict[str, Any] = simple_evaluate(
        model=model,
        tasks=[benchmark.task],
        num_fewshot=benchmark.shots,
        task_manager=manager,
        limit=benchmark.limit,
        use_cache=cache,
        bootstrap_iters=0,
        log_samples=False,
        random_seed=chain.seed,
        numpy_random_seed=chain.seed,
        torch_random_seed=chain.seed,
        fewshot_random_seed=chain.seed,
    )
    return found


def _value(name: str, benchmark: Benchmark, found: Mapping[str, Any]) -> float:
    """The metric of a task or group; where a group has none of its own, the mean over its tasks.

    Raises:
        ConfigError: A task has none of the metrics; it lists those that there are.
    """
    task = str(benchmark.task)
    own = _metric(found["results"].get(task, {}), benchmark.metric)
    if own is not None:
        return own
    values = []
    for below, metrics in found["results"].items():
        value = _metric(metrics, benchmark.metric)
        if value is None:
            known = sorted(key for key, number in metrics.items() if isinstance(number, float))
            wanted = " or ".join(benchmark.metric)
            raise ConfigError(f"benchmarks.{name}.metric: {below} has no {wanted}; it has {', '.join(known)}")
        values.append(value)
    return sum(values) / len(values)


def _metric(values: Mapping[str, object], metrics: Sequence[str]) -> float | None:
    """The first of these metrics, named with or without the filter that the harness writes behind a comma."""
    for metric in metrics:
        for key, value in values.items():
            if isinstance(value, int | float) and metric in (key, key.partition(",")[0]):
                return float(value)
    return None
