"""Opens the model that stored numbers are held against: the run's own, in its most exact form."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from icon.errors import BackendError
from icon.protocols import Backend
from icon.runs.same_model import check_same_model
from icon.session import Session


@contextmanager
def yardstick(session: Session, given: Backend | None = None) -> Iterator[tuple[Backend, str]]:
    """The backend to measure with, closed in the end, and a note on how it was opened.

    It is opened with the run's options and over them those that its options call `exact`; where such a model cannot be
    loaded, for want of memory perhaps, with the run's options as they are.

    Args:
        session: The run.
        given: A backend that is open already and stays open; None to open the run's own.

    Raises:
        ConfigError: It is another model than the run's.
        BackendError: It cannot be loaded even as the run had it.
    """
    backend, note = (given, "with the backend that was given") if given is not None else _open(session)
    try:
        check_same_model(session.directory.path, session.model, backend.describe())
        yield backend, note
    finally:
        if given is None:
            backend.close()


def _open(session: Session) -> tuple[Backend, str]:
    strategy = session.plugins.get("backend", session.config.backend)
    options, exact = session.backend_options, dict(getattr(strategy.options, "exact", {}))
    with session.stage("loading the model"):
        if not exact:
            return strategy.make(options), "with the run's own options; its backend knows of no form more exact"
        told = ", ".join(f"{name}={value}" for name, value in exact.items())
        try:
            return strategy.make({**options, **exact}), f"with {told}"
        except BackendError as error:
            return strategy.make(options), f"with the run's own options, because {told} could not be loaded: {error}"
