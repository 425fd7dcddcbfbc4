"""The scorer `reverse` on a model whose perplexities are written down, and against passes made one at a time."""

import math
from dataclasses import replace

import pytest

from icon.errors import InputError
from icon.plugins import ScoringTask
from icon.samples.templates import load_template
from icon.scorers import contribution
from icon.scorers.aggregate import by_candidate
from icon.scorers.options import ReverseOptions
from icon.scorers.reverse import ReverseScorer, companions
from icon.types import BackendInfo, Measurement, Message, Sample, Status, TokenLogProbs


class WrittenModel:
    """NLL of a response by the responses of the assessment samples in its context; every response has two tokens."""

    tokens_evaluated = 0

    def __init__(self, nlls, failing=()):
        self.nlls, self.failing, self.calls = nlls, failing, []

    def describe(self):
        return BackendInfo("written", "m", "d", "f64", "t", 9999, False, "paper")

    def tokenize(self, text):
        return list(range(len(text)))

    def score(self, context, targets):
        seen = "".join(word for word in ("s1", "s2", "s3") if word in context)
        self.calls.append((seen, [target.response for target in targets]))
        return [self._one(seen, target.response) for target in targets]

    def _one(self, seen, response):
        if (seen, response) in self.failing:
            return TokenLogProbs((1, 2), (), Status.NOT_FINITE, "NaN")
        nll = self.nlls[seen][response]
        return TokenLogProbs((1, 2), (-1.5 * nll, -0.5 * nll))


NLLS = {"": {"A": 4.0, "B": 2.0}, "s1": {"A": 3.0, "B": 2.5}, "s2": {"A": 2.0, "B": 1.0}}


def sample(id_, response, group=None):
    return Sample(id_, 0, (Message("user", f"prompt of {id_}"),), response, group=group)


A, B = sample("a", "A"), sample("b", "B")
ASSESSMENT = [sample("t1", "s1", "g1"), sample("t2", "s2", "g2")]


def task(model, **changes):
    made = ScoringTask(model, load_template("alpaca"), ASSESSMENT, 1, 1000, 1000, 1000, True)
    return replace(made, **changes)


def measured(model, options=None, candidates=(A, B), **changes):
    scorer = ReverseScorer(options or ReverseOptions())
    scorer.prepare(task(model, **changes), [])
    return scorer, by_candidate(row for rows in scorer.measure(candidates) for row in rows)


def test_the_ratio_is_the_share_of_its_own_nll_that_a_response_gains_by_hand():
    scorer, rows = measured(WrittenModel(NLLS))
    # a: (4 - 3) / 4 and (4 - 2) / 4; b: (2 - 2.5) / 2 and (2 - 1) / 2
    assert [row.value for row in rows["a"]] == pytest.approx([0.25, 0.5])
    assert [row.value for row in rows["b"]] == pytest.approx([-0.25, 0.5])
    found = contribution("a", rows["a"], {"t1": "g1", "t2": "g2"}, scorer)
    assert found.score == pytest.approx(0.375)
    assert found.log_gain == pytest.approx(1.5)
    assert found.standard_error == pytest.approx(0.125)  # sd of 0.25 and 0.5 is 0.1768, over the root of 2
    assert found.groups == pytest.approx({"g1": 0.25, "g2": 0.5})


def test_the_gain_is_in_nats_per_token_by_hand():
    _, rows = measured(WrittenModel(NLLS), ReverseOptions(measure="gain"))
    assert [row.value for row in rows["a"]] == pytest.approx([1.0, 2.0])
    assert [row.value for row in rows["b"]] == pytest.approx([-0.5, 1.0])
    assert [row.log_gain for row in rows["b"]] == pytest.approx([-0.5, 1.0])


def test_a_row_has_both_passes_and_their_first_tokens():
    _, rows = measured(WrittenModel(NLLS))
    (row, _) = rows["a"]
    assert (row.nll, row.nll_random, row.n_tokens) == pytest.approx((3.0, 4.0, 2))
    # of 3 nats per token over two tokens, 4.5 are the first token's and 1.5 the second's; of 4, 6 and 2
    assert (row.first, row.second, row.first_random, row.second_random) == pytest.approx((4.5, 1.5, 6.0, 2.0))


def test_all_candidates_are_targets_of_one_call_per_context():
    model = WrittenModel(NLLS)
    measured(model)
    assert model.calls == [("", ["A", "B"]), ("s1", ["A", "B"]), ("s2", ["A", "B"])]


def test_a_known_response_is_not_read_again():
    model = WrittenModel(NLLS)
    known = {("a", None): Measurement("a", nll=8.0, n_tokens=2), ("b", None): Measurement("b", nll=4.0, n_tokens=2)}
    _, rows = measured(model, known=known)
    assert [seen for seen, _ in model.calls] == ["s1", "s2"]
    assert [row.value for row in rows["a"]] == pytest.approx([5 / 8, 6 / 8])


def test_its_own_response_is_known_to_others_as_nll_of_y_given_x():
    scorer, rows = measured(WrittenModel(NLLS))
    own = scorer.own_response(rows["b"][1])
    assert (own.candidate, own.assessment, own.nll, own.n_tokens) == ("b", None, 2.0, 2)
    assert (own.first, own.second) == pytest.approx((3.0, 1.0))


def test_with_two_shots_a_context_is_a_companion_and_then_its_own_sample():
    model = WrittenModel({"": NLLS[""], "s1s2": {"A": 1.0, "B": 1.5}})
    _, rows = measured(model, ReverseOptions(shots=2))
    assert [row.value for row in rows["a"]] == pytest.approx([0.75, 0.75])
    scorer = ReverseScorer(ReverseOptions(shots=2))
    scorer.prepare(task(model), [])
    assert scorer._contexts[0].index("s2") < scorer._contexts[0].index("s1")


def test_companions_do_not_depend_on_the_part_of_the_assessment_set_that_is_measured():
    whole = [sample(f"t{n}", f"r{n}") for n in range(8)]
    scorer, part = ReverseScorer(ReverseOptions(shots=3)), ReverseScorer(ReverseOptions(shots=3))
    scorer.prepare(task(WrittenModel(NLLS), assessment=whole, whole=whole), [])
    part.prepare(task(WrittenModel(NLLS), assessment=whole[5:6], whole=whole[::-1]), [])
    assert part._contexts == scorer._contexts[5:6]


def test_companions_are_others_and_differ_by_seed():
    whole = [sample(f"t{n}", f"r{n}") for n in range(30)]
    drawn = [[one.id for one in companions(whole[0], whole, 3, seed)] for seed in range(5)]
    assert all(len({*ids, "t0"}) == 4 for ids in drawn)
    assert len({tuple(ids) for ids in drawn}) > 1


def test_fewer_assessment_samples_than_shots_are_refused():
    with pytest.raises(InputError, match=r"shots 3: found 2 assessment samples; valid: at least as many.*shots=2"):
        measured(WrittenModel(NLLS), ReverseOptions(shots=3))


def test_one_failed_context_leaves_the_candidate_without_a_score_and_the_others_alone():
    scorer, rows = measured(WrittenModel(NLLS, failing={("s2", "A")}))
    found = contribution("a", rows["a"], {}, scorer)
    assert (found.score, found.status) == (None, Status.NOT_FINITE)
    assert found.reason == "1 of 2 failed: conditioned on assessment samples: NaN"
    assert [row.value for row in rows["b"]] == pytest.approx([-0.25, 0.5])


def test_a_response_that_cannot_be_read_at_all_has_one_row_with_its_reason():
    model = WrittenModel(NLLS, failing={("", "A")})
    _, rows = measured(model)
    assert [(row.status, row.reason, row.value) for row in rows["a"]] == [(Status.NOT_FINITE, "NaN", None)]
    assert model.calls[1:] == [("s1", ["B"]), ("s2", ["B"])]


def test_a_response_that_is_certain_without_a_context_has_no_ratio_but_a_gain():
    certain = {"": {"A": 0.0}, "s1": {"A": 0.1}, "s2": {"A": 0.0}}
    _, rows = measured(WrittenModel(certain), candidates=[A])
    assert {row.status for row in rows["a"]} == {Status.NOT_FINITE}
    assert "nothing can make the response more likely" in rows["a"][0].reason
    _, rows = measured(WrittenModel(certain), ReverseOptions(measure="gain"), candidates=[A])
    assert [row.value for row in rows["a"]] == pytest.approx([-0.1, 0.0])


def test_a_primer_stands_in_front_of_every_pass_and_skipped_tokens_count_in_none():
    model = WrittenModel(NLLS)
    primed = WrittenModel({"s3": NLLS[""], "s1s3": NLLS["s1"], "s2s3": NLLS["s2"]})
    _, plain = measured(model, skip_tokens=1)
    _, other = measured(primed, skip_tokens=1, primer="s3\n\n\n")
    # of 4 and 3 nats per token the second token has 2 and 1.5: a quarter less, as with both tokens
    assert [row.nll for row in plain["a"]] == pytest.approx([1.5, 1.0])
    assert [row.value for row in plain["a"]] == pytest.approx([0.25, 0.5])
    assert [row.value for row in other["a"]] == pytest.approx([0.25, 0.5])
    assert [seen for seen, _ in primed.calls] == ["s3", "s1s3", "s2s3"]


def test_it_prefers_equal_length():
    assert ReverseScorer.equal_length == "strata"
    assert math.isclose(ReverseScorer(ReverseOptions(contexts=7)).most_samples, 7)
