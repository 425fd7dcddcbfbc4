"""The commands that an advice gives fit the run: they are not refused, and none is named that would be."""

from __future__ import annotations

import re
import shlex

import pytest

from icon.assessment.set_aside import set_aside
from icon.config import parse_keep
from icon.results import wording
from icon.results.advice import advice
from icon.runs.standing import Standing
from icon.types import Message, Sample
from support.records import manifest

FILE = {"assessment": "file", "assessment_options": {"path": "tasks.jsonl"}}
WHOLE = {"carries": True, "grounds": "all", "wanted": 6, "candidates": 40, "scored": 40}


def of(n_samples, *, standing=None, config=None, **results):
    made = manifest(40, 6, "15%", **(config or {}))
    known = {"samples": float(n_samples), "pairs": 40 * n_samples, "reliability": 0.8, "chance": 0.3}
    found = {"rows": {"scored": 40}, "keep_of": 40, "assessment": {"samples": n_samples, "groups": {}}}
    found["standing"] = Standing(**(WHOLE | (known if standing is None else standing))).model_dump()
    return made.updated(results=type(made.results).model_validate(made.results.model_dump() | found | results))


@pytest.mark.parametrize("n", [1, 8, 15, 16, 17, 25, 26, 27, 28, 29, 40, 64, 1000])
def test_the_share_that_is_advised_to_be_set_aside_fits_the_assessment_set(n):
    said = advice(of(n), None, "x")
    assert said.kind == "use"
    (held,) = [re.search(r"--hold-out (\S+)", command) for command in said.commands[1:]] or [None]
    if n < 16:
        assert "--assessment-size 16 --hold-out 8" in said.commands[1]  # drawn anew from the pool of 40
        n = 16
    tasks = [Sample(f"{i:016x}", i, (Message("user", "q"),), "a") for i in range(n)]
    scored, judged = set_aside(tasks, parse_keep(held[1]), seed=0)  # it refuses what does not fit
    assert len(judged) >= 8
    assert len(scored) >= len(judged)


def test_eight_tasks_of_a_file_are_too_few_to_set_any_aside_so_that_no_such_command_is_given():
    said = advice(of(8, config=FILE), None, "x")
    assert said.commands == ("icon export x --to trl",)
    assert said.why.endswith(
        "was not measured: that takes at least 8 more assessment samples, from which judge samples are set aside."
    )


def test_a_run_without_an_assessment_set_has_a_command_that_sets_judge_samples_aside():
    length = {"samples": None, "pairs": None, "reliability": None, "chance": None}
    drawn = of(0, standing=length, config={"assessment_size": 20}, scorer="length")  # as many as are asked for
    assert "--hold-out 8" in advice(drawn, None, "x").commands[1]
    few = of(0, standing=length, scorer="length")  # a tenth of a pool of 40
    assert "--assessment-size 16 --hold-out 8" in advice(few, None, "x").commands[1]
    unknown = of(0, standing=length, config={"assessment": "of-a-plugin"}, scorer="length")
    said = advice(unknown, None, "x")
    assert said.commands[1] == "icon run --config x/run.json --hold-out 8 --out x-held"  # the fewest there can be
    assert "which --hold-out sets aside in a new run" in said.why


TOO_LITTLE = {"carries": False, "grounds": "too_little", "samples": 3.0, "pairs": 30, "scored": 10}


@pytest.mark.parametrize(
    ("config", "next_command"),
    [
        ({}, "icon run --config x/run.json --assessment-size 16 --out x-more"),
        (FILE, "icon run --config x/run.json --out x-more"),
        ({**FILE, "assessment_size": 4}, "icon run --config x/run.json --assessment-size 16 --out x-more"),
    ],
)
def test_where_more_assessment_samples_are_needed_the_next_command_measures_on_them(config, next_command):
    said = advice(of(3, standing={**TOO_LITTLE, "reliability": None, "chance": None}, config=config), None, "x")
    assert said.sentence.startswith("Not usable yet: more assessment samples are needed")
    assert said.commands == (next_command,)
    assert ("Add target tasks to tasks.jsonl: at least 16 in all." in said.why) == ("assessment" in config)


def test_where_the_pool_is_too_small_for_more_the_next_command_selects_what_is_scored():
    found = of(3, standing={**TOO_LITTLE, "reliability": None, "chance": None}, candidates=31)
    assert advice(found, None, "x").commands == ("icon select x --selector top",)


def test_the_choice_by_a_random_number_is_called_a_random_draw_and_nothing_is_said_of_chance():
    found = of(0, standing={"pairs": None}, scorer="random")
    said = advice(found, None, "x")
    assert said.kind == "use_baseline"  # so that it is not green
    assert said.sentence.startswith("A random draw of 6 of 40 candidates (15% of 40): ")
    assert "chance" not in said.why
    assert said.commands == ("icon export x --to trl",)
    assert "validated" not in dict(wording.figures(found))


def test_the_choice_by_length_says_that_it_is_the_longest():
    said = advice(of(0, standing={"pairs": None}, scorer="length"), None, "x")
    assert said.kind == "use_baseline"
    assert said.sentence == (
        "By length alone: 6 of 40 candidates (15% of 40) selected, those with the longest responses."
    )


def test_an_order_of_which_nothing_is_known_is_not_called_usable():
    unknown = {"samples": 3.0, "pairs": 120, "reliability": None, "chance": None}
    said = advice(of(3, standing=unknown, reliability=None), None, "x")
    assert said.kind == "not_yet"
    assert said.sentence.startswith("Not known whether it is usable: 6 of 40 candidates (15% of 40) selected")
    assert said.commands == (
        "icon run --config x/run.json --assessment-size 16 --out x-more",
        "icon export x --to trl",
    )


def test_the_terminal_prints_every_command_of_an_advice(capsys):
    from icon.cli._closing import show_advice

    said = advice(of(40), None, "runs/x")
    show_advice(said)
    printed = " ".join(capsys.readouterr().out.split())
    assert f"next: {said.commands[0]} or: {said.commands[1]}" in printed
    assert shlex.split(said.commands[1])[:2] == ["icon", "run"]


@pytest.mark.parametrize(("error", "text"), [(None, ""), (0.0, ""), (0.0004, ""), (0.045, " ±0.045")])
def test_a_score_of_which_nothing_is_left_to_measure_has_no_error_of_zero_behind_it(error, text):
    from icon.cli._console import give_or_take

    assert give_or_take(error) == text


def test_where_nothing_is_chosen_nothing_is_said_of_a_top():
    found = of(40, against={"length": {"spearman": 0.1, "overlap": 0.0, "candidates": 7, "top": 1}})
    assert "against length" in dict(wording.figures(found))
    chosen = found.stages.select.model_copy(update={"records_selected": 0})
    nothing = found.updated(stages=found.stages.model_copy(update={"select": chosen}))
    assert "against length" not in dict(wording.figures(nothing))
