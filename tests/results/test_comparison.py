"""Two hand-made runs compared: every figure worked by hand, or by scipy."""

import json
import random
from dataclasses import replace

import pytest
from scipy.stats import spearmanr

from icon.config import RunConfig
from icon.errors import InputError
from icon.results import compare as comparing
from icon.results.compare import Side
from icon.runs.manifest import Manifest
from icon.runs.model_record import ModelRecord
from icon.runs.records import AssessStage, Inputs, PoolInput, SelectStage, Stages
from icon.types import RowStatus, ScoreRow


def compare(a, b):
    """The comparison as `--json` prints it."""
    return comparing.compare(a, b).model_dump(mode="json")


def row(id_, number, score=None, *, status="scored", **more):
    return ScoreRow(id_, number, 0, RowStatus(status), "", "why", score=score, **more)


MODEL = {
    "backend": "x",
    "model": "m",
    "digest": "d",
    "precision": "F16",
    "tokenizer_digest": "t",
    "context_length": 64,
    "bos": True,
    "device": "cpu",
}


def chosen(keep):
    return SelectStage(selector="top", keep=keep, records_selected=1, records_dropped=0)


def run(name, rows, *, pool="p", assessment="s", samples=4, model=None, **config):
    manifest = Manifest(
        config=RunConfig(seed=1, **config),
        inputs=Inputs(pool=PoolInput(source=f"{name}.jsonl", digest=pool, format="alpaca", rows=len(rows))),
        model=ModelRecord(**{**MODEL, **model}) if model else None,
        stages=Stages(assess=AssessStage(digest=assessment, samples=samples), select=chosen("15%")),
        status="done",
    )
    return Side(name, rows, manifest)


def scored(scores, **more):
    """Rows in the order of the dictionary, so that two runs may hold the same ids in another order."""
    return [row(id_, number, score, **more) for number, (id_, score) in enumerate(scores.items())]


# The order of b: i2 first and i1 fourth of 20, i3 and everything else behind
A = {f"i{n:02}": 100.0 - n for n in range(1, 21)}
B = {"i02": 90.0, "i10": 80.0, "i11": 70.0, "i01": 60.0, "i03": 50.0} | {
    f"i{n:02}": 40.0 - n for n in (*range(4, 10), *range(12, 21))
}


def test_candidates_are_joined_by_id_and_not_by_row():
    a, b = {"x": 1.0, "y": 2.0, "z": 3.0}, {"z": 30.0, "x": 10.0, "y": 20.0}
    found = compare(run("a", scored(a)), run("b", scored(b)))
    assert found["spearman"]["score"]["value"] == pytest.approx(1)
    assert compare(run("b", scored(b)), run("a", scored(a)))["spearman"] == found["spearman"]


def test_rank_correlation_is_scipys_over_the_candidates_in_common():
    draw = random.Random(3)
    a = {f"i{n}": draw.choice([0.5, 1.5, draw.random()]) for n in range(40)}  # with ties
    b = {f"i{n}": draw.choice([0.5, 1.5, draw.random()]) for n in range(39, 9, -1)}
    left = [row(id_, n, score, log_gain=-score) for n, (id_, score) in enumerate(a.items())]
    right = [row(id_, n, score, log_gain=score) for n, (id_, score) in enumerate(b.items())]
    found = compare(run("a", left), run("b", right))
    oracle = spearmanr([a[id_] for id_ in b], list(b.values())).statistic
    assert found["spearman"]["score"] == {"value": pytest.approx(oracle), "n": 30, "reason": ""}
    assert found["spearman"]["log_gain"] == {"value": pytest.approx(-oracle), "n": 30, "reason": ""}


def test_overlap_of_the_tops_by_hand_with_that_of_chance_beside_it():
    found = compare(run("a", scored(A)), run("b", scored(B)))["overlap"]
    # of 20: tops of 1, 2, 3 and 5; i01 and i02 lead in A, i02, i10, i11, i01, i03 in B
    tops = [(0.05, 1, 0), (0.10, 2, 1), (0.15, 3, 1), (0.25, 5, 3)]
    assert found == [
        {"share": share, "top": n, "both": both}
        | {"overlap": pytest.approx(both / n), "drawn": pytest.approx(both / n), "expected": share}
        for share, n, both in tops
    ]


def test_ties_at_the_edge_of_a_top_are_broken_by_id_whatever_the_order_of_the_rows():
    same = {f"i{n:02}": 1.0 for n in range(20)}
    found = compare(run("a", scored(same)), run("b", scored(dict(reversed(same.items())))))
    assert [top["overlap"] for top in found["overlap"]] == [1, 1, 1, 1]


def test_where_draws_decide_between_equal_scores_tops_have_less_in_common_than_where_ids_do():
    """In A 4 tie for all of the top 3, in B 10, among them those 4; 16 of the 20 are at 0 in A and 10 in B."""
    a = {f"i{n:02}": float(n < 4) for n in range(20)}
    b = {f"i{n:02}": float(n < 10) for n in range(20)}
    for left, right in ((a, b), (b, a)):
        top = compare(run("a", scored(left)), run("b", scored(right)))["overlap"][2]
        assert (top["top"], top["both"], top["overlap"]) == (3, 3, 1.0)
        assert top["drawn"] == pytest.approx(4 * (3 / 4) * (3 / 10) / 3)
    own = compare(run("a", scored(a)), run("b", scored(a)))["overlap"]
    assert own[2]["drawn"] == pytest.approx(3 / 4)
    assert own[3]["drawn"] == pytest.approx((4 + 16 * (1 / 16) ** 2) / 5)


def test_what_a_choice_captures_does_not_depend_on_the_ids_of_those_that_tie():
    """A has one above, and four that tie for the other two of its top three; B scores these 10, 20, 30 and 40."""
    a = {f"i{n:02}": 1.0 if n == 1 else 0.5 if n <= 5 else 0.0 for n in range(1, 21)}
    b = {f"i{n:02}": 50.0 if n == 1 else 10.0 * (n - 1) if n <= 5 else 0.0 for n in range(1, 21)}
    found = compare(run("a", scored(a)), run("b", scored(b)))["captured_gain"]
    # 50 and two of four with a mean of 25; B's own are 50, 40 and 30, and all 20 have a mean of 7.5
    assert found["a_in_b"]["value"] == pytest.approx(((50 + 25 + 25) / 3 - 7.5) / (40 - 7.5))
    # by A, the mean of all is 3 / 20; B's top three have 1, 0.5 and 0.5, as A's own
    assert found["b_in_a"]["value"] == pytest.approx(1)


def test_scores_of_different_scorers_are_said_to_be_different_quantities():
    scores = {"x": 1.0, "y": 2.0, "z": 3.0}
    found = compare(run("a", scored(scores), scorer="icon"), run("b", scored(scores), scorer="nuggets"))["warnings"]
    assert found[0].startswith("the scorers differ (icon and nuggets): compare ranks")
    assert not compare(run("a", scored(scores)), run("b", scored(scores)))["warnings"]


def test_captured_gain_by_hand_in_both_directions():
    found = compare(run("a", scored(A)), run("b", scored(B)))["captured_gain"]
    # In B: the five named come to 350, the others to 15 x 40 - (39 + 144) = 417: a mean of 38.35. A's top three, i01 to
    # i03, have 60, 90 and 50 there, a mean of 200/3; B's own 90, 80 and 70, a mean of 80.
    assert found["a_in_b"]["value"] == pytest.approx((200 / 3 - 38.35) / (80 - 38.35))
    # In A the mean is 89.5; B's top three, i02, i10 and i11, have 98, 90 and 89; A's own 99, 98 and 97, a mean of 98.
    assert found["b_in_a"]["value"] == pytest.approx((277 / 3 - 89.5) / (98 - 89.5))
    assert (found["share"], found["a_in_b"]["top"]) == (0.15, 3)


def test_a_run_captures_all_of_its_own_gain_and_an_opposite_one_less_than_none():
    turned = {id_: -score for id_, score in A.items()}
    same, opposite = (compare(run("a", scored(A)), run("b", scored(b)))["captured_gain"] for b in (A, turned))
    assert same["a_in_b"]["value"] == same["b_in_a"]["value"] == pytest.approx(1)
    assert opposite["a_in_b"]["value"] == pytest.approx(-1)


def test_a_score_without_variation_gives_a_reason_and_no_number():
    flat = compare(run("a", scored(A)), run("b", scored(dict.fromkeys(A, 0.1))))
    assert flat["captured_gain"]["a_in_b"]["value"] is None
    assert "no score is above" in flat["captured_gain"]["a_in_b"]["reason"]
    assert flat["captured_gain"]["b_in_a"]["value"] is not None
    assert flat["spearman"]["score"] == {"value": None, "n": 20, "reason": "all values of one side are equal"}


@pytest.mark.parametrize("n", [1, 2])
def test_fewer_than_three_candidates_in_common_have_no_correlation_and_say_why(n):
    few = dict(list(A.items())[:n])
    found = compare(run("a", scored(A)), run("b", scored(few)))
    assert found["spearman"]["score"] == {"value": None, "n": n, "reason": f"{n} in common, at least 3 are needed"}
    assert "NaN" not in json.dumps(found)


def test_candidates_are_counted_by_id_and_rows_that_are_none_apart():
    a = [row("x", 0, 1.0), row("y", 1, 2.0), row("u", 2, status="not_scored"), row("x", 3, status="duplicate")]
    b = [row("y", 0, 5.0), row("x", 1, status="failed"), row("v", 2, 3.0), row("", 3, status="bad_row")]
    b += [row("u", 4, status="held_out"), row("", 5, status="bad_row")]
    found = compare(run("a", a), run("b", b))
    assert found["rows"] == {
        "a": 3,
        "b": 3,
        "both": 2,
        "only_a": 1,
        "only_b": 1,
        "no_candidate_a": 1,
        "no_candidate_b": 3,
    }
    assert found["scored"] == {"a": 2, "b": 2, "both": 1}


def test_overlap_of_the_selections_counts_what_was_selected_unscored_too():
    a = [row("x", 0, 1.0, selected=True), row("y", 1, status="not_scored", selected=True), row("z", 2, 2.0)]
    b = [row("x", 0, 1.0), row("y", 1, 4.0, selected=True), row("z", 2, 2.0, selected=True), row("w", 3, selected=True)]
    found = compare(run("a", a), run("b", b))["selected"]
    assert found == {"a": 2, "b": 3, "both": 1, "jaccard": 1 / 4, "share_of_a": 1 / 2, "share_of_b": 1 / 3}
    none = compare(run("a", scored(A)), run("b", b + scored(A)))["selected"]
    assert (none["jaccard"], none["share_of_a"], none["share_of_b"]) == (0, None, 0)


def test_task_groups_by_hand_over_the_candidates_scored_in_both():
    a = [
        row(id_, n, 0.0, groups={"g": g, "mine": 1.0})
        for n, (id_, g) in enumerate({"x": 0.1, "y": 0.2, "z": 0.6}.items())
    ]
    a.append(row("only a", 3, 0.0, groups={"g": 99.0}))
    b = [
        row(id_, n, 0.0, groups={"g": g, "yours": 1.0})
        for n, (id_, g) in enumerate({"z": 0.5, "y": 0.9, "x": 0.7}.items())
    ]
    found = compare(run("a", a), run("b", b))
    # ranks in A: x 1, y 2, z 3; in B: z 1, x 2, y 3; differences 1, 1, -2: 1 - 6 x 6 / (3 x 8)
    assert found["groups"] == {
        "g": {
            "n": 3,
            "mean_a": pytest.approx(0.3),
            "mean_b": pytest.approx(0.7),
            "difference": pytest.approx(0.4),
            "spearman": {"value": pytest.approx(-0.5), "n": 3, "reason": ""},
        }
    }
    assert found["groups_only"] == {"a": ["mine"], "b": ["yours"]}


def test_every_setting_that_differs_is_listed_and_no_other():
    one = run("a", scored(A), scorer_options={"control": "none"}, backend="x", model={"precision": "F16", "bos": True})
    two = run("b", scored(B), scorer_options={}, backend="x", model={"precision": "F32", "bos": True})
    found = {setting["name"]: (setting["a"], setting["b"]) for setting in compare(one, two)["settings"]}
    assert found == {
        "scorer_options.control": ("none", None),
        "inputs.pool.source": ("a.jsonl", "b.jsonl"),
        "model.precision": ("F16", "F32"),
    }


def test_a_choice_made_anew_with_another_keep_is_a_difference():
    one, two = run("a", scored(A)), run("b", scored(A))
    stages = two.manifest.stages.model_copy(update={"select": chosen("5%")})
    two = replace(two, manifest=two.manifest.updated(stages=stages))
    assert {"name": "select.keep", "a": "15%", "b": "5%"} in compare(one, two)["settings"]


def test_other_pools_and_other_assessment_sets_are_said():
    same = compare(run("a", scored(A)), run("b", scored(B)))
    assert same["warnings"] == []
    found = compare(run("a", scored(A)), run("b", scored(B), pool="q", assessment="t", samples=9))["warnings"]
    assert "the pools differ: a.jsonl (20 rows) and b.jsonl (20 rows)" in found[0]
    assert "the assessment sets differ (4 and 9 samples)" in found[1]


def test_runs_without_a_scored_candidate_in_common_are_refused():
    other = [row("new", 0, 1.0), row("i01", 1, status="not_scored")]
    with pytest.raises(InputError, match=r"20 are scored in the first, 1 in the second, and 1 ids are in both"):
        compare(run("a", scored(A)), run("b", other))


def test_a_scorer_without_log_gain_gives_the_reason():
    found = compare(run("a", scored(A)), run("b", scored(B)))["spearman"]["log_gain"]
    assert (found["value"], found["n"]) == (None, 0)
    assert "alone" in found["reason"]


def test_it_is_plain_data():
    found = compare(run("a", scored(A, groups={"g": 1.0})), run("b", scored(B, groups={"g": 2.0})))
    assert json.loads(json.dumps(found)) == found
