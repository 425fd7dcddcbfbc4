"""Runs in MLflow."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

import mlflow
from mlflow.entities import Metric, Param

from icon.errors import ConfigError
from icon_observers.observing import offline
from icon_observers.tracker import Tracker, flat

LOCAL = ("file", "sqlite", "")
"""Schemes of addresses on this machine."""
MOST = 100
"""Most parameters of one request, which MLflow bounds."""
LONGEST = 6000
"""Most characters of a parameter, which MLflow bounds."""
STATUS = {"done": "FINISHED", "interrupted": "KILLED"}


class MlflowTracker:
    """A run of the experiment MLFLOW_EXPERIMENT_NAME, `icon` by default, at MLFLOW_TRACKING_URI."""

    def __init__(self) -> None:
        self._client = mlflow.MlflowClient()
        self._id = ""

    def begin(self, name: str, settings: Mapping[str, object]) -> None:
        """Begin a run.

        Raises:
            ConfigError: icon is to stay offline, and the address is not on this machine.
        """
        address = mlflow.get_tracking_uri()
        if offline() and address.partition(":")[0] not in LOCAL and not address.startswith(os.sep):
            raise ConfigError(f"observer mlflow: MLFLOW_TRACKING_URI is {address}, and this command is to stay offline")
        experiment = os.environ.get("MLFLOW_EXPERIMENT_NAME", "icon")
        known = self._client.get_experiment_by_name(experiment)
        number = known.experiment_id if known else self._client.create_experiment(experiment)
        self._id = self._client.create_run(number, run_name=os.environ.get("MLFLOW_RUN_NAME", name)).info.run_id
        given = [Param(setting, str(value)[:LONGEST]) for setting, value in flat(settings).items()]
        for first in range(0, len(given), MOST):
            self._client.log_batch(self._id, params=given[first : first + MOST])

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Log figures at a step."""
        self._client.log_batch(self._id, metrics=_metrics(figures, step))

    def end(self, status: str, figures: Mapping[str, float]) -> None:
        """Log the figures of the summary under `summary/`, and end the run; where none was begun nothing is asked."""
        if not self._id:
            return
        self._client.log_batch(self._id, metrics=_metrics({f"summary/{name}": figures[name] for name in figures}, 0))
        self._client.set_terminated(self._id, STATUS.get(status, "FAILED"))


def _metrics(figures: Mapping[str, float], step: int) -> list[Metric]:
    """The figures as MLflow has them; all go in one request."""
    now = int(1000 * time.time())
    return [Metric(_named(figure), value, now, step) for figure, value in figures.items()]


def _named(figure: str) -> str:
    """A name that MLflow takes: letters, digits, and _ - . space : /."""
    return "".join(sign if sign.isalnum() or sign in "_-. :/" else "_" for sign in figure)


def make() -> Tracker:
    """A tracker for one run."""
    return MlflowTracker()
