"""Where scoring runs."""

from __future__ import annotations

from typing import Any

from icon.hooks import Options, Strategy


def executor_strategies() -> list[Strategy]:
    """The built-in executors."""
    return [Strategy("local", "one candidate after the other, in this process", _local, Options)]


def _local(options: Any) -> Any:
    from icon.execution.local import LocalExecutor

    return LocalExecutor()
