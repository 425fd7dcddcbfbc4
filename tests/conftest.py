"""Fixtures that several test folders share."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import pytest

from icon.config import resolve
from icon.pipeline import builtin
from icon.plugins import CandidateMeasured, Strategy, hookimpl
from icon.plugins.manager import Plugins
from icon.runs.directory import RunDirectory
from icon.runs.run import Run
from icon.testing import FakeBackend
from support.fixtures import command_line, tiny_command_line, tiny_embedded, tiny_folder, tiny_gguf  # noqa: F401
from support.opened import Opened

LONG_FILES = [
    "backends/torch/tests/test_agreement.py",
    "backends/torch/tests/test_run.py",
    "backends/llamacpp/tests/test_agreement.py",
    "tests/recipes/test_paper_chain.py",
    "backends/torch/tests/test_lora.py",
    "tests/results/report/test_in_browser.py",
    "tests/pipeline/test_ending.py",
    "backends/llamacpp/tests/test_demo.py",
    "tests/docs/test_commands.py",
    "tests/docs/test_schemas.py",
    "tests/docs/test_write_a_plugin.py",
    "tests/results/report/test_hostile_texts.py",
    "tests/test_backends_agree.py",
    "tests/cli/test_kill.py",
    "plugins/ray/tests/test_conformance.py",
    "plugins/ray/tests/test_own_ray.py",
    "tests/benchmarks/test_decision.py",
    "tests/plugins/test_template.py",
]
"""The files that take longest, the longest first; `nox` prints the slowest at its end."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Long files come first, so that short ones fill the processes up at the end and none works alone for long."""
    place = {config.rootpath / file: number for number, file in enumerate(LONG_FILES)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


def pytest_configure(config):
    """Of several test processes (`pytest -n 2`) each takes processors of its own, and so do the models it runs.

    What they and the commands they start convert for their models, and what they allow, lies in one folder, away from
    the user's.
    """
    worker = getattr(config, "workerinput", None)
    if worker is None and "ICON_TEST_CACHE" not in os.environ:
        folder = tempfile.TemporaryDirectory(prefix="icon-test-cache-", ignore_cleanup_errors=True)
        os.environ["ICON_TEST_CACHE"] = os.environ["ICON_CACHE"] = folder.name
        os.environ["ICON_TRUST_STORE"] = str(Path(folder.name) / "trusted")
        config.add_cleanup(folder.cleanup)
    if worker is None or not hasattr(os, "sched_setaffinity"):
        return
    processors = sorted(os.sched_getaffinity(0))
    number, count = int(worker["workerid"].removeprefix("gw")), worker["workercount"]
    if count <= len(processors):
        own = processors[number % count :: count]
        os.sched_setaffinity(0, own)
        if "torch" in sys.modules:  # a conftest imported it before: two threads on one processor wait for each other
            sys.modules["torch"].set_num_threads(len(own))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data, or a skip that says what is missing."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("ICON_TEST_DATA", beside))
    if not (folder / "alpaca_4000.jsonl").is_file():
        pytest.skip(f"no real data at {folder}; set ICON_TEST_DATA to the folder that holds alpaca_4000.jsonl")
    return folder


class FakeBackends:
    """The backend `fake`, without a model."""

    def __init__(self, make):
        self._make = make

    @hookimpl
    def icon_backends(self):
        return [Strategy("fake", "no model at all", lambda options: self._make())]


class StopAfter:
    """Presses Ctrl-C once so many candidates are measured."""

    def __init__(self, n):
        self.left = n

    @hookimpl
    def icon_event(self, event):
        if isinstance(event, CandidateMeasured):
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt


@pytest.fixture
def stop_after():
    """Gives an observer that presses Ctrl-C once so many candidates are measured."""
    return StopAfter


@pytest.fixture
def prepare():
    """Opens a run directory with the fake backend, and measures nothing yet."""

    def _prepare(pool, tasks, out, *observers, make=FakeBackend, recording=True, **settings):
        given = {"backend": "fake", "assessment": "file", "assessment_options": {"path": tasks}, "selector": "top"}
        given["scorer"] = "icon"  # the one with a control, so that all that a run stores is there
        given["report"] = False  # drawn where a test is about it
        config = resolve({"pool": pool, **given, **settings})
        plugins = Plugins([builtin], entry_points=False)
        for number, plugin in enumerate([FakeBackends(make), *observers]):
            plugins.register(plugin, f"test-{number}")
        directory = RunDirectory(Path(out))
        return Opened(Run(directory, directory.open(config), plugins, recording=recording))

    return _prepare


@pytest.fixture
def start(prepare):
    """Starts a run with the fake backend, or goes on with the existing one."""

    def _start(*arguments, **settings):
        opened = prepare(*arguments, **settings)
        opened.all_stages()
        return opened

    return _start


@pytest.fixture
def contents():
    """Gives every file of a run by its name, without what differs between two runs of the same settings.

    That is the times in run.json with its checksum, and the report, which tells them and the name of the folder, with
    the texts that were compared for it.
    """
    of_a_page = ("report.html", "texts.parquet")

    def _contents(folder):
        found = {}
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file() and path.name not in of_a_page:
                data = path.read_bytes()
                if path.name == "run.json":
                    data = {key: value for key, value in json.loads(data).items() if key not in ("times", "checksum")}
                    data["files"] = {name: it for name, it in data["files"].items() if name not in of_a_page}
                found[str(path.relative_to(folder))] = data
        return found

    return _contents
