"""Ctrl-C between two slices of a race is as good as within one: what was measured is chosen from."""

import pytest

from icon.errors import InterruptedRun
from icon.pipeline.ending import Terminated
from icon.pipeline.schedule import Pace

pytestmark = pytest.mark.usefixtures("small_parts")
SETTINGS = {"capture": 1, "baselines": (), "schedule": "uniform"}


@pytest.fixture
def press(monkeypatch):
    """Raises an interruption right before the slice of that number is begun."""

    def _press(number, interruption):
        begin = Pace.begin

        def interrupted(self, part, plan, finished):
            if part.number == number:
                raise interruption
            begin(self, part, plan, finished)

        monkeypatch.setattr(Pace, "begin", interrupted)
        return lambda: monkeypatch.setattr(Pace, "begin", begin)

    return _press


def test_the_slices_before_it_decide_and_the_run_goes_on_to_the_same_end(
    start, pool, tasks, tmp_path, press, contents, whole
):
    release = press(2, KeyboardInterrupt())
    manifest = start(pool, tasks, tmp_path / "run", **SETTINGS).manifest
    assert (manifest.status, manifest.results.race.ended) == ("interrupted", "interrupted")
    assert manifest.results.race.pairs == 36 * 12  # slices of 8 and 4 samples
    assert (tmp_path / "run/selected.jsonl").exists()
    release()
    start(pool, tasks, tmp_path / "run", **SETTINGS)
    assert contents(tmp_path / "run") == contents(whole(**SETTINGS))


@pytest.mark.parametrize(("number", "interruption"), [(0, KeyboardInterrupt()), (2, Terminated(15))])
def test_nothing_is_chosen_before_the_first_slice_or_after_sigterm(
    start, pool, tasks, tmp_path, press, number, interruption
):
    press(number, interruption)
    with pytest.raises(InterruptedRun):
        start(pool, tasks, tmp_path / "run", **SETTINGS)
    assert not (tmp_path / "run/selected.jsonl").exists()
