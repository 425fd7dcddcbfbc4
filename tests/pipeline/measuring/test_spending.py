"""A race within a budget never spends more, goes on with more, and comes out the same wherever it was stopped."""

import json
import time
from itertools import product

import pytest

from icon.errors import ConfigError
from icon.runs.scores import read_scores
from icon.testing import FakeBackend
from support.tiers import of_tier

pytestmark = pytest.mark.usefixtures("small_parts")
TO_THE_END = {"capture": 1, "baselines": ()}
BUDGETS = [
    ("120 passes", 120, "passes"),
    ("2k tokens", 2000, "tokens"),
    ("300 passes", 300, "passes"),
    ("5k tokens", 5000, "tokens"),
    ("7500 tokens", 7500, "tokens"),
    ("400 passes", 400, "passes"),
]
CONTROLS = ("none", "random")
STOPS = [("5k tokens", 30), ("300 passes", 75), ("400 passes", 110)]
MORE_STOPS = [("5k tokens", 40), ("300 passes", 30)]


class Counting(FakeBackend):
    """Counts what it is asked to read, as a budget does: a context once, and targets behind it as a tree of tokens."""

    def __init__(self):
        super().__init__()
        self.tokens = self.passes = 0

    def score(self, context, targets):
        texts = [(*self.tokenize(each.prompt), *self.tokenize(each.response)[:-1]) for each in targets]
        beginnings = {text[:length] for text in texts for length in range(1, len(text) + 1)}
        self.tokens += len(self.tokenize(context)) + len(beginnings)
        self.passes += len(targets)
        return super().score(context, targets)


@pytest.mark.parametrize(
    ("given", "control"),
    of_tier(list(zip(BUDGETS, CONTROLS * 3, strict=True)), list(product(BUDGETS, CONTROLS))),
    ids=lambda given: given if isinstance(given, str) else given[0],
)
def test_no_more_is_read_than_the_budget_allows(start, pool, tasks, tmp_path, given, control):
    backend, (budget, amount, unit) = Counting(), given
    settings = TO_THE_END | {"budget": budget, "scorer_options": {"control": control}}
    session = start(pool, tasks, tmp_path / "run", make=lambda: backend, **settings)
    assert session.manifest.results.race.ended == "budget"
    assert 0.7 * amount < getattr(backend, unit) <= amount


def test_pairs_and_passes_of_a_budget_are_the_same_thing_without_a_control(start, pool, tasks, tmp_path, pairs_in):
    """36 pairs on the first sample, 36 on the second, and one pass of each sample behind nothing: 74 passes."""
    settings = TO_THE_END | {"budget": "74 passes", "scorer_options": {"control": "none"}}
    session = start(pool, tasks, tmp_path / "run", **settings)
    assert len(pairs_in(tmp_path / "run")) == session.manifest.results.race.pairs == 72


def test_on_one_sample_each_no_score_says_how_far_off_it_is(start, pool, tasks, tmp_path):
    """36 pairs on the first sample and one pass of it behind nothing: from single measurements nothing can be told."""
    settings = TO_THE_END | {"budget": "37 passes", "scorer_options": {"control": "none"}}
    facts = start(pool, tasks, tmp_path / "run", **settings).manifest.results.race
    assert (facts.capture, facts.reliability) == (None, None)
    rows = [each for each in read_scores(tmp_path / "run/scores.parquet") if each.status == "scored"]
    assert len(rows) == 36
    assert all(each.score is not None and each.decided == "open" for each in rows)
    assert all(each.standard_error is each.low is each.high is each.margin is None for each in rows)


@pytest.mark.parametrize(("budget", "stop"), of_tier(STOPS, STOPS + MORE_STOPS))
def test_stopped_and_gone_on_with_it_ends_at_the_same_place(
    start, stop_after, contents, whole, pool, tasks, tmp_path, budget, stop
):
    settings = TO_THE_END | {"budget": budget}
    expected = json.loads((whole(**settings) / "run.json").read_text())["results"]["race"]
    stopped = start(pool, tasks, tmp_path / "run", stop_after(stop), **settings).manifest.results.race
    assert (expected["ended"], stopped.ended) == ("budget", "interrupted")
    assert stopped.pairs < expected["pairs"]
    start(pool, tasks, tmp_path / "run", **settings)
    assert contents(tmp_path / "run") == contents(whole(**settings))


def test_with_more_it_goes_on_where_it_stood(start, contents, whole, pool, tasks, tmp_path):
    small, large = (TO_THE_END | {"budget": budget} for budget in ("4k tokens", "7k tokens"))
    start(pool, tasks, tmp_path / "twice", **small)
    backend = Counting()
    start(pool, tasks, tmp_path / "twice", make=lambda: backend, **large)
    assert contents(tmp_path / "twice") == contents(whole(**large))
    assert backend.tokens < 7000 - 0.7 * 4000


def test_one_that_the_first_part_does_not_fit_into_is_refused_with_what_that_takes(
    start, pairs_in, pool, tasks, tmp_path
):
    """The first part is one candidate on the first sample, and that sample once conditioned on nothing: two passes."""
    settings = TO_THE_END | {"scorer_options": {"control": "none"}}
    with pytest.raises(ConfigError, match=r"budget: 1 passes .* takes [\d,]+ tokens and 2 passes") as refused:
        start(pool, tasks, tmp_path / "run", budget="1 passes", **settings)
    assert not list((tmp_path / "run").rglob("part-*"))
    backend = Counting()
    session = start(pool, tasks, tmp_path / "run", make=lambda: backend, budget="2 passes", **settings)
    assert session.manifest.results.race.pairs == len(pairs_in(tmp_path / "run")) == 1
    assert f"takes {backend.tokens:,} tokens" in str(refused.value)


class Clock:
    """A clock that stands still but for what the backend reads: a millisecond a token."""

    def __init__(self, backend):
        self.backend = backend

    def __call__(self):
        return self.backend.tokens / 1000


def test_a_time_is_kept_to_by_the_clock(start, pool, tasks, tmp_path, monkeypatch):
    backend = Counting()
    monkeypatch.setattr(time, "perf_counter", Clock(backend))
    settings = TO_THE_END | {"budget": "6s"}
    session = start(pool, tasks, tmp_path / "run", make=lambda: backend, **settings)
    assert session.manifest.results.race.ended == "budget"
    kept_back = 1.5 + 36 * 0.0005  # for choosing and writing 36 rows, without a report, on a machine as fast as nominal
    assert 2 < backend.tokens / 1000 <= 6 - kept_back


def test_with_as_much_time_again_it_goes_further(start, pool, tasks, tmp_path, monkeypatch):
    pairs = []
    for _ in range(2):
        backend = Counting()
        monkeypatch.setattr(time, "perf_counter", Clock(backend))
        session = start(pool, tasks, tmp_path / "run", make=lambda b=backend: b, **TO_THE_END, budget="5s")
        pairs.append(session.manifest.results.race.pairs)
    assert pairs[0] < pairs[1]


class Slow(FakeBackend):
    """Takes its time: some twelve seconds for everything that a race to the end measures below."""

    def score(self, context, targets):
        time.sleep(0.04)
        return super().score(context, targets)


def test_a_short_time_ends_about_when_it_is_over(start, pool, tasks, tmp_path):
    began = time.perf_counter()
    session = start(pool, tasks, tmp_path / "run", make=Slow, schedule="uniform", **TO_THE_END, budget="3s")
    assert session.manifest.results.race.ended == "budget"
    assert time.perf_counter() - began < 7
