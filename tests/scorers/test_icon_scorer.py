"""The scorer `icon` on a model whose perplexities are written down, so every number can be worked by hand."""

import math
import string
from dataclasses import replace

import pytest

from icon.errors import InputError
from icon.plugins import ScoringTask
from icon.samples.templates import load_template
from icon.scorers import IconOptions, IconScorer, contribution
from icon.scorers.aggregate import by_candidate
from icon.types import BackendInfo, Message, Sample, Status, TokenLogProbs


class WrittenModel:
    """Perplexities by kind of context: none, a demonstration (by a word in it), or a random context."""

    tokens_evaluated = 0

    def __init__(self, ppls, failing=()):
        self.ppls, self.failing, self.contexts = ppls, failing, []

    def describe(self):
        return BackendInfo("written", "m", "d", "f64", "t", 9999, False, "paper")

    def tokenize(self, text):
        return list(range(len(text)))

    def score(self, context, targets):
        self.contexts.append(context)
        return [self._one(context, target) for target in targets]

    def _one(self, context, target):
        kind = next((word for word in ("GOOD", "BAD") if word in context), "random" if context else "none")
        if (kind, target.response) in self.failing:
            return TokenLogProbs((1, 2), (), Status.NOT_FINITE, "NaN")
        return TokenLogProbs((1, 2), (-math.log(self.ppls[kind][target.response]),) * 2)


PPLS = {
    "none": {"s1": 10.0, "s2": 4.0},
    "GOOD": {"s1": 5.0, "s2": 3.0},
    "BAD": {"s1": 16.0, "s2": 4.0},
    "random": {"s1": 12.0, "s2": 5.0},
}


def sample(id_, prompt, response, group=None):
    return Sample(id_, 0, (Message("user", prompt),), response, group=group)


GOOD, BAD = sample("good", "q", "GOOD"), sample("bad", "qq", "BAD")  # as long as each other
ASSESSMENT = [sample("a1", "x", "s1", "g1"), sample("a2", "y", "s2", "g2")]


def task(model, **changes):
    made = ScoringTask(model, load_template("paper"), ASSESSMENT, 1, 1000, 1000, 1000, True)
    return replace(made, **changes)


def scored(model, candidates, options=None, **changes):
    scorer = IconScorer(options or IconOptions())
    scorer.prepare(task(model, **changes), [])
    rows = by_candidate(row for found in scorer.measure(candidates) for row in found)
    return {id_: contribution(id_, found, {"a1": "g1", "a2": "g2"}, scorer) for id_, found in rows.items()}, rows


def test_contributions_against_random_contexts_by_hand():
    found, rows = scored(WrittenModel(PPLS), [GOOD, BAD])
    # good: (12 - 5) / 10 and (5 - 3) / 4; bad: (12 - 16) / 10 and (5 - 4) / 4
    assert [row.c for row in rows["good"]] == pytest.approx([0.7, 0.5], abs=1e-6)
    assert [row.c for row in rows["bad"]] == pytest.approx([-0.4, 0.25], abs=1e-6)
    assert found["good"].score == pytest.approx(0.6, abs=1e-6)
    assert found["bad"].score == pytest.approx(-0.075, abs=1e-6)
    assert found["good"].log_gain == pytest.approx((math.log(12 / 5) + math.log(5 / 3)) / 2)
    assert (found["bad"].consistency, found["good"].coverage) == (0.5, 0.5)
    assert found["good"].standard_error == pytest.approx(0.1, abs=1e-6)
    assert found["good"].groups == pytest.approx({"g1": 0.7, "g2": 0.5}, abs=1e-6)


def test_without_a_control_the_baseline_takes_its_place():
    model = WrittenModel(PPLS)
    _, rows = scored(model, [GOOD], IconOptions(control="none"))
    # (10 - 5) / 10 and (4 - 3) / 4
    assert [row.c for row in rows["good"]] == pytest.approx([0.5, 0.25], abs=1e-6)
    assert rows["good"][0].nll_random is None
    assert len(model.contexts) == 2  # the baseline and one demonstration


def test_paired_random_contexts_are_as_long_as_the_demonstration_and_made_once_a_length():
    model = WrittenModel(PPLS)
    scored(model, [GOOD, replace(GOOD, id="again"), BAD], IconOptions(control="paired"))
    demonstrations = [each for each in model.contexts if "GOOD" in each or "BAD" in each]
    controls = [each for each in model.contexts if each and each not in demonstrations]
    assert {len(each) for each in controls} == {len(each) for each in demonstrations}
    assert len(controls) == 1  # GOOD and BAD differ by one letter each way, so all are of one length


def test_matched_in_characters_a_random_context_has_as_many_characters():
    model = WrittenModel(PPLS)
    scored(model, [GOOD], IconOptions(control="paired", match="characters"))
    _, demonstration, control = model.contexts
    assert len(control) == len(demonstration)
    assert set(control[:-3]) <= set(string.ascii_letters + string.digits)  # no words, and three line breaks


def test_a_bank_matched_in_characters_is_refused_and_no_control_is_not():
    with pytest.raises(ValueError, match=r"found 'characters' with control 'random'.*valid: 'tokens'.*paired"):
        IconOptions(match="characters")
    assert IconOptions(control="none", match="characters").control == "none"  # --preset paper --control none


@pytest.mark.parametrize("control", ["random", "paired"])
def test_a_second_run_of_a_scorer_makes_its_controls_anew(control):
    scorer, second = IconScorer(IconOptions(control=control)), WrittenModel({**PPLS, "random": {"s1": 15.0, "s2": 7.0}})
    for model, expected in ((WrittenModel(PPLS), [0.7, 0.5]), (second, [1.0, 1.0])):
        scorer.prepare(task(model), [])
        (rows,) = scorer.measure([GOOD])
        # (12 - 5) / 10 and (5 - 3) / 4; then (15 - 5) / 10 and (7 - 3) / 4
        assert [row.c for row in rows] == pytest.approx(expected, abs=1e-6)


def test_ranked_by_log_gain_the_score_is_the_mean_log_gain():
    found, _ = scored(WrittenModel(PPLS), [BAD], IconOptions(rank_by="log-gain"))
    assert found["bad"].score == pytest.approx((math.log(12 / 16) + math.log(5 / 4)) / 2)


def test_one_failed_pair_leaves_the_candidate_without_a_score_and_the_others_alone():
    found, _ = scored(WrittenModel(PPLS, failing={("GOOD", "s2")}), [GOOD, BAD])
    assert found["good"].score is None
    assert found["good"].status == Status.NOT_FINITE
    assert "1 of 2 failed: conditioned on its demonstration: NaN" in found["good"].reason
    assert found["bad"].score is not None


@pytest.mark.parametrize("control", ["random", "paired"])
def test_a_failed_control_is_a_failure_too(control):
    found, _ = scored(WrittenModel(PPLS, failing={("random", "s1")}), [GOOD], IconOptions(control=control))
    assert found["good"].score is None
    assert "conditioned on its random context" in found["good"].reason


def test_assessment_samples_that_cannot_be_scored_are_all_named():
    model = WrittenModel(PPLS, failing={("none", "s1"), ("none", "s2")})
    with pytest.raises(InputError, match=r"(?s)a1.*a2"):
        IconScorer(IconOptions()).prepare(task(model), [])


def test_a_demonstration_beyond_the_limit_is_cut_and_says_so():
    model = WrittenModel(PPLS)
    long = sample("long", "q" * 50, "GOOD" * 100)
    found, rows = scored(model, [long], max_demonstration_tokens=200)
    assert "demonstration truncated" in found["long"].reason
    assert "to 200 tokens" in rows["long"][0].reason
    cut = next(each for each in model.contexts if "GOOD" in each)
    assert len(cut) == 203  # and the separator behind it


def test_a_demonstration_beyond_the_limit_fails_where_the_run_does_not_truncate():
    found, _ = scored(
        WrittenModel(PPLS), [sample("long", "q" * 300, "GOOD")], max_demonstration_tokens=200, truncate=False
    )
    assert found["long"].status == Status.TOO_LONG
    assert found["long"].score is None


def test_a_resumed_run_takes_the_baseline_from_the_finished_one():
    first = IconScorer(IconOptions())
    baseline = first.prepare(task(WrittenModel(PPLS)), [])
    model = WrittenModel(PPLS)
    assert IconScorer(IconOptions()).prepare(task(model), baseline) == baseline
    assert model.contexts == []


def test_of_three_pairs_the_two_that_it_helped_and_hurt_most_have_their_tokens(monkeypatch):
    ppls = {kind: {**values, "s3": values["s2"]} for kind, values in PPLS.items()}
    ppls["GOOD"]["s3"] = 4.5  # c is (12 - 5) / 10, (5 - 3) / 4 and (5 - 4.5) / 4
    monkeypatch.setitem(globals(), "ASSESSMENT", [*ASSESSMENT, sample("a3", "z", "s3")])
    _, rows = scored(WrittenModel(ppls), [GOOD])
    best, between, worst = rows["good"]
    assert (between.given, between.control) == (None, None)
    for row, given, control in ((best, 5.0, 12.0), (worst, 4.5, 5.0)):
        assert row.given == pytest.approx([-math.log(given)] * 2, rel=1e-6)
        assert row.control == pytest.approx([-math.log(control)] * 2, rel=1e-6)


@pytest.mark.parametrize("options", [{"control": "none"}, {"control": "paired"}])
def test_pairs_have_no_tokens_where_a_resumed_process_could_not_have_them(options):
    _, rows = scored(WrittenModel(PPLS), [GOOD], IconOptions(**options))
    assert all(row.given is None and row.control is None for row in rows["good"])


class KeepingModel(WrittenModel):
    """Notes what it is asked to keep."""

    kept = ()

    def score_from(self, beginning, context, targets):
        self.kept += ((beginning, context),)
        return self.score(context, targets)


def test_a_demonstration_names_what_it_begins_with_whatever_the_user_says():
    """The primer is in front of it, and no random context begins so. Without a system prompt it is the heading."""
    model = KeepingModel(PPLS)
    wordy = replace(GOOD, messages=(Message("system", "Be brief."), *GOOD.messages))
    found, _ = scored(model, [wordy, BAD], primer="P.")
    assert found == scored(WrittenModel(PPLS), [wordy, BAD], primer="P.")[0]
    front = ["P.### System Prompt:\nBe brief.\n\n### Question:\n", "P.### Instruction:\n"]
    assert [beginning for beginning, _ in model.kept] == front
    assert [context.startswith(beginning) for beginning, context in model.kept] == [True, True]
