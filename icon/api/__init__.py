"""The Python interface: the commands of `icon` as functions of the same names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icon._lazy import lazily

if TYPE_CHECKING:
    from icon.api._parts import load_backend, load_samples, score
    from icon.api._result import RunResult
    from icon.api._results import as_dataset, compare, explain, export, load_run, load_validation, verify, write_report
    from icon.api._runs import plan, preview, run
    from icon.api._selecting import select
    from icon.api.settings import Settings

__all__ = [
    "RunResult",
    "Settings",
    "as_dataset",
    "compare",
    "explain",
    "export",
    "load_backend",
    "load_run",
    "load_samples",
    "load_validation",
    "plan",
    "preview",
    "run",
    "score",
    "select",
    "verify",
    "write_report",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazily(
        __name__,
        {
            "_parts": ["load_backend", "load_samples", "score"],
            "_result": ["RunResult"],
            "_results": [
                "as_dataset",
                "compare",
                "explain",
                "export",
                "load_run",
                "load_validation",
                "verify",
                "write_report",
            ],
            "_runs": ["plan", "preview", "run"],
            "_selecting": ["select"],
            "settings": ["Settings"],
        },
    )
