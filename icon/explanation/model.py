"""The model to show tokens with: the run's own, opened as the run opened it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from icon.protocols import Backend
from icon.runs.same_model import check_same_model
from icon.session import Session


@contextmanager
def the_runs_model(session: Session, given: Backend | None = None) -> Iterator[None]:
    """Let the session measure with its model, beside the run: on another device it is still the same model.

    Args:
        session: The run; afterwards its backend is closed, unless it was given.
        given: A backend that is open already and stays open; None to open the run's own.

    Raises:
        ConfigError: It is another model than the run's.
        BackendError: It cannot be loaded.
    """
    if given is None:
        with session.stage("loading the model"):
            backend: Backend = session.plugins.get("backend", session.config.backend).make(session.backend_options)
    else:
        backend = given
    try:
        check_same_model(session.directory.path, session.model, backend.describe())
        session.measure_with(backend)
        yield
    finally:
        if given is None:
            backend.close()
