"""Each tracker's own library, on this machine alone, has afterwards what was logged; a missing one is skipped."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from icon import network
from icon.errors import PluginError
from icon.plugins import CandidateMeasured, RunFinished, RunStarted, StageFinished, StageStarted
from icon_observers import observing

SETTINGS = {"keep": "15%", "scorer_options": {"control": "none"}}


def perform(observer, status="done"):
    """A short run of one stage."""
    observer(RunStarted("runs/mine", SETTINGS))
    observer(StageStarted("scoring: icon", 2))
    observer(CandidateMeasured("a", 300))
    observer(CandidateMeasured("b", 450))
    observer(StageFinished("scoring: icon", 12.5))
    observer(RunFinished("runs/mine", status, {"selected": 2.0, "candidates": 15.0}))


@pytest.fixture
def alone(monkeypatch, tmp_path):
    """A folder of the test's own, and no way out of it."""
    monkeypatch.chdir(tmp_path)
    for name in ("WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR", "TRACKIO_DIR", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("WANDB_SILENT", "true")
    monkeypatch.delenv("TRACKIO_SPACE_ID", raising=False)
    return tmp_path


def test_wandb_offline(alone, monkeypatch):
    wandb = pytest.importorskip("wandb", reason="wandb is not installed")
    monkeypatch.setenv("WANDB_MODE", "offline")
    perform(observing("wandb"))
    wandb.teardown()  # its own process writes, as at the end of this one
    written = next(alone.rglob("run-*.wandb")).read_bytes()
    for word in (b"wandb-metadata.json", b"requirements.txt", b"git@github.com", sys.argv[0].encode()):
        assert word not in written
    assert not list(alone.rglob("requirements.txt"))
    for word in (
        b"scorer_options.control",
        b"15%",
        b"seconds/scoring: icon",
        b"12.5",
        b"progress/tokens",
        b"450",
        b"selected",
        b"done",
    ):
        assert word in written


def test_mlflow_in_a_folder(alone, monkeypatch):
    mlflow = pytest.importorskip("mlflow", reason="mlflow is not installed")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (alone / "mlruns").as_uri())
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")  # mlflow-skinny has no database
    for status in ("done", "interrupted", "failed"):
        perform(observing("mlflow"), status)
    client = mlflow.MlflowClient()
    runs = client.search_runs([client.get_experiment_by_name("icon").experiment_id])
    assert sorted(run.info.status for run in runs) == ["FAILED", "FINISHED", "KILLED"]
    for run in runs:
        assert run.info.run_name == "mine"
        assert (run.data.params["keep"], run.data.params["scorer_options.control"]) == ("15%", "none")
        assert (run.data.metrics["progress/tokens"], run.data.metrics["progress/candidates"]) == (450.0, 2.0)
        assert run.data.metrics["seconds/scoring: icon"] == 12.5
        assert (run.data.metrics["summary/selected"], run.data.metrics["summary/candidates"]) == (2.0, 15.0)


def test_trackio_on_this_machine(alone):
    pytest.importorskip("trackio", reason="trackio is not installed")
    script = f"import runpy; found = runpy.run_path({__file__!r}); found['perform'](found['observing']('trackio'))"
    words = [sys.executable, "-c", script]  # trackio reads TRACKIO_DIR when it is imported, as TRL does
    assert subprocess.run(words, check=True, capture_output=True, timeout=120).stdout == b""  # which is for --json
    with closing(sqlite3.connect(alone / "icon.db")) as found:
        settings = [json.loads(row) for (row,) in found.execute("SELECT config FROM configs")]
        logged = [json.loads(row) for (row,) in found.execute("SELECT metrics FROM metrics ORDER BY step")]
    assert [(one["keep"], one["scorer_options.control"]) for one in settings] == [("15%", "none")]
    assert logged[0] == {"progress/candidates": 2.0, "progress/tokens": 450.0, "seconds/scoring: icon": 12.5}
    assert (logged[1]["summary/selected"], logged[1]["summary/status"]) == (2.0, "done")


def test_who_is_to_stay_offline_reaches_no_server(alone, monkeypatch):
    monkeypatch.setenv(network.OFFLINE, "1")
    pytest.importorskip("mlflow", reason="mlflow is not installed")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://mlflow.example.org")
    with pytest.raises(PluginError, match=r"MLFLOW_TRACKING_URI is https://mlflow\.example\.org"):
        perform(observing("mlflow"))
    pytest.importorskip("trackio", reason="trackio is not installed")
    monkeypatch.setenv("TRACKIO_SPACE_ID", "someone/space")
    with pytest.raises(PluginError, match="TRACKIO_SPACE_ID is someone/space"):
        perform(observing("trackio"))
