"""A worker refuses to measure with anything else than the run has, and says what it noted."""

import json
from dataclasses import replace

import pytest

from icon.config import resolve
from icon.errors import ConfigError
from icon.pipeline.executors.worker import Worker
from icon.plugins import Block, PartTask, WorkerSettings
from icon.runs.model_record import ModelRecord
from icon.runs.parts import rows_of
from icon.types import Message, Sample

PLUGIN = """
from icon.plugins import Options, Strategy, hookimpl
from icon.testing import FakeBackend

class Settings(Options):
    device: str = "cpu"

class Noting(FakeBackend):
    notes = ()

    def score(self, context, targets):
        self.notes = (*self.notes, "it was slow") if "long" in context else self.notes
        return super().score(context, targets)

@hookimpl
def icon_backends():
    return [Strategy("noting", "notes things", lambda options: Noting(), Settings)]
"""


def sample(name, text):
    return Sample(name, 0, (Message("user", f"say {text}"),), text)


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Settings of a worker whose plugin file the user has allowed."""
    from hashlib import sha256

    file = tmp_path / "noting.py"
    file.write_text(PLUGIN)
    digest = sha256(file.read_bytes()).hexdigest()
    config = resolve({"pool": "pool.jsonl", "backend": "noting", "plugins": (str(file),), "template": "plain"})
    monkeypatch.setenv("ICON_TRUSTED", "")  # what the worker sets is taken back
    return WorkerSettings(
        config.model_dump_json(),
        "run",
        plugin_files={"noting.py": digest[:12]},
        environment={"ICON_TRUSTED": digest},
    )


@pytest.fixture
def block():
    return Block("icon-0", "icon", (sample("s1", "one two"), sample("s2", "three four")), fingerprint="f" * 16)


def test_parts_are_measured_alone_and_in_any_order(settings, block):
    worker, other = Worker(settings, "a"), Worker(settings, "b")
    tasks = [PartTask(f"{number:06d}", (sample(f"c{number}", f"word {number}"),)) for number in range(3)]
    (shared,) = [worker.measure(block, PartTask("shared", kind="shared"))]
    known = replace(block, shared=tuple(rows_of(shared.data)))
    here = {task.label: worker.measure(known, task) for task in tasks}
    there = {task.label: other.measure(known, task) for task in reversed(tasks)}
    assert {label: one.data for label, one in here.items()} == {label: one.data for label, one in there.items()}
    assert [(row.candidate, row.assessment) for row in rows_of(here["000001"].data)] == [("c1", "s1"), ("c1", "s2")]
    assert {one.worker for one in there.values()} == {"b"}
    assert all(one.tokens_evaluated > 0 for one in here.values())


def test_a_note_comes_once(settings, block):
    worker = Worker(settings, "a")
    texts = ["short", "long", "long"]
    tasks = [PartTask(f"{number:06d}", (sample(f"c{number}", text),)) for number, text in enumerate(texts)]
    assert [worker.measure(block, task).notes for task in tasks] == [(), ("it was slow",), ()]


def test_another_model_is_refused(settings):
    record = json.loads(ModelRecord.of(Worker(settings).describe().info).model_dump_json())
    assert Worker(replace(settings, model=json.dumps(record))).describe()
    other = replace(settings, model=json.dumps({**record, "digest": "another"}))
    with pytest.raises(ConfigError, match='digest: "another" -> "fake-1"'):
        Worker(other).describe()
    opened = Worker(settings)
    opened.describe()
    with pytest.raises(ConfigError, match="digest"):
        opened.confirm(json.dumps({**record, "digest": "another"}))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"plugin_files": {"noting.py": "0" * 12}}, "plugin files here"),
        ({"offers": {"scorer icon": "icon-select 0.0.1"}}, 'scorer icon: "icon-select 0.0.1" -> "icon-select'),
        ({"offers": {"scorer elsewhere": "icon-elsewhere 1.0"}}, 'scorer elsewhere: "icon-elsewhere 1.0" -> null'),
    ],
)
def test_other_code_than_the_runs_is_refused(settings, changes, said):
    with pytest.raises(ConfigError, match="not the settings this run was started with") as caught:
        Worker(replace(settings, **changes))
    assert said in str(caught.value)
