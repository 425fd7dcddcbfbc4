"""Where the gain sits, by hand and from a run's parts; the warning where the first token carries much of it."""

import json
from dataclasses import replace
from functools import partial
from statistics import fmean

import pyarrow.parquet as pq
import pytest

import icon
from icon.pipeline.plan import plan
from icon.results.positions import first_token_warning, positions
from icon.results.wording import by_position
from icon.testing import FakeBackend
from icon.types import Measurement, Status


def row(candidate, sample, given, random=None, skip=0):
    """A measurement of a response from the nats of its tokens."""
    counted = [given[skip:], (random or given)[skip:]]
    against = {}
    if random is not None:
        against = {"nll_random": fmean(counted[1]), "first_random": random[0], "second_random": random[1]}
    nll = fmean(counted[0])
    return Measurement(candidate, sample, nll=nll, n_tokens=len(counted[0]), first=given[0], second=given[1], **against)


GIVEN = {"a": [4.0, 1, 1, 1], "b": [2.0, 1, 1, 0], "c": [3.0, 2, 0, 1]}
RANDOM = [8.0, 2, 1, 1]
# gains: a 4, 1, 0; b 6, 1, 1; c 5, 0, 1 - wholes 5, 8, 6


def test_shares_are_those_of_the_gains_over_the_control_by_hand():
    found = positions({id_: [row(id_, "s", given, RANDOM)] for id_, given in GIVEN.items()}, [], 0)
    assert (found.pairs, found.skipped, found.bare_first) == (3, 0, None)
    assert [found.first.gain, found.second.gain, found.rest.gain] == pytest.approx([5.0, 2 / 3, 2 / 3])
    assert [found.first.share, found.second.share, found.rest.share] == pytest.approx([15 / 19, 2 / 19, 2 / 19])
    # deviations of the wholes -4/3, 5/3, -1/3: square sum 42/9
    # those of first -1, 1, 0: product with the wholes' 9/3; those of rest -2/3, 1/3, 1/3: product 4/3
    assert found.first.variance_share == pytest.approx(3 / (42 / 9))
    assert found.rest.variance_share == pytest.approx((4 / 3) / (42 / 9))
    assert found.rest_rank == pytest.approx(0.8660254)  # ranks 1, 2.5, 2.5 against 1, 3, 2


def test_without_a_control_the_baseline_pass_is_the_reference():
    rows = {id_: [row(id_, "s", given)] for id_, given in GIVEN.items()}
    found = positions(rows, [row("", "s", RANDOM)], 0)
    assert [found.first.gain, found.second.gain, found.rest.gain] == pytest.approx([5.0, 2 / 3, 2 / 3])
    assert found.bare_first == 8.0


def test_what_is_skipped_has_a_gain_and_no_share():
    found = positions({id_: [row(id_, "s", given, RANDOM, 1)] for id_, given in GIVEN.items()}, [], 1)
    assert (found.skipped, found.first.share, found.first.variance_share) == (1, None, None)
    assert [found.first.gain, found.second.gain, found.rest.gain] == pytest.approx([5.0, 2 / 3, 2 / 3])
    assert [found.second.share, found.rest.share] == pytest.approx([0.5, 0.5])


def test_of_a_candidate_measured_alone_it_is_what_its_prompt_gains():
    alone = Measurement(
        "a", None, nll=2.0, nll_alone=3.5, n_tokens=4, first=4, second=2, first_random=9, second_random=2
    )
    found = positions({"a": [alone]}, [], 0)
    assert [found.first.gain, found.second.gain, found.rest.gain] == pytest.approx([5.0, 0.0, 1.0])


def test_a_candidate_with_a_failed_pair_is_left_out_and_without_passes_there_is_nothing():
    failed = Measurement("b", "s", status=Status.FAILED, reason="no")
    whole = row("a", "s", GIVEN["a"], RANDOM)
    assert positions({"a": [whole], "b": [row("b", "t", GIVEN["b"], RANDOM), failed]}, [], 0).pairs == 1
    assert positions({"a": [Measurement("a", value=3.0)]}, [], 0) is None
    assert positions({"a": [replace(whole, first=None)]}, [], 0) is None  # of a part from before they were kept


def test_what_the_released_mask_leaves_out_has_no_share_though_it_counts_in_the_nlls():
    rows = {id_: [row(id_, "s", given, RANDOM)] for id_, given in GIVEN.items()}
    rows["a"].append(Measurement("a", "short", status=Status.MASKED, reason="two tokens"))  # left out for everybody
    found = positions(rows, [], 0, 2)
    assert (found.pairs, found.skipped, found.first.share, found.second.share) == (3, 2, None, None)
    assert (found.rest.share, found.rest.gain) == pytest.approx((1.0, 2 / 3))
    assert first_token_warning(found, template="paper", primed=False) == ""


def test_the_sentence_has_what_counts():
    rows = {id_: [row(id_, "s", given, RANDOM)] for id_, given in GIVEN.items()}
    assert by_position(positions(rows, [], 0)) == (
        "first token +5.00 nats (79%), second +0.67 nats (11%), rest +0.67 nats (11%); of its variance between "
        "candidates 64%, 7%, 29%"
    )
    skipped = {id_: [row(id_, "s", given, RANDOM, 2)] for id_, given in GIVEN.items()}
    assert by_position(positions(skipped, [], 2)) == "rest +0.67 nats (100%); first tokens that do not count: 2"


def test_the_warning_names_what_to_do_and_what_is_done_already_not():
    found = positions({id_: [row(id_, "s", given, RANDOM)] for id_, given in GIVEN.items()}, [], 0)
    text = first_token_warning(found, template="paper", primed=False)
    assert "carries 79% of the mean gain and 64% of its variance between candidates" in text
    assert all(way in text for way in ("--skip-tokens 1 or 2", "--primed", "--template chat"))
    text = first_token_warning(found, template="chat", primed=True)
    assert "--primed" not in text
    assert "--template" not in text


@pytest.mark.parametrize(("first", "warned"), [(1.0, False), (1.1, True), (-9.0, False)])
def test_a_third_of_the_gain_is_the_bound_and_a_loss_is_no_gain(first, warned):
    # one pair: no variance; the second token gains 1, the rest 1
    rows = {"a": [row("a", "s", [9.0 - first, 1, 1], [9.0, 2, 2])]}
    assert bool(first_token_warning(positions(rows, [], 0), template="alpaca", primed=False)) == warned


class Form(FakeBackend):
    """The first token of an answer costs 12 nats, and 4 behind a demonstration, whatever it says."""

    def score(self, context, targets):
        first = 4.0 if "Response:" in context else 12.0
        return [
            replace(found, logprobs=(-first, *found.logprobs[1:])) if found.status is Status.OK else found
            for found in super().score(context, targets)
        ]


def write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


@pytest.fixture
def settings(tmp_path):
    pool = [{"instruction": f"question number {i}", "output": f"answer {i} of {i * 7} words"} for i in range(8)]
    tasks = [{"instruction": f"task {i} alpha", "output": f"done {i} and over"} for i in range(4)]
    files = write(tmp_path / "pool.jsonl", pool), write(tmp_path / "tasks.jsonl", tasks)
    return {
        "pool": files[0],
        "assessment": files[1],
        "template": "paper",
        "scorer": "icon",
        "report": False,
        "out": tmp_path / "run",
    }


def warnings_of(run):
    stages = json.loads((run.path / "run.json").read_text())["warnings"]
    return [line for lines in stages.values() for line in lines]


def test_a_run_says_what_its_parts_say_and_warns(settings):
    run = icon.run(backend=Form(), **settings)
    found = run.summary["positions"]
    rows = [r for part in sorted(run.path.glob("contributions/part-0*")) for r in pq.read_table(part).to_pylist()]
    rest = [
        r["n_tokens"] * (r["nll_random"] - r["nll"]) - r["first_random"] + r["first"] - r["second_random"] + r["second"]
        for r in rows
    ]
    assert (found["pairs"], found["bare_first"], found["first"]["gain"]) == (8 * 4, 12.0, 8.0)
    assert found["rest"]["gain"] == pytest.approx(fmean(rest))
    assert found["first"]["share"] > 0.9
    assert found["first"]["variance_share"] == pytest.approx(0, abs=1e-9)  # every demonstration teaches the same
    (warning,) = [line for line in warnings_of(run) if "first response token" in line]
    assert "of the mean gain" in warning
    assert "of its variance" not in warning


@pytest.mark.parametrize("more", [{"skip_tokens": 1}, {"primed": True}], ids=["skipped", "primed"])
def test_what_it_names_helps(settings, more):
    run = icon.run(backend=Form(), **settings, **more)
    assert not [line for line in warnings_of(run) if "first response token" in line]
    if "primed" in more:
        assert run.summary["positions"]["bare_first"] == 4.0
    assert "hold exactly (NLL)" in icon.verify(run.path, backend=Form())["sentence"]


def test_a_plan_says_it_from_the_pairs_of_its_speed_measurement(settings, monkeypatch):
    monkeypatch.setattr("icon.pipeline.plan.plan", partial(plan, seconds=0.05))
    del settings["out"]
    found = icon.plan(backend=Form(), **settings)
    assert found["positions"]["first"]["gain"] == 8.0
    assert found["positions"]["first"]["variance_share"] is None  # of few pairs
    assert "--skip-tokens 1 or 2" in found["warning"]
    assert "warning" not in icon.plan(backend=Form(), **settings, skip_tokens=1)


def test_explained_tokens_are_those_that_count(settings):
    run = icon.run(backend=Form(), **settings, skip_tokens=2, primed=True)
    best = max((one for one in run.rows if one.score is not None), key=lambda one: one.score)
    found = icon.explain(run.path, best.id, backend=Form())
    pair = [*found["helped"], *found["hurt"]][0]
    tokens = pair["tokens"]
    assert len(tokens["pieces"]) == pair["n_tokens"] == 2  # done, i, and, over
    assert fmean(tokens["given"]) == pytest.approx(-pair["nll"])
    gain = fmean(one - other for one, other in zip(tokens["given"], tokens["control"], strict=True))
    assert gain == pytest.approx(pair["log_gain"])
    assert "the first 2 tokens of each response count in no score and are not shown" in found["notes"]


def test_a_sample_without_a_token_left_is_refused_before_anything_is_measured(settings):
    with pytest.raises(icon.InputError, match=r"response of 4 tokens: none is left to score"):
        icon.run(backend=Form(), **settings, skip_tokens=4)
