"""Numbers of two models are never mixed in a run, also where one model takes the place of another unseen."""

import json
import os
import shutil

import pytest

from icon.inference import cache as user_cache
from icon.runs.manifest import load_manifest
from support import tiny_model

pytestmark = pytest.mark.model


@pytest.fixture
def start(tmp_path, command_line, monkeypatch):
    """Begins a run on a copy of the tiny model; gives the model's file and the command that goes on with it."""
    monkeypatch.setenv("ICON_CACHE", str(tmp_path / "cache"))
    model, pool, tasks = (tmp_path / name for name in ("model.gguf", "pool.jsonl", "tasks.jsonl"))
    shutil.copy(tiny_model.gguf_file(), model)
    rows = [{"instruction": f"question {n}", "output": f"answer {n}"} for n in range(6)]
    pool.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    tasks.write_text('{"instruction": "Name a river.", "output": "The Ebro."}\n')
    settings = ("--assessment", tasks, "--backend", "llamacpp", "--model", model, "-o", "backend.precision=f16")

    def begin():
        command_line("run", pool, *settings, "--out", "run", "--keep", "2", code=0)
        for part in (tmp_path / "run" / "contributions").glob("part-0*"):  # all but the shared passes
            part.unlink()
        return tmp_path / "run"

    return model, begin


def replace(model, *, unseen, monkeypatch):
    """Put another model in the file's place, of the same size and time of modification."""
    before = model.stat()
    other = tiny_model.write_gguf(model.with_name("other.gguf"), seed=1)
    other.replace(model)
    os.utime(model, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert model.stat().st_size == before.st_size
    if unseen:  # a file system that shows neither inode nor time of change: the notes call it the same file

        def same(path):
            return [before.st_size, before.st_mtime_ns, before.st_ctime_ns, before.st_ino]

        monkeypatch.setattr(user_cache, "_stamp", same)


@pytest.mark.parametrize("unseen", [False, True])
def test_a_model_that_was_replaced_is_refused_when_a_run_goes_on(start, command_line, monkeypatch, unseen):
    model, begin = start
    run = begin()
    replace(model, unseen=unseen, monkeypatch=monkeypatch)
    refused = command_line("score", run, code=2)
    assert "not the settings this run was started with" in refused.stderr
    assert "digest" in refused.stderr


def test_the_same_model_goes_on(start, command_line):
    _, begin = start
    run = begin()
    command_line("score", run, code=0)


def test_a_process_with_another_model_measures_no_share_of_a_run(start, command_line, monkeypatch):
    """What `--devices` starts is this command; its fault is reported and its share measured by the first process."""
    model, begin = start
    run = begin()
    replace(model, unseen=True, monkeypatch=monkeypatch)
    refused = command_line("score", run, "--share", "1/2", code=2)
    assert "digest" in refused.stderr
    assert not list((run / "contributions").glob("part-0*"))


def test_the_second_of_two_models_has_its_own_digest_and_scores(start, command_line, monkeypatch, tmp_path):
    """Under the same path, size and time of modification, in a run of its own."""
    model, begin = start
    first = load_manifest(begin() / "run.json").model
    (tmp_path / "run").rename(tmp_path / "first")
    replace(model, unseen=False, monkeypatch=monkeypatch)
    second = load_manifest(begin() / "run.json").model
    assert first.digest != second.digest
    assert first.settings["source_digest"] != second.settings["source_digest"]
    scores = [(tmp_path / name / "scores.parquet").read_bytes() for name in ("first", "run")]
    assert scores[0] != scores[1]
