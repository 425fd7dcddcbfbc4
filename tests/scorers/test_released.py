"""The released mask and random contexts, on token probabilities that are written down."""

from __future__ import annotations

import math
import random
import string
from dataclasses import replace

import numpy as np
import pytest

import icon
from icon.errors import ConfigError
from icon.plugins import ScoringTask
from icon.results.explain._pairs import Pair
from icon.runs.files import TokenDetail
from icon.samples.templates import load_template
from icon.scorers import IconOptions, IconScorer, contribution
from icon.scorers.cost import costs_of
from icon.scorers.lengths import at_equal_length, response_lengths
from icon.types import BackendInfo, Measurement, Message, Sample, Status, TokenLogProbs
from support.plain_passes import PlainPasses, model_file

NLLS = {  # -log p of each response token: bare, conditioned on the demonstration, on a random context
    "long": ((7.0, 3.0, 1.0, 1.0), (5.0, 1.0, 0.5, 0.7), (6.0, 2.0, 1.0, 1.2)),
    "three": ((2.0, 2.0, 2.0), (1.0, 1.0, 0.25), (9.0, 9.0, 0.5)),
    "two": ((1.0, 1.0), (0.5, 0.5), (2.0, 2.0)),
    "one": ((3.0,), (1.0,), (2.0,)),
}


class WrittenTokens:
    """Reads the probabilities of `NLLS`; a token is a character."""

    tokens_evaluated = 0

    def __init__(self):
        self.contexts = []

    def describe(self):
        return BackendInfo("written", "m", "d", "f64", "t", 9999, False, "paper")

    def tokenize(self, text):
        return list(range(len(text)))

    def score(self, context, targets):
        self.contexts += [context] * len(targets)
        kind = 0 if not context else 1 if "### Response:" in context else 2
        return [self._one(NLLS[target.response][kind]) for target in targets]

    def _one(self, nlls):
        return TokenLogProbs(tuple(range(len(nlls))), tuple(-nll for nll in nlls))


def sample(id_, prompt, response):
    return Sample(id_, 0, (Message("user", prompt),), response)


CANDIDATE = sample("c", "q", "r")
RELEASED = IconOptions(control="paired", match="released", mask="released")


def measured(answers, options=RELEASED, model=None, **changes):
    assessment = [sample(answer, "x", answer) for answer in answers]
    task = ScoringTask(model or WrittenTokens(), load_template("paper"), assessment, 1, 1000, 1000, 1000, True)
    scorer = IconScorer(options)
    scorer.prepare(replace(task, **changes), [])
    (rows,) = scorer.measure([CANDIDATE])
    return scorer, rows


def test_in_context_passes_leave_two_tokens_out_and_the_bare_one_none():
    _, (long, three) = measured(["long", "three"])
    # (e^((1.0 + 1.2) / 2) - e^((0.5 + 0.7) / 2)) / (e^((7 + 3 + 1 + 1) / 4) + 1e-6)
    assert long.c == pytest.approx((math.exp(1.1) - math.exp(0.6)) / (math.exp(3.0) + 1e-6), rel=1e-12)
    assert long.log_gain == pytest.approx(0.5)
    assert three.c == pytest.approx((math.exp(0.5) - math.exp(0.25)) / (math.exp(2.0) + 1e-6), rel=1e-12)
    assert (long.nll, long.n_tokens, long.first, long.second) == (pytest.approx(7.2 / 4), 4, 5.0, 1.0)


@pytest.mark.parametrize("control", ["paired", "random"])
def test_the_mask_is_the_same_with_every_control(control):
    _, (long,) = measured(["long"], IconOptions(control=control, mask="released"))
    assert long.c == pytest.approx((math.exp(1.1) - math.exp(0.6)) / (math.exp(3.0) + 1e-6), rel=1e-9)


def test_answers_of_two_tokens_or_fewer_have_a_reason_and_are_left_out_of_the_mean():
    scorer, rows = measured(["long", "two", "one", "three"])
    assert [row.status for row in rows] == [Status.OK, Status.MASKED, Status.MASKED, Status.OK]
    assert all(row.c is None and "at most two" in row.reason for row in rows[1:3])
    found = contribution("c", rows, {}, scorer)
    assert found.score == pytest.approx((rows[0].c + rows[3].c) / 2)
    assert found.n_assessed == 2
    assert "at most two" in found.reason


def test_a_candidate_of_which_no_pair_counts_has_no_score():
    scorer, rows = measured(["two", "one"])
    found = contribution("c", rows, {}, scorer)
    assert (found.score, found.status) == (None, Status.MASKED)


def test_a_failure_beside_masked_pairs_still_leaves_no_score():
    scorer, rows = measured(["long", "two"])
    rows[0] = Measurement("c", "long", status=Status.FAILED, reason="broken")
    assert contribution("c", rows, {}, scorer).status == Status.FAILED


def test_the_random_context_is_drawn_for_every_pair_from_the_authors_characters_and_is_seeded():
    model, again, other = WrittenTokens(), WrittenTokens(), WrittenTokens()
    measured(["long", "three"], model=model)
    measured(["long", "three"], model=again)
    measured(["long", "three"], model=other, seed=2)
    noise = [context for context in model.contexts if context and "### Response:" not in context]
    demonstration = next(context for context in model.contexts if "### Response:" in context)
    assert len(set(noise)) == 2
    assert {len(text) for text in noise} == {len(demonstration)}
    letters = set(string.ascii_letters + string.punctuation + string.digits + " ")
    assert len(letters) == 95
    assert all(set(text.removesuffix("\n\n\n")) <= letters for text in noise)
    assert any(set(text) & set(string.punctuation) for text in noise)
    assert again.contexts == model.contexts
    assert other.contexts != model.contexts


def test_noise_beyond_the_limit_of_a_demonstration_is_cut_at_its_end():
    model = WrittenTokens()
    long_one = sample("c", "q" * 60, "r")
    scorer, _ = measured(["long"], model=model, max_demonstration_tokens=40)
    (rows,) = scorer.measure([long_one])
    assert rows[0].status == Status.OK
    assert len(model.contexts[-1]) == 40 + 3


def test_the_contexts_that_are_shown_are_those_that_are_scored():
    model = WrittenTokens()
    scorer, _ = measured(["long", "three"], model=model)
    scored = [context for context in model.contexts if context and "### Response:" not in context]
    (shown,) = scorer.compared_with(scorer.task, [CANDIDATE])
    assert list(shown) == [[(1.0, context)] for context in scored]


def test_it_is_not_raced_since_pairs_may_have_no_number():
    assert not IconScorer(RELEASED).mean_of_column


def test_settings_that_contradict_it_are_refused():
    with pytest.raises(ConfigError, match=r"mask=released.*skip_tokens=1"):
        measured(["long"], skip_tokens=1)
    for options in ({"control": "none", "mask": "released"}, {"control": "random", "match": "released"}):
        with pytest.raises(ValueError, match="found 'released' with control"):
            IconOptions(**options)


def test_the_draw_of_a_pair_depends_on_nothing_else(monkeypatch):
    before = WrittenTokens()
    measured(["long", "three"], model=before)
    random.seed(0)
    after = WrittenTokens()
    measured(["three"], model=after)
    assert after.contexts[-1] == before.contexts[-1]


@pytest.mark.model
def test_on_a_real_model_the_score_is_that_of_a_plain_loop():
    """One pair after the other, as the released code goes, whose texts and formula are written out here."""
    pytest.importorskip("icon_llamacpp")
    pool = [sample("c1", "Name a colour.", "Blue."), sample("c2", "Add 2 and 2.", "It is 4.")]
    tasks = [sample("a1", "Who?", "Ann did."), sample("a2", "Yes or no?", "No"), sample("a3", "When?", "In May.")]
    options = {"control": "paired", "match": "released", "mask": "released"}
    with icon.load_backend("llamacpp", model=str(model_file("tiny")), precision="f32") as backend:
        found = icon.score(pool, tasks, backend=backend, template="paper", scorer="icon", seed=7, **options)
    passes = PlainPasses(model_file("tiny"))
    for candidate, scored in zip(pool, found, strict=True):
        demonstration = f"### Instruction:\n{candidate.instruction}\n\n### Response:{candidate.response}"
        terms = []
        for task in tasks:
            prompt = f"### Instruction:\n{task.instruction}\n\n### Response:"
            draw = random.Random(f"7/{candidate.id}/{task.id}")
            letters = string.ascii_letters + string.punctuation + string.digits + " "
            noise = "".join(draw.choices(letters, k=len(demonstration)))
            bare = passes.logprobs(prompt, task.response)
            given, control = (
                passes.logprobs(before, "\n\n\n", prompt, task.response)[2:] for before in (demonstration, noise)
            )
            if len(given):
                difference = np.exp(-control.mean()) - np.exp(-given.mean())
                terms.append(difference / (np.exp(-bare.mean()) + 1e-6))
        assert (scored.n_assessed, len(terms)) == (2, 2)  # "No" has two tokens in this vocabulary
        assert scored.score == pytest.approx(np.mean(terms), rel=2e-3, abs=2e-4)
    passes.close()


def test_a_plan_counts_the_tokens_that_are_read_with_a_context_of_its_own_for_every_pair():
    class Counting(WrittenTokens):
        tokens_read = 0

        def score(self, context, targets):
            self.tokens_read += len(context) + sum(len(target.prompt) + len(target.response) - 1 for target in targets)
            return super().score(context, targets)

    model = Counting()
    scorer, _ = measured(["long", "three"], model=model)
    costs = costs_of(scorer, scorer.task)
    planned = costs.pairs([CANDIDATE], scorer.task.assessment) + costs.shared([CANDIDATE], scorer.task.assessment)
    assert planned.passes == 2 + 2 + 2  # bare, behind the demonstration, behind noise
    prompt = len(load_template("paper").target(scorer.task.assessment[0]).prompt)
    alike = prompt + len("lon")  # a token is a place here, so the answers begin alike as well
    assert planned.tokens == model.tokens_read - 2 * alike  # read once bare and once behind the demonstration


@pytest.mark.parametrize("how", ["regress", "strata"])
def test_candidates_with_masked_pairs_are_compared_at_equal_length(how):
    scorer, (long, two) = measured(["long", "two"])
    assert two.status == Status.MASKED
    rows = {id_: [replace(row, candidate=id_) for row in (long, two)] for id_ in "abc"}
    samples = {id_: sample(id_, "q", "r" * place) for place, id_ in enumerate("abc", 1)}
    lengths, unit = response_lengths(samples, rows, scorer)
    assert (lengths, unit) == ({"a": 1.0, "b": 2.0, "c": 3.0}, "characters")
    scored = {id_: contribution(id_, own, {}, scorer) for id_, own in rows.items()}
    found = at_equal_length(scored, rows, lengths, how, scorer.column)
    assert {one.raw_score for one in found.values()} == {scored["a"].score}


def test_tokens_of_a_masked_pair_are_compared_without_the_first_two():
    _, (long,) = measured(["long"])
    compared = TokenDetail("c", "long", ("n", "g"), (-0.5, -0.7), (-1.0, -1.2))
    assert Pair(long, None, masked=2).fits(compared)
    whole = TokenDetail("c", "long", tuple("long"), (-5.0, -1.0, -0.5, -0.7), (-6.0, -2.0, -1.0, -1.2))
    assert not Pair(long, None, masked=2).fits(whole)
