"""Scorers that look at a candidate by itself: `length`, `random` and `ppl`, against numbers worked by hand."""

import math
from dataclasses import replace

import pytest
from scipy.stats import kstest

from icon.plugins import Options, ScoringTask
from icon.samples.templates import load_template
from icon.scorers import LengthOptions, LengthScorer, PplOptions, PplScorer, RandomScorer, contribution
from icon.types import BackendInfo, Message, Sample, Status, TokenLogProbs

PROMPT = "### Instruction:\nq\n\n### Response:"


class WrittenModel:
    """Log-probabilities of each response, or a status and a reason; a token a character."""

    tokens_evaluated = 0

    def __init__(self, written):
        self.written, self.calls = written, []

    def describe(self):
        return BackendInfo("written", "m", "d", "f64", "t", 9999, False, "paper")

    def tokenize(self, text):
        return list(range(len(text)))

    def score(self, context, targets):
        self.calls.append((context, [(target.prompt, target.response) for target in targets]))
        return [self._one(*self.written[target.response]) for target in targets]

    def _one(self, *found):
        if isinstance(found[0], Status):
            return TokenLogProbs((1, 2), (), *found)
        return TokenLogProbs(tuple(range(len(found))), found)


def sample(response, id_=None, prompt="q"):
    return Sample(id_ or f"id {response}", 0, (Message("user", prompt),), response)


def scored(scorer, candidates, model=None, *, seed=1, limit=1000, **changes):
    """Contributions in the order of the candidates."""
    task = ScoringTask(model, load_template("paper"), (), seed, limit, limit, limit, True)
    assert scorer.prepare(replace(task, **changes), []) == []
    found = list(scorer.measure(candidates))
    return [contribution(each.id, rows, {}, scorer) for each, rows in zip(candidates, found, strict=True)]


@pytest.mark.parametrize(
    ("response", "characters", "words"),
    [("Three short words", 17, 3), ("  two\n\nlines\t", 13, 2), ("naïve 東京", 8, 2), ("-", 1, 1)],
)
def test_length_counts_the_response_in_characters_or_words(response, characters, words):
    candidate = sample(response, prompt="a prompt of quite another length")
    assert scored(LengthScorer(LengthOptions()), [candidate])[0].score == characters
    assert scored(LengthScorer(LengthOptions(unit="words")), [candidate])[0].score == words


def test_random_depends_on_the_seed_and_the_id_alone():
    ids = [f"{number:016x}" for number in range(50)]
    candidates = [sample("answer", id_) for id_ in ids]
    scores = {each.id: each.score for each in scored(RandomScorer(Options()), candidates)}
    others = [Sample(id_, 9, (Message("user", "other"),), "else", group="g") for id_ in reversed(ids)]
    assert {each.id: each.score for each in scored(RandomScorer(Options()), others)} == scores
    reseeded = {each.id: each.score for each in scored(RandomScorer(Options()), candidates, seed=2)}
    assert all(reseeded[id_] != scores[id_] for id_ in ids)


def test_random_is_the_same_in_every_process_and_version():
    # printf 7/a | b2sum --length=56, and the same for 42/a: 56 bits behind the point
    found = [scored(RandomScorer(Options()), [sample("answer", "a")], seed=seed)[0].score for seed in (7, 42)]
    assert found == [0xD73A2431A0259A / 2**56, 0x7D81DDD6F4BAE1 / 2**56]


def test_random_is_uniform_from_0_to_1():
    found = [each.score for each in scored(RandomScorer(Options()), [sample("a", str(n)) for n in range(5000)])]
    assert all(0 <= score < 1 for score in found)
    assert kstest(found, "uniform").pvalue > 0.01
    assert len(set(found)) == 5000


def test_ppl_is_the_exponential_of_the_mean_nll_and_low_ranks_first():
    model = WrittenModel({"sure": (math.log(1 / 2), math.log(1 / 8)), "unsure": (math.log(1 / 9),)})
    found = scored(PplScorer(PplOptions()), [sample("sure"), sample("unsure")], model)
    # sqrt(2 x 8) and 9
    assert [each.score for each in found] == pytest.approx([-4, -9])
    assert [each.standard_error for each in found] == [None, None]


def test_ppl_high_ranks_the_other_end_first():
    model = WrittenModel({"sure": (math.log(1 / 2), math.log(1 / 8)), "unsure": (math.log(1 / 9),)})
    found = scored(PplScorer(PplOptions(prefer="high")), [sample("sure"), sample("unsure")], model)
    assert [each.score for each in found] == pytest.approx([4, 9])


def test_ppl_measures_all_candidates_behind_their_own_prompts_in_one_call():
    model = WrittenModel({"a": (-1.0,), "b": (-1.0,)})
    scored(PplScorer(PplOptions()), [sample("a"), sample("b", prompt="Why?")], model)
    assert model.calls == [("", [(PROMPT, "a"), ("### Instruction:\nWhy?\n\n### Response:", "b")])]


def test_a_failed_target_keeps_its_status_and_leaves_the_others_alone():
    model = WrittenModel({"bad": (Status.OUT_OF_MEMORY, "no room"), "good": (-2.0,)})
    bad, good = scored(PplScorer(PplOptions()), [sample("bad"), sample("good")], model)
    assert (bad.score, bad.status, bad.reason) == (None, Status.OUT_OF_MEMORY, "no room")
    assert (good.score, good.status) == (pytest.approx(-(math.e**2)), Status.OK)


def test_a_perplexity_beyond_a_float_is_no_score():
    low, high = (
        scored(PplScorer(PplOptions(prefer=end)), [sample("odd")], WrittenModel({"odd": (-1000.0,)}))[0]
        for end in ("low", "high")
    )
    assert (low.score, low.status) == (high.score, high.status) == (None, Status.NOT_FINITE)


def test_a_text_beyond_the_limit_is_cut_and_the_reason_says_so():
    model = WrittenModel({"b" * 40: (-1.0,), "whole": (-1.0,)})
    cut, whole = scored(PplScorer(PplOptions()), [sample("b" * 100), sample("whole")], model, limit=40)
    assert cut.score == pytest.approx(-math.e)
    assert cut.reason == "response truncated from 100 to 40 tokens"
    assert whole.reason == ""


def test_a_prompt_and_a_response_beyond_their_limits_are_both_noted():
    model = WrittenModel({"bbb": (-1.0,)})
    changes = {"max_prompt_tokens": 13, "max_response_tokens": 3}
    (found,) = scored(PplScorer(PplOptions()), [sample("bbbb")], model, **changes)
    assert model.calls == [("", [("### Response:", "bbb")])]  # a prompt keeps its end
    n = len(PROMPT)
    assert found.reason == f"prompt truncated from {n} to 13 tokens; response truncated from 4 to 3 tokens"


def test_a_text_beyond_the_limit_fails_where_the_run_does_not_truncate():
    model = WrittenModel({"good": (-1.0,)})
    long, good = scored(PplScorer(PplOptions()), [sample("b" * 41), sample("good")], model, limit=40, truncate=False)
    assert (long.score, long.status) == (None, Status.TOO_LONG)
    assert long.reason == "response of 41 tokens, limit 40"
    assert good.score == pytest.approx(-math.e)
