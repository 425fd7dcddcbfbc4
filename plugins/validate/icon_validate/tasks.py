"""Benchmark tasks: lm-evaluation-harness on a trained model, with its own tasks, shots and metrics."""

from __future__ import annotations

import contextlib
import copy
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from icon.errors import BackendError, ConfigError
from icon_validate.options import Asked

METRICS = ("acc_norm", "acc", "exact_match", "prompt_level_strict_acc", "mcc", "f1", "bleu_acc", "rouge1")
"""Metrics by preference, where a task has several; otherwise its first of which higher is better."""

BATCH = 8


class Tasks:
    """The tasks that were asked for.

    Args:
        asked: Names, folder of further tasks, limit and shots.

    Raises:
        BackendError: lm-evaluation-harness is not installed.
        ConfigError: There is no such task, or the folder has none.
    """

    def __init__(self, asked: Asked) -> None:
        try:
            import lm_eval
        except ImportError as error:
            raise BackendError(
                f"--tasks needs lm-evaluation-harness; install it with: pip install lm-eval ({error})"
            ) from error
        del lm_eval
        self.names, self.limit, self.shots = asked.tasks, asked.task_limit, asked.shots
        folder = asked.task_folder
        if folder is not None and not any(Path(folder).rglob("*.yaml")):
            raise ConfigError(f"--task-folder {folder}: found no task (.yaml) in it; valid: a folder of harness tasks")
        with _silent():
            self._manager = _manager(self.names, folder)
        if unknown := [name for name in self.names if not self._manager.match_tasks([name])]:
            raise ConfigError(
                f"--tasks {unknown[0]}: lm-evaluation-harness has no such task; lm-eval ls tasks lists its own, and "
                "--task-folder adds yours"
            )

    @property
    def keys(self) -> list[str]:
        """The names under which values are kept: those of two numbers of shots or documents differ."""
        return [self._key(name) for name in self.names]

    def measure(self, model: Any, tokenizer: Any) -> dict[str, float]:
        """The value of every task, higher is better, by key.

        Raises:
            BackendError: The harness cannot run a task, for example because its data cannot be loaded.
        """
        from lm_eval import simple_evaluate
        from lm_eval.models.huggingface import HFLM

        try:
            with _silent():
                found: Any = simple_evaluate(
                    HFLM(pretrained=model, tokenizer=copy.deepcopy(tokenizer), batch_size=BATCH),
                    tasks=list(self.names),
                    num_fewshot=self.shots,
                    limit=self.limit,
                    task_manager=self._manager,
                    log_samples=False,
                    bootstrap_iters=0,
                )
        except (OSError, ValueError, LookupError, RuntimeError, TypeError, AttributeError) as error:
            if "memory" in str(error):
                raise
            raise BackendError(f"--tasks: lm-evaluation-harness failed: {type(error).__name__}: {error}") from error
        return {self._key(name): _value(name, found) for name in self.names}

    def _key(self, name: str) -> str:
        how = [f"{self.shots} shots"] if self.shots is not None else []
        how += [f"{self.limit} documents"] if self.limit is not None else []
        return f"{name} ({', '.join(how)})" if how else name


def _value(name: str, found: Mapping[str, Any]) -> float:
    """The task's main metric.

    Raises:
        BackendError: It has no metric of which higher is better.
    """
    results = {**found.get("groups", {}), **found["results"]}[name]
    higher = found.get("higher_is_better", {}).get(name, {})
    values = {
        key.partition(",")[0]: float(value)
        for key, value in results.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and "_stderr" not in key
    }
    usable = [metric for metric in values if metric in METRICS or higher.get(metric)]
    for metric in (*METRICS, *usable):
        if metric in usable:
            return values[metric]
    raise BackendError(f"--tasks {name}: found the metrics {sorted(values)}; valid: one of which higher is better")


def _manager(names: Sequence[str], folder: Path | None) -> Any:
    """The harness's index of tasks; its own thousands are left out where the folder has all that are asked for."""
    from lm_eval.tasks import TaskManager

    if folder is not None:
        own = TaskManager(include_path=str(folder), include_defaults=False)
        if all(own.match_tasks([name]) for name in names):
            return own
    return TaskManager(include_path=str(folder) if folder else None)


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Without the progress bars and logs of the harness and of what it starts, which write to standard error."""
    before = logging.root.manager.disable
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        logging.disable(logging.ERROR)
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        logging.disable(before)
        os.dup2(kept, 2)
        os.close(kept)
