"""Margins against the cut, worked by hand: paired differences to the last one kept on the samples that both have."""

import json
import math

import numpy as np
import pytest
from scipy.stats import ttest_rel

import icon
from icon.results.report._certainty import around_the_cut, last_kept
from icon.results.report._margins import margin
from icon.testing import FakeBackend
from icon.types import ScoreRow

LAST = {"s1": 0.1, "s2": 0.5, "s3": 0.9, "s4": 1.3}
"""The last one kept: its mean is 0.7. Samples differ by far more than candidates do."""

OWN = {"s1": 0.2, "s2": 0.8, "s3": 1.0, "s4": 1.6}
"""Better by 0.1, 0.3, 0.1 and 0.3: 0.2 in the mean, deviations of 0.1, so a variance of 4 * 0.01 / 3."""


def test_the_margin_and_its_error_by_hand():
    found = margin(OWN, LAST)
    assert found.value == pytest.approx(0.2)
    assert found.error == pytest.approx(math.sqrt(0.04 / 3) / 2)  # 0.0577
    assert found.reach == pytest.approx(3.1824 * 0.057735, rel=1e-4)  # t of 3 degrees of freedom, 97.5%
    assert (found.n, found.side()) == (4, 1)
    worse = margin(LAST, OWN)
    assert (worse.value, worse.error, worse.side()) == (pytest.approx(-0.2), found.error, -1)


@pytest.mark.parametrize(("n", "side"), [(4, 0), (5, 0), (6, 1)])
def test_differences_that_are_all_the_same_are_more_than_chance_from_six_samples_on(n, side):
    """Votes of 1 against 0 on n samples: all on one side in 2 * 0.5^n of the cases, 0.0625 for 5, 0.031 for 6."""
    samples = [f"s{i}" for i in range(n)]
    found = margin(dict.fromkeys(samples, 1.0), dict.fromkeys(samples, 0.0))
    assert (found.value, found.error, found.side()) == (1.0, 0.0, side)
    assert found.reach is None  # no interval of no width
    assert found.side(comparisons=1770) == 0


def test_what_samples_do_to_all_candidates_is_no_error_of_a_comparison():
    alone = np.std(list(LAST.values()), ddof=1) / 2  # 0.258: intervals of the two scores by themselves overlap
    assert margin(OWN, LAST).error < alone / 4


def test_the_interval_leaves_out_0_where_a_paired_t_test_says_so_at_5_percent():
    draw = np.random.default_rng(3)
    level = draw.normal(size=12)
    sides = []
    for shift in np.linspace(0, 0.5, 11):
        one, other = level + shift + draw.normal(scale=0.3, size=12), level + draw.normal(scale=0.3, size=12)
        own, last = ({f"s{at}": value for at, value in enumerate(each)} for each in (one.tolist(), other.tolist()))
        sides.append(margin(own, last).side())
        assert (sides[-1] != 0) == (ttest_rel(one, other).pvalue < 0.05)
    assert {0, 1} <= set(sides)


def test_of_several_comparisons_each_has_its_share_of_the_5_percent():
    found = margin({name: value + 0.01 * (at + 1) for at, (name, value) in enumerate(LAST.items())}, LAST)
    chance = ttest_rel([0.01, 0.02, 0.03, 0.04], [0.0] * 4).pvalue  # 0.0305
    assert found.side(int(0.05 / chance)) == 1
    assert found.side(int(0.05 / chance) + 1) == 0


@pytest.mark.parametrize(("kept", "samples"), [(1, 36), (9, 10), (9, 36), (30, 36)])
def test_of_noise_a_page_seldom_says_that_any_differs_from_the_last_one_kept(kept, samples):
    draw = np.random.default_rng(5)
    pages = [noise(draw.normal(size=(60, samples)), kept) for _ in range(40)]
    assert sum(found["above"] + found["below"] > 0 for found in pages) <= 4  # 5% of 40 is 2; more than 4: 1 of 20


def noise(drawn, kept):
    rows = [ScoreRow(f"{at:02}", at, 0, "scored", "", "why", score=float(own.mean())) for at, own in enumerate(drawn)]
    return around_the_cut(rows, kept, {f"{at:02}": dict(enumerate(own.tolist())) for at, own in enumerate(drawn)})


def test_a_candidate_far_above_the_others_is_better_by_more_than_chance():
    drawn = np.random.default_rng(6).normal(size=(60, 36))
    drawn[7] += 3
    found = noise(drawn, 9)
    assert (found["above"], found["below"], found["open"]) == (1, 0, 58)


def test_the_last_one_is_said_to_be_kept_only_where_the_best_by_score_are_selected():
    def words(*kept):
        rows = [row(name, score, selected=name in kept) for name, score in (("a", 0.9), ("b", 0.7), ("c", 0.1))]
        return last_kept(around_the_cut(rows, 2, {"a": OWN, "b": LAST}), selected=True)

    assert words("a", "b") == "the last one kept"
    assert words("a", "c") == words("c") == "the last of the best 2 by score"


def test_samples_that_only_one_was_measured_on_do_not_count():
    assert margin({"s1": 0.2, "other": 9.0}, LAST).value == pytest.approx(0.1)
    assert margin({"s1": 0.2}, LAST).error is None
    assert margin({"s1": 0.2}, LAST).side() == 0
    assert margin({"other": 1.0}, LAST) is None


def row(id_, score, **more):
    return ScoreRow(id_, ord(id_), 0, "scored", "", "why", score=score, **more)


def test_each_candidate_is_compared_with_the_last_one_kept():
    measured = {
        "a": OWN,
        "b": LAST,
        "c": {name: value - 0.01 * (-1) ** at for at, (name, value) in enumerate(LAST.items())},
    }
    rows = [row("c", 0.69), row("b", 0.7, selected=True), row("a", 0.9, selected=True), row("d", 0.1)]
    found = around_the_cut(rows, 2, measured)
    assert (found["kind"], found["last"], found["rank"]) == ("paired", ord("b"), [1, 2, 3, 4])
    assert found["margin"] == [pytest.approx(0.2), 0, pytest.approx(0, abs=1e-9), None]  # d has no measurement
    # a alone differs at 5% (p = 0.0405), but not at 5% over the three pairs of a, b and c
    assert (found["above"], found["open"], found["below"], found["n"]) == (0, 2, 0, 2)
    assert found["low"][1] is None
    assert found["low"][0] == pytest.approx(0.2 - 3.1824 * 0.057735, rel=1e-3)


def test_at_equal_length_the_margin_is_that_of_the_adjusted_scores():
    rows = [row("a", 0.75, raw_score=0.9), row("b", 0.7, raw_score=0.7), row("c", 0.0)]
    found = around_the_cut(rows, 2, {"a": OWN, "b": LAST})
    assert found["margin"][0] == pytest.approx(0.05)  # 0.2 as measured, less the 0.15 that its length made


def test_without_measurements_and_where_all_are_kept_there_are_no_margins():
    rows = [row("a", 2.0, standard_error=0.1), row("b", 1.0, standard_error=0.1)]
    assert around_the_cut(rows, 1, {}) is None
    assert around_the_cut(rows, 2, {"a": OWN, "b": LAST}) is None


def write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_margins_of_a_run_are_the_differences_of_its_scores(tmp_path):
    pool = write(tmp_path / "pool.jsonl", [{"instruction": f"ask {i}", "output": f"say {i} {i * i}"} for i in range(9)])
    tasks = write(tmp_path / "tasks.jsonl", [{"instruction": f"task {i}", "output": f"done {i}"} for i in range(5)])
    for scorer in ("icon", "length"):
        run = icon.run(pool, scorer=scorer, assessment=tasks, keep="3", backend=FakeBackend(), out=tmp_path / scorer)
        text = (run.path / "report.html").read_text()
        charts = json.loads(text.partition('id="charts">')[2].partition("</script>")[0])
        if scorer == "length":
            assert charts["certainty"] is None
            continue
        scores = sorted((row.score for row in run.rows if row.score is not None), reverse=True)
        assert charts["certainty"]["margin"] == pytest.approx([score - scores[2] for score in scores], abs=1e-5)
        assert None not in charts["certainty"]["low"][:2]


def test_a_damaged_part_is_named_on_the_page_that_its_pairs_are_missing_from(tmp_path):
    pool = write(tmp_path / "pool.jsonl", [{"instruction": f"ask {i}", "output": f"say {i} {i * i}"} for i in range(9)])
    tasks = write(tmp_path / "tasks.jsonl", [{"instruction": f"task {i}", "output": f"done {i}"} for i in range(5)])
    run = icon.run(pool, assessment=tasks, keep="3", backend=FakeBackend(), out=tmp_path / "run")
    part = next((run.path / "contributions").glob("part-000000-*.parquet"))
    data = part.read_bytes()
    part.write_bytes(data[:100] + bytes([data[100] ^ 1]) + data[101:])
    page = run.report(tmp_path / "page.html").read_text()
    assert f"without the pairs of {part.name}: its checksum does not fit its bytes" in page
