"""Whether a selection was validated, in one sentence: no until it was, and no once another selection is made."""

import json

import pytest

from icon.results import wording
from icon.results.validated import validated
from icon.runs.validation import JudgeInput, Validation, ValidationStore
from icon.validation.power import Power
from icon.validation.records import Comparison, Gain, Verdict
from support.records import manifest

GAIN = Gain(bare=2.5, gain=0.4, sd=0.03, tells=True)


def made(difference, low, high, *, beaten=12, gain=GAIN, **more):
    outcome = "better" if low > 0 else "worse" if high < 0 else "chance"
    facts = {"outcome": outcome, "difference": difference, "low": low, "high": high, "beaten": beaten, "n_draws": 12}
    one = Comparison(name="selection", kind="selection", p=0.5, n_samples=64, loss=2.0, **facts)
    return Verdict(**facts, confidence=0.95, n_samples=64, positions={"rest": one}, gain=gain, **more)


def written(path, verdict, *, digest="d1", **tables):
    tables = {"steps": verdict, **tables}
    judge = JudgeInput(source="held_out.jsonl", samples=64, digest="j")
    ValidationStore(path).conclude(Validation(selection=digest, selected=2, judge=judge, settings={}, tables=tables))


def run(digest="d1", judge_samples=0):
    found = manifest(4, 2, "50%")
    assess = found.stages.assess.model_copy(update={"judge_samples": judge_samples})
    select = found.stages.select.model_copy(update={"digest": digest})
    return found.updated(stages=found.stages.model_copy(update={"assess": assess, "select": select}))


def said(path, found):
    return dict(wording.facts(found, validated(path, found)))


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (
            made(0.0434, 0.0211, 0.0657),
            "better than random by 0.043 [0.021, 0.066] nats per token and than 12 of 12 draws",
        ),
        (
            made(-0.0434, -0.0657, -0.0211, beaten=0),
            "worse than random by 0.043 [0.021, 0.066] nats per token; better than 0 of 12 draws",
        ),
        (
            made(0.0034, -0.0211, 0.0279, beaten=7),
            "cannot be distinguished from chance: 0.003 [-0.021, 0.028] nats per token better than random, better than "
            "7 of 12 draws",
        ),
    ],
)
def test_the_verdict_in_a_sentence(tmp_path, verdict, sentence):
    written(tmp_path, verdict)
    assert said(tmp_path, run())["validated"] == f"{sentence} (equal steps)"


def test_where_training_changes_nothing_the_sentence_says_that_no_choice_can_show():
    little = Gain(bare=2.5, gain=0.006, sd=0.016, tells=False)
    assert wording.verdict(made(0.003, -0.02, 0.03, gain=little)) == (
        "nothing can be said: training on random draws changes the judge by only 0.006 nats per token (sd 0.016), so "
        "no choice can be shown to be better here"
    )
    assert wording.verdict(made(0.04, 0.02, 0.06, gain=little)).endswith(
        "and than 12 of 12 draws; training on random draws changes the judge by only 0.006 nats per token (sd 0.016)"
    )


def test_where_training_harms_the_sentence_says_so():
    harm = Gain(bare=2.5, gain=-0.12, sd=0.016, tells=True)
    worse = "; training on random draws makes the judge worse, by 0.120 nats per token"
    assert wording.verdict(made(0.04, 0.02, 0.06, gain=harm)).endswith(f"and than 12 of 12 draws{worse}")
    assert wording.verdict(made(0.003, -0.02, 0.03, gain=harm)).endswith(worse)


def test_a_second_table_has_a_line_of_its_own(tmp_path):
    written(tmp_path, made(0.04, 0.02, 0.06), tokens=made(0.001, -0.02, 0.022, beaten=5))
    found = said(tmp_path, run())
    assert found["validated"].startswith("better than random")
    assert found["validated, equal tokens"].startswith("cannot be distinguished from chance")


def test_no_until_it_was(tmp_path):
    assert said(tmp_path, run())["validated"].startswith("no: whether it teaches more")
    assert "--hold-out sets judge samples aside" in said(tmp_path, run())["validated"]
    assert "icon validate RUN" in said(tmp_path, run(judge_samples=64))["validated"]


def test_judge_samples_are_counted_beside_the_assessment_set(tmp_path):
    assert said(tmp_path, run())["assessment set"] == "4 samples in 2 task groups"
    aside = said(tmp_path, run(judge_samples=64))["assessment set"]
    assert aside == "4 samples in 2 task groups; 64 judge samples set aside"


def test_no_after_another_selection(tmp_path):
    written(tmp_path, made(0.04, 0.02, 0.06), tokens=made(0.04, 0.02, 0.06))
    found = said(tmp_path, run(digest="d2"))
    assert found["validated"] == "no (the verdict is of an earlier selection)"
    assert "validated, equal tokens" not in found


def test_a_verdict_that_cannot_be_read_is_a_no_with_a_reason(tmp_path):
    written(tmp_path, made(0.04, 0.02, 0.06))
    path = ValidationStore(tmp_path).verdict_path
    path.write_text(json.dumps({**json.loads(path.read_text()), "tables": {"steps": {}}}))
    assert said(tmp_path, run())["validated"].startswith(f"no ({path}: damaged, or changed")
    older = {name: value for name, value in json.loads(path.read_text()).items() if name != "checksum"}
    path.write_text(json.dumps(older))
    assert said(tmp_path, run())["validated"].startswith(f"no ({path}: field 'tables.steps.outcome'")


def test_what_it_takes_to_see_more():
    known = Power(share=0.05, effect=0.02, seen=0.0965, pools=15, pools_seconds=15 * 13 * 25)
    assert wording.power(made(0.0, -0.1, 0.1, power=known)) == (
        "an advantage of 0.097 nats per token is seen in 8 of 10 validations like this (24% of what a random draw "
        "gains); 5% of it (0.020 nats per token) takes 15 pools like this one (about 81 min of training)"
    )
    assert wording.power(made(0.0, -0.1, 0.1, gain=None)) == "not known"
    little = Gain(bare=2.5, gain=0.006, sd=0.016, tells=False)
    assert wording.power(made(0.0, -0.1, 0.1, gain=little)).endswith("there is nothing to see an advantage by")


@pytest.mark.parametrize(
    ("width", "text"), [(0.044, "0.012"), (0.0044, "0.0123"), (0.44, "0.01"), (0.0, "0.01"), (7.0, "0.01")]
)
def test_as_many_digits_as_the_interval_is_worth(width, text):
    assert wording.nats(0.01234, width) == text
