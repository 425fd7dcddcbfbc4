"""Conformance suite of executors.

Subclass `ExecutorSuite`, give it the fixture `make_executor`, and run pytest.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from icon import trust
from icon.config import RunConfig, resolve
from icon.errors import BackendError, InterruptedRun
from icon.pipeline import stages
from icon.pipeline.builtin import default_plugins
from icon.plugins import CandidateMeasured, Event, Executor, hookimpl
from icon.runs.directory import RunDirectory
from icon.runs.model import Model
from icon.runs.pool import PoolReader
from icon.runs.run import Run

N_CANDIDATES, N_TASKS = 40, 34
WORDS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "islet", "jetty", "knoll", "larch"]
RACE = {"schedule": "race", "capture": 1}
EXACT = {"schedule": "exact", "baselines": ("length", "ppl")}
PLUGIN = "slow_backend.py"
BACKEND = Path(__file__).with_name("_slow_backend.py").read_text("utf-8")
UNSTABLE = ("report.html", "texts.parquet")
"""Files that say how long a run took, or are drawn beside those that do."""

_made: dict[type, Path] = {}


class Watching:
    """Does something once so many candidates are measured.

    Args:
        at: After how many candidates; several for several times.
        do: What to do.
    """

    def __init__(self, at: tuple[int, ...], do: Callable[[], None]) -> None:
        self._at, self._do, self._n = at, do, 0

    @hookimpl
    def icon_event(self, event: Event) -> None:
        """Count the candidates."""
        if isinstance(event, CandidateMeasured):
            self._n += 1
            if self._n in self._at:
                self._do()


class ExecutorSuite:
    """Properties that every executor has. Override the fixture `make_executor`, and `kill_worker` where it can be.

    Real runs are made with it, with a backend without a model that a plugin file offers, and compared with those of one
    process.
    """

    kills: tuple[int, ...] = (4, 12)
    """After how many measured candidates of a race, of about a hundred, a worker is killed."""

    @pytest.fixture
    def make_executor(self) -> Callable[[], Executor]:
        """Gives a new executor with two workers, not opened."""
        raise NotImplementedError("define the fixture make_executor in your subclass")

    def kill_worker(self, executor: Executor) -> None:
        """Kill a worker that measures, by force."""
        raise NotImplementedError

    @pytest.fixture
    def material(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """A folder with a pool, target tasks and the plugin file of a backend, made once."""
        if type(self) not in _made:
            folder = _made[type(self)] = tmp_path_factory.mktemp("material")
            _write(folder / "pool.jsonl", [_candidate(i) for i in range(N_CANDIDATES)])
            _write(folder / "tasks.jsonl", [_task(i) for i in range(N_TASKS)])
            (folder / PLUGIN).write_text(BACKEND, "utf-8")
        return _made[type(self)]

    @pytest.fixture
    def perform(self, material: Path) -> Iterator[Callable[..., Path]]:
        """Makes a run in a folder, or goes on with it; without an executor in this process."""
        plugin = material / PLUGIN

        def _perform(path: Path, executor: Executor | None = None, *observers: object, **settings: Any) -> Path:
            directory, plugins = RunDirectory(path), default_plugins([str(plugin)])
            trust.caller().allowed.add(sha256(plugin.read_bytes()).hexdigest())  # workers may run it, too
            for number, observer in enumerate(observers):
                plugins.register(observer, f"observer-{number}")
            run = Run(directory, directory.open(_settings(material, settings)), plugins)
            with closing(Model(run, executor=executor)) as model:
                stages.run_stages(run, model, PoolReader(run))
            return path

        with trust.calling(plugins=[str(plugin)]):
            yield _perform

    @pytest.fixture
    def one(self, material: Path, perform: Callable[..., Path]) -> Callable[..., Path]:
        """Gives a finished run of one process, made once by its settings."""

        def _one(**settings: Any) -> Path:
            name = sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:8]
            done = material / name
            return done if done.exists() else perform(done, **settings)

        return _one

    @pytest.mark.parametrize("settings", [EXACT, RACE], ids=["exact", "race"])
    def test_files_are_those_of_one_process(
        self,
        perform: Callable[..., Path],
        one: Callable[..., Path],
        make_executor: Callable[[], Executor],
        tmp_path: Path,
        settings: dict[str, Any],
    ) -> None:
        """Every file of a run is, byte for byte, that of a run without an executor; times apart."""
        assert contents(perform(tmp_path / "many", make_executor(), **settings)) == contents(one(**settings))

    def test_a_worker_that_is_killed_changes_nothing_but_a_warning(
        self,
        perform: Callable[..., Path],
        one: Callable[..., Path],
        make_executor: Callable[[], Executor],
        tmp_path: Path,
    ) -> None:
        """Amid a race."""
        if type(self).kill_worker is ExecutorSuite.kill_worker:
            pytest.skip("it has no worker that could be killed")
        executor = make_executor()
        kill = Watching(self.kills, lambda: self.kill_worker(executor))
        settings = {"backend_options": {"seconds": 0.002}, **RACE}
        found, expected = contents(perform(tmp_path / "many", executor, kill, **settings)), contents(one(**settings))
        assert any("worker" in line for line in found["run.json"].pop("warnings")["score"])
        expected["run.json"].pop("warnings")
        assert found == expected

    def test_an_error_of_a_task_is_raised_and_what_is_finished_is_kept(
        self, perform: Callable[..., Path], make_executor: Callable[[], Executor], tmp_path: Path
    ) -> None:
        """It keeps its class, and so its exit code."""
        refuses = {"refuses": f"answer {N_CANDIDATES - 1} "}
        with pytest.raises(BackendError, match="out of luck"):
            perform(tmp_path / "many", make_executor(), backend_options=refuses, **EXACT)
        assert parts(tmp_path / "many")

    def test_where_no_worker_can_open_the_model_its_error_is_raised(
        self, perform: Callable[..., Path], make_executor: Callable[[], Executor], tmp_path: Path
    ) -> None:
        """Nothing is measured."""
        with pytest.raises(BackendError, match="there is no such model"):
            perform(
                tmp_path / "many", make_executor(), backend_options={"missing": str(tmp_path / "no-model")}, **EXACT
            )
        assert not parts(tmp_path / "many")

    @pytest.mark.parametrize(
        ("settings", "back"), [(EXACT, False), (RACE, True)], ids=["exact, goes on here", "race, goes on there"]
    )
    def test_a_run_that_is_interrupted_goes_on_anywhere_and_measures_no_part_twice(
        self,
        perform: Callable[..., Path],
        one: Callable[..., Path],
        make_executor: Callable[[], Executor],
        tmp_path: Path,
        settings: dict[str, Any],
        back: bool,
    ) -> None:
        """From workers to one process, and the other way round."""
        first, second = (None, make_executor()) if back else (make_executor(), None)
        with suppress(InterruptedRun):  # a race chooses from what it has
            perform(tmp_path / "many", first, Watching((90,), _interrupt), **settings)
        before = parts(tmp_path / "many")
        assert before
        perform(tmp_path / "many", second, **settings)
        assert before.items() <= parts(tmp_path / "many").items()
        assert contents(tmp_path / "many") == contents(one(**settings))

    def test_close_is_safe_at_any_time(self, make_executor: Callable[[], Executor]) -> None:
        """Before `open`, and twice."""
        executor = make_executor()
        executor.close()
        executor.close()


def contents(run: Path) -> dict[str, Any]:
    """Every file of a run by its name, without what differs between two runs of the same settings: times."""
    found: dict[str, Any] = {}
    for path in sorted(run.rglob("*")):
        if path.is_file() and path.name not in UNSTABLE:
            found[str(path.relative_to(run))] = path.read_bytes()
    manifest = json.loads(found["run.json"])
    found["run.json"] = {name: value for name, value in manifest.items() if name not in ("times", "checksum")}
    return found


def parts(run: Path) -> dict[str, int]:
    """When each part was written, by name."""
    return {str(path.relative_to(run)): path.stat().st_mtime_ns for path in run.glob("contributions/**/part-*")}


def _settings(material: Path, changes: dict[str, Any]) -> RunConfig:
    given: dict[str, Any] = {
        "pool": str(material / "pool.jsonl"),
        "assessment": "file",
        "assessment_options": {"path": str(material / "tasks.jsonl")},
        "backend": "slow",
        "scorer": "icon",
        "plugins": (str(material / PLUGIN),),
        "baselines": (),
        "selector": "top",
        "report": False,
    }
    return resolve({**given, **changes})


def _interrupt() -> None:
    raise KeyboardInterrupt


def _write(path: Path, records: list[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def _candidate(i: int) -> dict[str, str]:
    shown = random.Random(i).sample(WORDS, i % 7)
    return {"instruction": f"question number {i}", "output": " ".join([f"answer {i} of {i * 7}", *shown])}


def _task(i: int) -> dict[str, str]:
    asked = random.Random(1000 + i).sample(WORDS, 6)
    return {"instruction": f"task {i} alpha", "output": " ".join(asked), "group": "ab"[i % 2]}
