"""Runs in MLflow."""

from __future__ import annotations

import os
from collections.abc import Mapping

import mlflow

from icon.errors import ConfigError
from icon_observers.observing import offline
from icon_observers.tracker import Tracker, flat

LOCAL = ("file", "sqlite", "")
"""Schemes of addresses on this machine."""
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
        for setting, value in flat(settings).items():
            self._client.log_param(self._id, setting, str(value)[:LONGEST])

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Log figures at a step."""
        for figure, value in figures.items():
            self._client.log_metric(self._id, _named(figure), value, step=step)

    def end(self, status: str, figures: Mapping[str, float]) -> None:
        """Log the figures of the summary under `summary/`, and end the run."""
        for figure, value in figures.items():
            self._client.log_metric(self._id, _named(f"summary/{figure}"), value)
        self._client.set_terminated(self._id, STATUS.get(status, "FAILED"))


def _named(figure: str) -> str:
    """A name that MLflow takes: letters, digits, and _ - . space : /."""
    return "".join(sign if sign.isalnum() or sign in "_-. :/" else "_" for sign in figure)


def make() -> Tracker:
    """A tracker for one run."""
    return MlflowTracker()
