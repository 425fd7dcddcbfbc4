"""Helpers for tests: a backend without a model, one that fails on request, and the conformance suites.

Backends and plugins subclass the suites.
The suites need pytest, so each is imported on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from icon.testing._fake_backend import FakeBackend
from icon.testing.faulty_backend import FaultyBackend

if TYPE_CHECKING:
    from icon.testing.backend_suite import BackendSuite
    from icon.testing.executor_suite import ExecutorSuite
    from icon.testing.scorer_suite import ScorerSuite
    from icon.testing.selector_suite import SelectorSuite

__all__ = ["BackendSuite", "ExecutorSuite", "FakeBackend", "FaultyBackend", "ScorerSuite", "SelectorSuite"]

_SUITES = {
    "BackendSuite": "icon.testing.backend_suite",
    "ExecutorSuite": "icon.testing.executor_suite",
    "ScorerSuite": "icon.testing.scorer_suite",
    "SelectorSuite": "icon.testing.selector_suite",
}


def __getattr__(name: str) -> Any:
    if name in _SUITES:
        return getattr(import_module(_SUITES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
