"""The Python interface: the commands of `icon` as functions of the same names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icon._lazy import lazily

if TYPE_CHECKING:
    from icon.api._results import compare, explain, export, load_run, load_validation, verify, write_report
    from icon.api._runs import load_backend, load_samples, plan, run, score

__all__ = [
    "compare",
    "explain",
    "export",
    "load_backend",
    "load_run",
    "load_samples",
    "load_validation",
    "plan",
    "run",
    "score",
    "verify",
    "write_report",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazily(
        __name__,
        {
            "_results": ["compare", "explain", "export", "load_run", "load_validation", "verify", "write_report"],
            "_runs": ["load_backend", "load_samples", "plan", "run", "score"],
        },
    )
