"""A race on the run directory: what it measures, what it says of each candidate, and that exact is still exact."""

import json
from collections import Counter, defaultdict

import pyarrow.parquet as pq
import pytest

from icon.errors import RunError
from icon.runs.scores import read_scores
from icon.testing import FakeBackend
from icon.types import Status, TokenLogProbs

PAIRS = 36 * 34


def rows_of(folder):
    return {each.row: each for each in read_scores(folder / "scores.parquet")}


def race_of(folder):
    return json.loads((folder / "run.json").read_text())["results"]["race"]


def test_a_race_measures_fewer_pairs_than_exact_and_says_how_many(whole, pairs_in):
    raced = race_of(whole(capture=0.95))
    assert len(pairs_in(whole(capture=0.95))) == raced["pairs"] < PAIRS
    assert (raced["pairs_exact"], raced["samples"]) == (PAIRS, 34)
    exact = whole(schedule="exact")
    assert len(pairs_in(exact)) == PAIRS
    assert not list((exact / "contributions").glob("slice-*"))


def test_below_32_assessment_samples_every_pair_is_measured(start, pool, few_tasks, tmp_path, pairs_in):
    session = start(pool, few_tasks, tmp_path / "run")
    assert len(pairs_in(tmp_path / "run")) == 36 * 31
    assert session.manifest.results.race is None
    assert {each.decided for each in rows_of(tmp_path / "run").values()} == {""}


def test_the_choice_of_a_race_captures_the_gain_asked_for(whole):
    """By the exact scores: (mean of the chosen - mean of all) / (mean of the best - mean of all)."""
    exact, raced = rows_of(whole(schedule="exact")), rows_of(whole(capture=0.95))
    means = [
        sum(exact[row].score for row in chosen) / len(chosen)
        for chosen in (
            [row for row in exact if raced[row].selected],
            [row for row in exact if exact[row].selected],
            list(exact),
        )
    ]
    assert (means[0] - means[2]) / (means[1] - means[2]) >= 0.95


@pytest.mark.parametrize("rank_by", ["contribution", "log-gain"])
def test_uniform_to_the_end_gives_the_exact_scores_and_selection(whole, rank_by):
    options = {"rank_by": rank_by}
    exact = rows_of(whole(schedule="exact", scorer_options=options))
    uniform = rows_of(whole(schedule="uniform", capture=1, scorer_options=options))
    for row, each in uniform.items():
        assert each.score == pytest.approx(exact[row].score, abs=1e-9)
        assert (each.selected, each.rank, each.n_assessed) == (exact[row].selected, exact[row].rank, 34)
        assert (each.low, each.high, each.margin) == pytest.approx((each.score, each.score, 0), abs=1e-9)
        assert each.decided == ("in" if each.selected else "out")


@pytest.mark.parametrize("order", ["stratified", "informative"])
def test_who_is_measured_on_everything_has_the_exact_score(whole, order):
    exact, raced = rows_of(whole(schedule="exact")), rows_of(whole(capture=1, order=order))
    everywhere = [row for row, each in raced.items() if each.n_assessed == 34]
    assert 1 <= len(everywhere) < 36
    for row in everywhere:
        assert raced[row].score == pytest.approx(exact[row].score, abs=1e-9)
        assert raced[row].margin == 0
        assert raced[row].log_gain == pytest.approx(exact[row].log_gain, abs=1e-9)


def test_every_candidate_has_its_interval_and_the_number_of_its_measurements(whole, pairs_in):
    run = whole(capture=1)
    measured = Counter(candidate for candidate, _ in pairs_in(run))
    found = rows_of(run)
    for each in found.values():
        assert each.status == "scored"
        assert each.low <= each.score <= each.high
        assert (each.margin > 0) == (each.n_assessed < 34)
        assert each.decided in ("in", "out", "open")
        assert each.n_assessed == measured[each.id]
    decided = Counter(each.decided for each in found.values())
    race = race_of(run)
    assert (decided["in"], decided["out"], decided["open"]) == (race["decided_in"], race["decided_out"], race["open"])


def test_all_candidates_of_a_round_are_measured_on_the_same_samples(whole):
    seen = set()
    for folder in sorted((whole(capture=1) / "contributions").glob("slice-*")):
        samples = defaultdict(set)
        for path in folder.glob("part-0*"):
            for row in pq.read_table(path).to_pylist():
                samples[row["candidate"]].add(row["assessment"])
        (same,) = {frozenset(each) for each in samples.values()}
        assert not same & seen
        seen |= same
    assert len(seen) == 34


class Failing(FakeBackend):
    """Cannot score behind a text with this mark, from the third time on that it is asked to."""

    def __init__(self, mark, times):
        super().__init__()
        self.mark, self.left = mark, times

    def score(self, context, targets):
        got = super().score(context, targets)
        if self.mark not in context:
            return got
        self.left -= 1
        return got if self.left >= 0 else [TokenLogProbs(each.token_ids, (), Status.FAILED, "no room") for each in got]


@pytest.mark.parametrize(("times", "told"), [(0, "8 of 8 failed"), (2, "5 of 17 failed")])
def test_a_candidate_that_fails_leaves_the_race_without_a_score(start, pool, tasks, tmp_path, pairs_in, times, told):
    """Candidate 7 is open until the end here, so it is asked for slice after slice."""
    make = lambda: Failing("answer 7 of 49", times)  # noqa: E731
    start(pool, tasks, tmp_path / "run", make=make, capture=1)
    found = rows_of(tmp_path / "run")
    assert (found[7].status, found[7].score, found[7].decided, found[7].selected) == ("failed", None, "", False)
    assert told in found[7].reason
    assert "no room" in found[7].reason
    assert {each.status for row, each in found.items() if row != 7} == {"scored"}
    assert all(each.score is not None and each.decided for row, each in found.items() if row != 7)
    assert Counter(candidate for candidate, _ in pairs_in(tmp_path / "run"))[found[7].id] == (8, 12, 17)[times]


def test_where_every_candidate_fails_the_first_reason_is_told(start, pool, tasks, tmp_path):
    with pytest.raises(RunError, match=r"no candidate could be scored.*no room"):
        start(pool, tasks, tmp_path / "run", make=lambda: Failing("answer", 0))
