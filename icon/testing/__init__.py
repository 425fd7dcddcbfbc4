"""What tests need: a backend without a model, and the conformance suite that every backend subclasses.

`BackendSuite` needs pytest, so it is imported when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icon.testing.fake_backend import FakeBackend

if TYPE_CHECKING:
    from icon.testing.backend_suite import BackendSuite

__all__ = ["BackendSuite", "FakeBackend"]


def __getattr__(name: str) -> Any:
    if name == "BackendSuite":
        from icon.testing.backend_suite import BackendSuite

        return BackendSuite
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
