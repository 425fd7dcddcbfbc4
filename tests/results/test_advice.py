"""What to do with a run: by a validation, by what was measured, by whether it was stopped, by its baselines."""

from __future__ import annotations

import pytest

from icon.results import wording
from icon.results.advice import advice
from icon.results.standing import Measured, standing
from icon.results.validated import Validated
from icon.runs.outcome import RaceFacts
from icon.runs.standing import Standing
from icon.runs.validation import JudgeInput, Validation
from icon.validation.statistics import verdict_of
from support.records import manifest
from support.validated import GROUPS, SETTINGS, arms


@pytest.fixture
def concluded():
    """A validation in which the selection is better than the draws."""
    judge = JudgeInput(source="held_out.jsonl", samples=8, digest="j")
    tables = {"steps": verdict_of(arms(), groups=GROUPS)}
    return Validation(selection="s", selected=4, judge=judge, settings=SETTINGS, tables=tables, notes=())


RACE = {"ended": "budget", "confidence": 0.95, "decided_in": 0, "decided_out": 0, "open": 200, "path": ()}


def of(*, n_selected=30, status="done", config=None, **results):
    made = manifest(200, n_selected, "15%", **(config or {}))
    found = {"rows": {"scored": 200}, "selected": n_selected, **results}
    return made.updated(status=status, results=type(made.results).model_validate(made.results.model_dump() | found))


def race(candidates, pairs, *, signal, reliability, capture, ended="budget"):
    figures = {"candidates": candidates, "pairs": pairs, "signal": signal, "reliability": reliability}
    more = {"capture": capture, "samples_reached": 1, "samples": 40, "pairs_exact": 8000, "ended": ended}
    return RaceFacts.model_validate({**RACE, **figures, **more})


def measured(facts, scored, **more):
    given = {"wanted": 30, "candidates": 200, "subset": 200, "tried": scored, "scored": scored, "reliability": None}
    return Measured(race=facts, **{**given, "pairs": facts.pairs if facts else 0, **more})


def test_six_of_two_hundred_scored_once_are_too_little_and_the_time_for_enough_is_counted():
    facts = race(6, 6, signal=0.5, reliability=None, capture=None)
    found = standing(measured(facts, 6, seconds=120.0, tokens=2400, tokens_each=100.0), {})
    assert (found.carries, found.grounds) == (False, "too_little")
    # with a signal of 0.5 two samples make the reliability a half, whose root is above a half
    assert found.needed.samples == 2
    assert found.needed.pairs == 2 * 200 - 6
    assert found.needed.seconds == pytest.approx((2 * 200 - 6) * 100.0 / 20)  # 20 tokens per second


def test_the_first_line_says_how_many_minutes_and_the_command_gives_them_as_budget():
    facts = race(6, 6, signal=0.1, reliability=None, capture=None)
    made = standing(measured(facts, 6, seconds=120.0, tokens=2400, tokens_each=1.0), {})
    minutes = -(-(4 * 200 - 6) // (20 * 60))  # four samples each at a token per pair and 20 tokens per second
    said = advice(of(n_selected=0, standing=made.model_dump(), config={"budget": "2m"}), None, "runs/a b")
    assert said.kind == "not_yet"
    assert said.sentence == f"Not usable yet: about {minutes} more minute of measuring."
    assert said.minutes == minutes
    assert said.commands == ("icon run --config 'runs/a b/run.json' --budget 2m --out 'runs/a b'",)


def test_a_budget_that_ended_before_anything_was_measured_is_to_be_ten_times_as_long():
    facts = race(0, 0, signal=0.0, reliability=None, capture=None)
    made = standing(measured(facts, 0), {})
    said = advice(of(n_selected=0, standing=made.model_dump(), config={"budget": "2m"}), None, "x")
    assert said.sentence == "Not usable yet: the budget ended before the first candidates were measured."
    assert said.commands == ("icon run --config x/run.json --budget 20m --out x",)


def test_an_order_like_chance_carries_nothing_though_all_are_scored():
    facts = race(200, 1200, signal=0.01, reliability=0.2, capture=0.6)
    found = standing(measured(facts, 200), {})
    assert (found.carries, found.grounds) == (False, "like_chance")
    assert found.reliability == pytest.approx(6 * 0.01 / 1.06)


def test_an_order_that_is_known_well_enough_carries_the_best():
    facts = race(200, 1600, signal=0.2, reliability=0.7, capture=0.8)
    assert standing(measured(facts, 200), {}).grounds == "best_of_scored"


def test_what_a_race_has_finished_is_carried():
    facts = race(200, 8000, signal=0.0, reliability=1.0, capture=1.0, ended="measured")
    assert standing(measured(facts, 200), {}).grounds == "all"


def short(signal, capture, asked=0.95):
    facts = race(200, 1600, signal=signal, reliability=0.7, capture=capture, ended="samples")
    return facts.model_copy(update={"asked": asked})


def test_a_race_that_rested_candidates_and_fell_short_is_not_every_candidate_to_the_end():
    found = standing(measured(short(0.2, 0.81), 200), {})
    assert (found.carries, found.grounds, found.captured) == (True, "best_of_scored", 0.81)
    said = advice(of(standing=found.model_dump(), race=short(0.2, 0.81).model_dump()), None, "x")
    assert said.kind == "use"
    assert (
        "The race ended at the last assessment sample, before the choice was as good as asked for: "
        "about 81% of what measuring every pair would gain, where 95% was asked for." in said.why
    )
    assert said.commands[:2] == (
        "icon export x --to trl",
        "icon run --config x/run.json --capture 1 --out x-decided",
    )


@pytest.mark.parametrize(
    ("signal", "capture", "grounds", "why"),
    [
        (0.01, 0.9, "like_chance", "cannot be distinguished from a random one"),
        (0.2, 0.3, "too_few", "the best 30 of them would capture about 30% of what measuring everything would gain"),
    ],
)
def test_where_it_carries_nothing_only_a_new_run_helps(signal, capture, grounds, why):
    found = standing(measured(short(signal, capture), 200), {})
    assert (found.carries, found.grounds, found.needed) == (False, grounds, None)
    made = of(n_selected=0, standing=found.model_dump(), race=short(signal, capture).model_dump())
    said = advice(made, None, "x")
    assert said.sentence.startswith("Not usable yet: ")
    assert why in said.why
    assert said.commands == ("icon run --config x/run.json --capture 1 --out x-decided",)


def test_a_capture_just_below_what_was_asked_for_is_not_rounded_to_it():
    assert "about 99.8% of what" in wording.captured(short(0.2, 0.9984, asked=1.0), 200)


@pytest.mark.parametrize(("chance", "grounds"), [(True, "not_predicted"), (False, "predicted")])
def test_a_classifier_is_believed_where_it_is_better_than_chance(chance, grounds):
    found = standing(measured(None, 50, subset=50), {"chance": chance}, named=True, outside=True)
    assert (found.grounds, found.named) == (grounds, True)


def narrowed(like_draw, *, scored=60, ended="decided", pairs=1200):
    facts = race(scored, pairs, signal=0.2, reliability=0.8, capture=0.9, ended=ended)
    return measured(facts, scored, subset=60, narrowed=True, like_draw=like_draw)


@pytest.mark.parametrize(("like_draw", "grounds"), [(False, "narrowed"), (True, "like_draw"), (None, "like_draw")])
@pytest.mark.parametrize("quality", [{}, {"like_draw": True}])  # of whichever selector chose
def test_a_cheap_score_carries_a_choice_only_where_its_checks_tell_it_from_a_draw(like_draw, grounds, quality):
    found = standing(narrowed(like_draw), quality, named=True)
    assert (found.grounds, found.carries, found.needed) == (grounds, grounds == "narrowed", None)


def test_a_race_that_was_cut_short_goes_on_before_its_cheap_score_is_given_up():
    found = standing(narrowed(True, ended="budget"), {}, named=True)
    assert found.grounds == "like_draw"
    assert found.needed.new_run is False


def like_draw_advice(scored=60, wanted=30, **config):
    found = standing(narrowed(True, scored=scored), {}, named=True).model_copy(update={"wanted": wanted})
    return advice(of(standing=found.model_dump(), config={"selector": "cascade", **config}), None, "x")


def test_a_cheap_score_like_a_draw_is_the_first_line_and_the_commands_are_new_runs():
    said = like_draw_advice()
    assert said.kind == "not_yet"
    assert said.sentence == (
        "Not usable yet: it is not shown that the cheap score is better than a random draw of those to measure."
    )
    assert "The 30 selected are what was asked for by name." in said.why
    assert said.commands == (
        "icon run --config x/run.json --selector auto --subset 60 --out x-drawn",
        "icon run --config x/run.json -o selector.check=0.2 --out x-checked",  # twice the 6 of 60
    )


@pytest.mark.parametrize(
    ("wanted", "check", "more"),
    [
        (30, 0.3, "selector.check=0.5 "),  # twice the 18, at most half
        (30, 0.5, None),
        (3, 0.1, None),  # 0 of 30 checked with 3 of 60 selected: 30 29 28 of 60 59 58, 0.119
        (6, 0.1, "selector.check=0.39 "),  # 0 of 23 checked: C(37, 6) of C(60, 6), 0.0464; of 22 0.0551
    ],
)
def test_only_checks_that_can_show_something_are_advised(wanted, check, more):
    said = like_draw_advice(wanted=wanted, selector_options={"check": check})
    assert [more in command for command in said.commands[1:]] == ([True] if more else [])


CARRIED = Standing(
    carries=True,
    grounds="all",
    wanted=30,
    candidates=200,
    scored=200,
    samples=40.0,
    pairs=8000,
    reliability=0.8,
    chance=0.3,
)


def test_what_is_measured_to_the_end_is_usable_and_the_next_command_exports_it():
    said = advice(of(standing=CARRIED.model_dump(), assessment={"samples": 40, "groups": {}}), None, "runs/x")
    assert (said.kind, said.sentence) == ("use", "Usable: 30 of 200 candidates selected.")
    assert said.why.startswith(
        "Measured: all 200 candidates, each on all 40 assessment samples. Whether it beats chance"
    )
    assert said.commands == (
        "icon export runs/x --to trl",
        "icon run --config runs/x/run.json --hold-out 30% --out runs/x-held",
    )


@pytest.mark.parametrize(("by_ids", "is_said"), [(14, False), (15, True)])
def test_that_ids_decide_half_of_a_choice_or_more_is_said_before_what_was_measured(by_ids, is_said):
    """Of 30 selected, so many share the score of the last one with others that are left out."""
    quality = {"n_tied": 40, "n_selected_tied": by_ids}
    for status in ("done", "interrupted"):
        said = advice(of(status=status, standing=CARRIED.model_dump(), selection_quality=quality), None, "x")
        ties = "Ids decide 15 of these 30, as 40 candidates have the same score (more assessment samples, or "
        ties += "another score, distinguish more of them). "
        assert said.why.startswith(f"{ties if is_said else ''}Measured: all 200 candidates")


def test_ties_between_strata_of_length_are_not_said_to_go_away_with_more_assessment_samples():
    at_length = {"how": "strata", "unit": "tokens", "before": 0.3, "after": 0.0}
    quality = {"n_tied": 40, "n_selected_tied": 15}
    config = {"assessment": "demo", "assessment_size": 4}
    made = of(standing=CARRIED.model_dump(), selection_quality=quality, config=config, equal_length=at_length)
    said = advice(made, None, "x")
    assert said.why.startswith(
        "Ids decide 15 of these 30, as 40 candidates have the same rank, each among its own lengths. M"
    )
    assert not [one for one in said.commands if "--out x-more" in one]


def test_more_assessment_samples_are_advised_where_ids_decide():
    config = {"assessment": "demo", "assessment_size": 4}
    for by_ids, commands in ((14, 0), (15, 1)):
        quality = {"n_tied": 40, "n_selected_tied": by_ids}
        made = of(standing=CARRIED.model_dump(), selection_quality=quality, config=config)
        more = [one for one in advice(made, None, "x").commands if one.endswith("--assessment-size 16 --out x-more")]
        assert len(more) == commands


@pytest.mark.parametrize(("worst", "is_equal"), [(0.5, True), (0.4, False)])
def test_where_all_scores_are_equal_a_random_draw_is_as_good_and_no_order_is_shown(worst, is_equal):
    ends = {"best": [shown("a", 0.5)], "worst": [shown("b", worst)]}
    made = of(standing=CARRIED.model_dump(), assessment={"samples": 40, "groups": {}}, **ends)
    said = advice(made, None, "x")
    assert said.kind == ("use_baseline" if is_equal else "use")
    assert wording.is_order_known(made.results) != is_equal
    if is_equal:
        assert said.sentence.startswith("No better than a random draw here: all candidates have the same score")
        assert said.commands == ("icon run --config x/run.json --scorer random --out x-random",)
        assert wording.reliability(made.results) == "none: all candidates have the same score"


def test_where_target_tasks_are_to_be_added_is_said_beside_the_command_that_measures_on_more():
    config = {"assessment": "file", "assessment_options": {"path": "tasks.jsonl"}}
    few = {"samples": 3, "groups": {}}
    quality = {"n_tied": 40, "n_selected_tied": 30}
    for more in ({"best": [shown("a", 1.0)], "worst": [shown("b", 1.0)]}, {"selection_quality": quality}):
        said = advice(of(standing=CARRIED.model_dump(), assessment=few, config=config, **more), None, "x")
        assert "Add target tasks to tasks.jsonl: at least 16 in all." in said.why
        assert "icon run --config x/run.json --out x-more" in said.commands


def shown(id_, score):
    return {"id": id_, "row": 0, "score": score, "standard_error": None, "prompt": "p", "response": "r"}


def test_a_stopped_run_is_partial():
    said = advice(of(status="interrupted", standing=CARRIED.model_dump()), None, "x")
    assert said.kind == "partial"
    assert said.commands == ("icon run --config x/run.json --out x", "icon export x --to trl")


@pytest.mark.parametrize(("overlap", "kind"), [(0.79, "use"), (0.8, "use_baseline"), (1.0, "use_baseline")])
def test_a_choice_that_is_nearly_that_of_the_length_gives_way_to_it(overlap, kind):
    against = {"length": {"spearman": 0.9, "overlap": overlap, "candidates": 200, "top": 30}}
    said = advice(of(standing=CARRIED.model_dump(), against=against), None, "x")
    assert said.kind == kind
    if kind == "use_baseline":
        assert said.sentence.startswith("No better than length here, use that")
        assert said.commands == ("icon run --config x/run.json --scorer length --out x-length",)


@pytest.mark.parametrize(("reliability", "kind"), [(0.0, "use_baseline"), (0.29, "use_baseline"), (0.31, "use")])
def test_an_order_that_noise_alone_reaches_is_no_better_than_a_random_draw_though_all_is_measured(reliability, kind):
    made = CARRIED.model_copy(update={"reliability": reliability, "chance": 0.3})
    said = advice(of(standing=made.model_dump()), None, "x")
    assert said.kind == kind
    if kind == "use_baseline":
        assert said.sentence.startswith("No better than a random draw here")
        assert said.commands == ("icon run --config x/run.json --scorer random --out x-random",)


def test_an_older_run_whose_split_halves_do_not_agree_is_no_better_either():
    said = advice(of(reliability={"half": -0.02, "full": -0.02, "splits": 20}), None, "x")
    assert (said.kind, said.sentence[:39]) == ("use_baseline", "No better than a random draw here: the ")


@pytest.mark.parametrize(("outcome", "kind"), [("better", "use"), ("worse", "not_better"), ("chance", "not_better")])
def test_a_validation_of_this_selection_decides_before_all_else(outcome, kind, concluded):
    found = concluded
    verdict = found.verdict.model_copy(update={"outcome": outcome})
    current = Validated(found.model_copy(update={"tables": {found.table: verdict}}), is_current=True)
    noise = {"half": -0.02, "full": -0.02, "splits": 20}
    said = advice(of(standing=CARRIED.model_dump(), reliability=noise), current, "x")
    assert said.kind == kind
    assert said.why.startswith("Validated: ")


def test_a_validation_of_an_earlier_selection_decides_nothing(concluded):
    said = advice(of(standing=CARRIED.model_dump()), Validated(concluded, is_current=False), "x")
    assert said.kind == "use"


def test_a_run_of_an_older_version_has_its_advice():
    assert advice(of(), None, "x").kind == "use"


def test_a_run_that_set_judge_samples_aside_is_validated_as_it_is():
    made = of(standing=CARRIED.model_dump())
    stages = made.stages.model_copy(update={"assess": made.stages.assess.model_copy(update={"judge_samples": 64})})
    assert advice(made.updated(stages=stages), None, "x").commands[1] == "icon validate x"


def test_a_new_run_on_records_without_an_address_takes_the_copy_in_the_folder(tmp_path):
    (tmp_path / "given_pool.jsonl").write_text("{}\n")
    noise = CARRIED.model_copy(update={"reliability": 0.1})
    made = of(standing=noise.model_dump())
    made = made.updated(config=made.config.model_copy(update={"pool": "<list>"}))
    (command,) = advice(made, None, tmp_path).commands
    assert command.startswith(f"icon run {tmp_path}/given_pool.jsonl --config {tmp_path}/run.json --scorer random")


@pytest.mark.parametrize("keep", ["200", "999", "100%"])
def test_a_selection_of_the_whole_pool_is_no_choice(keep):
    said = advice(of(n_selected=200, keep=keep), None, "runs/mine")
    assert said.kind == "not_better"
    assert said.sentence == f"Nothing was chosen: --keep {keep} is the whole pool of 200."
    assert said.commands == ("icon select runs/mine --keep 15%",)


def test_all_but_one_is_a_choice_and_so_is_what_a_threshold_left():
    assert advice(of(n_selected=199, keep="199"), None, "r").kind == "use"
    assert advice(of(n_selected=200, keep="15%"), None, "r").kind == "use"
