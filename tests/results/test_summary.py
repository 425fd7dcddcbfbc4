"""The closing summary of hand-made records: every figure in it worked by hand."""

import json
import random
from dataclasses import replace
from types import SimpleNamespace

import pytest

from icon.results.summary import PREVIEW, Scored, summarise
from icon.types import Contribution, Decision, Keep, Measurement, Message, Sample, ScoreRow, Selection, Status


def sample(id_, row, response="answer", group=None):
    return Sample(id_, row, (Message("user", f"question {id_}"),), response, group=group)


def contribution(id_, score, reason=""):
    if score is None:
        return Contribution(id_, None, status=Status.FAILED, reason=reason)
    return Contribution(id_, score, standard_error=score / 10, reason=reason)


def scored(scores, *, baselines=None, extra=(), measurements=None, audit=None, assessment=(), responses=None, cut=()):
    """Records of one row a candidate, in the order of `scores`; a score of None is a failure. `extra`: more rows."""
    rows, contributions = [], {}
    for row, (id_, score) in enumerate(scores.items()):
        reason = "it broke" if score is None else ""
        found = contribution(id_, score, "demonstration truncated from 9 to 8 tokens" if id_ in cut else reason)
        contributions[id_] = found
        status = "failed" if score is None else "scored"
        rows.append(
            ScoreRow(id_, row, 0, status, found.reason, "why", score=score, standard_error=found.standard_error)
        )
    others = {
        name: {id_: contribution(id_, score) for id_, score in found.items()}
        for name, found in (baselines or {}).items()
    }
    samples = {row.id: sample(row.id, row.row, (responses or {}).get(row.id, "answer")) for row in rows}
    rows += extra
    candidates = [row.id for row in rows if row.status in ("scored", "failed", "not_scored")]
    selection = Selection([Decision(id_, False, None, "why") for id_ in candidates], {"auc": 0.5})
    return Scored(contributions, others, measurements or {}, selection, rows, assessment, samples, audit or {})


def summary(records, *, keep=None, column="c", audit_field=None):
    settings = {"scorer": "icon", "keep": keep or Keep(share=0.5), "seed": 1, "race": None}
    made = SimpleNamespace(column=column, needs_backend=True)
    return summarise(records, made, audit_field=audit_field, **settings).model_dump(mode="json")


def test_best_and_worst_are_the_ends_of_the_scores_from_the_outside_in():
    found = summary(scored({"a": 1.0, "b": -4.0, "failed": None, "c": 3.0, "d": -0.5, "e": 2.0}))
    assert [(row["id"], row["row"], row["score"]) for row in found["best"]] == [
        ("c", 3, 3),
        ("e", 5, 2),
        ("a", 0, 1),
    ]
    assert [row["id"] for row in found["worst"]] == ["b", "d"]  # of five, the one in the middle is among the best
    assert found["best"][0]["standard_error"] == pytest.approx(0.3)
    assert found["best"][0]["prompt"] == "question c"


@pytest.mark.parametrize(("n", "best", "worst"), [(1, 1, 0), (2, 1, 1), (3, 2, 1), (5, 3, 2), (6, 3, 3), (9, 3, 3)])
def test_no_sample_is_among_the_best_and_the_worst(n, best, worst):
    found = summary(scored({f"s{i}": float(i) for i in range(n)}))
    ids = [[row["id"] for row in found[end]] for end in ("best", "worst")]
    assert [len(ids[0]), len(ids[1])] == [best, worst]
    assert not set(ids[0]) & set(ids[1])


def test_long_texts_are_shown_by_their_beginning():
    (best,) = summary(scored({"a": 1.0}, responses={"a": "xy" * PREVIEW}))["best"]
    assert best["response"] == "xy" * (PREVIEW // 2)


def test_against_a_baseline_by_hand():
    ours = {"a": 9.0, "b": 7.0, "c": 6.0, "d": 2.0, "e": 1.0, "ours alone": 99.0, "failed": None}
    theirs = {"a": 50.0, "b": 30.0, "c": 40.0, "d": 20.0, "e": 10.0, "theirs alone": 99.0, "failed": 99.0}
    records = scored(ours, baselines={"length": theirs})
    found = summary(records, keep=Keep(share=0.4))["against"]
    # Ranks differ by 0, 1, 1, 0, 0: 1 - 6 x 2 / (5 x 24); of the top two, a and b here, a and c there, one is common
    assert found == {"length": {"spearman": pytest.approx(0.9), "overlap": 0.5, "candidates": 5, "top": 2}}


def test_every_baseline_is_compared_and_a_failed_value_of_it_leaves_the_candidate_out():
    ours = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}
    baselines = {"up": {"a": 1.0, "b": 2.0, "c": 3.0, "d": None}, "down": {"a": 4.0, "b": 3.0, "c": 2.0, "d": 1.0}}
    found = summary(scored(ours, baselines=baselines), keep=Keep(count=2))["against"]
    assert found["up"] == {"spearman": pytest.approx(1), "overlap": 1.0, "candidates": 3, "top": 2}
    assert found["down"] == {"spearman": pytest.approx(-1), "overlap": 0.0, "candidates": 4, "top": 2}


def test_a_count_to_keep_is_the_same_share_of_the_candidates_compared():
    outside = [ScoreRow(f"n{row}", row, 0, "not_scored", "", "why") for row in range(4, 10)]
    scores = {"a": 4.0, "b": 3.0, "c": 2.0, "d": 1.0}
    found = summary(scored(scores, baselines={"same": scores}, extra=outside), keep=Keep(count=5))["against"]
    assert (found["same"]["candidates"], found["same"]["top"]) == (4, 2)  # 5 of 10 is a half, and half of 4 is 2


def test_without_a_common_candidate_nothing_is_compared():
    found = summary(scored({"a": 1.0}, baselines={"length": {"b": 1.0}}))["against"]["length"]
    assert (found["spearman"], found["overlap"], found["candidates"]) == (None, None, 0)


MARKED = {"s1": 5.0, "s2": 3.0, "s3": 1.0, "w1": 4.0, "w2": 1.0, "odd": 0.0}
MARKS = {0: "", 1: "", 2: "", 3: "weak", 4: "weak", 5: "odd"}


def test_the_audit_is_the_chance_that_an_unmarked_row_stands_above_a_marked_one():
    length = {"s1": 1.0, "s2": 1.0, "s3": 1.0, "w1": 2.0, "w2": 0.0, "odd": 2.0}
    found = summary(scored(MARKED, baselines={"length": length}, audit=MARKS), audit_field="planted")["audit"]
    assert (found["field"], found["unmarked"]) == ("planted", 3)
    # weak: of the six pairs 5 > 4, 5 > 1 and 3 > 1, and 1 = 1 counts half; by length 1 > 0 in three and 1 < 2 in three
    weak, odd = found["kinds"]["weak"], found["kinds"]["odd"]
    assert (weak["n"], weak["auc"]) == (2, {"icon": pytest.approx(3.5 / 6), "length": pytest.approx(0.5)})
    assert (odd["n"], odd["auc"]) == (1, {"icon": 1.0, "length": 0.0})


def test_only_scored_rows_are_audited():
    extra = [ScoreRow("s1", 7, 0, "duplicate", "", "why"), ScoreRow("n", 8, 0, "not_scored", "", "why")]
    records = scored({**MARKED, "broken": None}, audit={**MARKS, 6: "weak", 7: "weak", 8: "weak"}, extra=extra)
    found = summary(records, audit_field="planted")["audit"]
    assert {kind: each["n"] for kind, each in found["kinds"].items()} == {"odd": 1, "weak": 2}
    assert found["unmarked"] == 3
    assert found["kinds"]["weak"]["auc"]["icon"] == pytest.approx(3.5 / 6)


def test_there_is_no_audit_without_a_field_or_where_no_scored_row_is_marked():
    assert summary(scored(MARKED))["audit"] is None
    assert summary(scored(MARKED, audit=dict.fromkeys(MARKS, "")), audit_field="planted")["audit"] is None
    outside = [ScoreRow("n", 9, 0, "not_scored", "", "why")]
    records = scored(MARKED, audit={**dict.fromkeys(MARKS, ""), 9: "weak"}, extra=outside)
    assert summary(records, audit_field="planted")["audit"] is None


def test_rows_failures_groups_and_truncations_are_counted():
    extra = [
        ScoreRow("a", 6, 0, "duplicate", "exact duplicate of row 0", "why"),
        ScoreRow("", 7, 0, "bad_row", "line 8: ...", "why"),
        ScoreRow("n", 8, 0, "not_scored", "", "why", selected=True),
        ScoreRow("m", 9, 0, "not_scored", "", "why", selected=True),
    ]
    scores = {"a": 1.0, "b": None, "c": None, "d": 2.0, "e": 0.0, "f": 3.0}
    tasks = [sample("t1", 0, group="maths"), sample("t2", 1, group="lists"), sample("t3", 2, group="maths")]
    tasks.append(sample("t4", 3))
    found = summary(scored(scores, extra=extra, assessment=tasks, cut={"d", "f"}), keep=Keep(share=0.15))
    assert found["rows"] == {"scored": 4, "failed": 2, "duplicate": 1, "bad_row": 1, "not_scored": 2}
    assert found["failures"] == {"it broke": 2}
    assert found["truncated"] == 2
    assert found["assessment"] == {"samples": 4, "groups": {"lists": 1, "maths": 2}}
    assert (found["selected"], found["candidates"], found["keep"]) == (2, 8, "15%")
    assert found["selection_quality"] == {"auc": 0.5}


def pairs(id_, values, **columns):
    rows = [Measurement(id_, f"t{i}", c=value) for i, value in enumerate(values)]
    return [replace(row, **{name: column[i] for name, column in columns.items()}) for i, row in enumerate(rows)]


def test_reliability_is_one_where_every_task_gives_the_same_order():
    measurements = {id_: pairs(id_, [base + i for i in range(6)]) for id_, base in (("a", 1.0), ("b", 2.0), ("c", 5.0))}
    found = summary(scored({"a": 1.0, "b": 2.0, "c": 5.0}, measurements=measurements))["reliability"]
    assert found == {"half": pytest.approx(1), "full": pytest.approx(1), "splits": 20, "samples": 6}


def test_reliability_is_that_of_the_measurement_the_score_is_drawn_from():
    # By log-gain all tasks agree; by c all candidates tie over the six, so what one half gives the other half takes,
    # but where both halves tie as well, which counts as 0
    order = {"a": [1.0, 2.0, 3.0] * 2, "b": [2.0, 3.0, 1.0] * 2, "c": [3.0, 1.0, 2.0] * 2}
    gains = {"a": [1.0] * 6, "b": [2.0] * 6, "c": [3.0] * 6}
    measurements = {id_: pairs(id_, values, log_gain=gains[id_]) for id_, values in order.items()}
    records = scored({"a": 1.0, "b": 2.0, "c": 3.0}, measurements=measurements)
    assert summary(records, column="log_gain")["reliability"]["half"] == pytest.approx(1)
    assert -1 <= summary(records, column="c")["reliability"]["half"] < -0.5


def test_reliability_is_not_claimed_for_noise_or_for_too_little():
    draw = random.Random(5)
    noise = {str(n): pairs(str(n), [draw.gauss(0, 1) for _ in range(40)]) for n in range(200)}
    scores = {id_: sum(row.c for row in rows) / 40 for id_, rows in noise.items()}
    assert abs(summary(scored(scores, measurements=noise))["reliability"]["half"]) < 0.2
    alone = {id_: [Measurement(id_, value=score)] for id_, score in scores.items()}
    assert summary(scored(scores, measurements=alone))["reliability"] is None
    few = {id_: noise[id_] for id_ in ("0", "1")}
    assert summary(scored(scores, measurements=few))["reliability"] is None


def test_it_is_plain_data():
    records = scored(MARKED, baselines={"length": MARKED}, audit=MARKS, assessment=[sample("t", 0, group="g")])
    found = summary(records, audit_field="planted")
    assert json.loads(json.dumps(found)) == found


def test_failures_of_one_reason_are_counted_together_whatever_sample_they_name():
    rows = [
        ScoreRow(f"n{n}", n, 0, "failed", f"sample {n:016x} (row {n}): the template leaves tools out", "why")
        for n in (7, 8, 9)
    ]
    found = summary(scored({"a": 1.0, "b": 2.0}, extra=rows))
    assert found["failures"] == {"the template leaves tools out": 3}
