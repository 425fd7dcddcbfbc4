"""`icon run --budget 2m` selects where what was measured carries a choice, and says so first where it does not.

The model is one without weights on a clock of its own, which reads so many tokens per second.
"""

from __future__ import annotations

import json
import random
import shlex
import time

import pytest

N, SAMPLES = 200, 40
WORDS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "islet", "jetty", "knoll", "larch"]

PLUGIN = """
import time

from icon.plugins import Strategy, hookimpl
from icon.testing import FakeBackend

class Slow(FakeBackend):
    def score(self, context, targets):
        before = self.tokens_evaluated
        found = super().score(context, targets)
        time.perf_counter.ahead += (self.tokens_evaluated - before) / {speed}
        return found

@hookimpl
def icon_backends():
    return [Strategy("fake", "no model at all", lambda options: Slow())]
"""


class Clock:
    """The clock of the process, ahead by the seconds that the model would have taken."""

    def __init__(self):
        self.ahead, self._real = 0.0, time.perf_counter

    def __call__(self):
        return self._real() + self.ahead


@pytest.fixture
def pool_and_tasks(tmp_path):
    """200 records in the form of Alpaca's, as long as one another, that show none to ten words 40 tasks ask for."""
    draw, pool = random.Random(3), []
    for i in range(N):
        words = [*draw.sample(WORDS, i % 11), *["word"] * (10 - i % 11)]
        pool.append({"instruction": f"Tell me of number {i}", "input": "", "output": " ".join([f"It is {i}.", *words])})
    tasks = [{"instruction": f"Task {i}", "output": " ".join(draw.sample(WORDS, 8))} for i in range(SAMPLES)]
    for name, records in (("pool", pool), ("tasks", tasks)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))


@pytest.fixture
def at_speed(with_fake_backend, pool_and_tasks, tmp_path, monkeypatch):
    """Runs a command with a model of so many tokens per second; what is printed, and the run's folder."""

    def run(speed, *words, code):
        monkeypatch.setattr(time, "perf_counter", Clock())
        plugin = PLUGIN.format(speed=speed)
        return with_fake_backend(*words, plugin=plugin, code=code, cwd=tmp_path, columns=100), tmp_path / "run"

    return run


SETTINGS = ["pool.jsonl", "--scorer", "icon", "--assessment", "tasks.jsonl", "--backend", "fake", "--out", "run"]


def lines_of(done):
    return [line for line in done.stdout.splitlines() if line.strip()]


def test_a_budget_that_is_too_short_for_a_choice_says_how_much_longer_in_the_first_line_and_selects_nothing(at_speed):
    done, folder = at_speed(20, "run", *SETTINGS, "--budget", "2m", code=3)
    first, *others = lines_of(done)
    assert first.startswith("Not usable yet: about ")
    assert "more minutes of measuring" in first
    assert not (folder / "selected.jsonl").exists()
    assert not (folder / "dropped.jsonl").exists()
    assert (folder / "scores.parquet").exists()
    (following,) = [line for line in others if line.startswith("next: ")]
    assert following.startswith("next: icon run --config run/run.json --budget ")


def test_the_command_that_it_prints_goes_on_and_its_time_is_enough(at_speed):
    done, _ = at_speed(20, "run", *SETTINGS, "--budget", "2m", "--json", code=3)
    advice = json.loads(done.stdout)["advice"]
    assert advice["minutes"] > 2
    program, *words = shlex.split(advice["commands"][0])
    assert program == "icon"
    done, folder = at_speed(20, *words, "--json", code=0)
    assert json.loads(done.stdout)["advice"]["kind"] == "use"
    assert len((folder / "selected.jsonl").read_text().splitlines()) == 30


def test_a_model_that_is_fast_enough_gives_a_choice_of_the_share_of_the_pool(at_speed):
    done, folder = at_speed(50_000, "run", *SETTINGS, "--budget", "2m", code=0)
    assert lines_of(done)[0] == "Usable: 30 of 200 candidates (15% of 200) selected."
    assert len((folder / "selected.jsonl").read_text().splitlines()) == 30
    assert any(line == "next: icon export run --to trl" for line in lines_of(done))


def test_the_commands_that_a_usable_choice_gives_run_as_they_are_printed(at_speed):
    done, folder = at_speed(50_000, "run", *SETTINGS, "--no-report", "--json", code=0)
    for command in json.loads(done.stdout)["advice"]["commands"]:
        at_speed(50_000, *shlex.split(command)[1:], code=0)
    assert list((folder / "export").iterdir())
    assert (folder.parent / "run-held/held_out.jsonl").exists()


def test_a_preview_that_is_too_short_is_done_and_says_the_same(at_speed):
    done, folder = at_speed(20, "preview", *SETTINGS, "--budget", "1m", code=0)
    assert lines_of(done)[0].startswith("Not usable yet: about ")
    assert not (folder / "selected.jsonl").exists()
    shown = [line.split()[1] for line in lines_of(done) if line.startswith("row ")]
    assert len(shown) == len(set(shown))
