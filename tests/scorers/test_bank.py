"""The bank of random contexts, on a model whose NLLs are written down by length, so every number is worked by hand."""

import math

import pytest

from icon.plugins import ScoringTask
from icon.samples.templates import load_template
from icon.scorers import IconOptions, IconScorer
from icon.scorers._bank import BankControl, control_lengths, ends
from icon.testing import FakeBackend
from icon.types import BackendInfo, Message, Sample, Status, Target, TokenLogProbs

NLLS = {8: (1.0, 2.0), 32: (3.0, 4.0), 48: (9.0, 9.0), 64: (5.0, 5.0), 72: (6.0, 7.0), 128: (8.0, 8.0)}
"""NLL of target `s1` behind a context of that length, for its two draws; that of `s2` is ten times as much."""
S1, S2 = Target("p" * 10, "s1"), Target("p", "s2")


class ByLength:
    """A token a character; the n-th distinct text of a length is its n-th draw."""

    tokens_evaluated = 0

    def __init__(self, *, context_length=9999, bos=False, failing=()):
        self.info = BackendInfo("written", "m", "d", "f64", "t", context_length, bos, "paper")
        self.failing, self.seen, self.contexts = failing, {}, []

    def describe(self):
        return self.info

    def tokenize(self, text):
        return list(range(len(text)))

    def score(self, context, targets):
        draws = self.seen.setdefault(len(context), [])
        if context not in draws:
            draws.append(context)
        self.contexts.append((len(context), [each.response for each in targets]))
        return [self._one(len(context), draws.index(context), each) for each in targets]

    def _one(self, length, draw, target):
        if (length, draw, target.response) in self.failing:
            return TokenLogProbs((1, 2), (), Status.NOT_FINITE, "NaN")
        nll = NLLS[length][draw] * (10 if target.response == "s2" else 1)
        return TokenLogProbs((1, 2), (-nll, -nll))

    @property
    def lengths(self):
        return [length for length, _ in self.contexts]


def task(backend, seed=1, limit=2040):
    return ScoringTask(backend, load_template("paper"), [], seed, 1000, limit, 1000, True)


def bank(backend, targets=(S1, S2), **changes):
    return BankControl(task(backend, **changes), targets)


def nlls(outcomes):
    assert all(each.status == Status.OK for each in outcomes)
    return [each.nll for each in outcomes]


@pytest.mark.parametrize(
    ("n_tokens", "top", "expected"),
    [
        (1, 2043, (8, 8, 0)),  # shorter than the shortest
        (8, 2043, (8, 8, 0)),  # on a length: no other is needed
        (32, 2043, (32, 32, 0)),
        (16, 2043, (8, 32, 0.5)),  # log 2 / log 4
        (256, 2043, (128, 512, 0.5)),
        (96, 2043, (32, 128, math.log(3) / math.log(4))),
        (1024, 2048, (512, 2048, 0.5)),
        (768, 1152, (512, 1152, 0.5)),  # clipped: log 1.5 / log 2.25
        (1152, 1152, (1152, 1152, 0)),  # the top itself
        (2000, 1152, (2000, 2000, 0)),  # beyond it: the length of its own
        (3, 4, (4, 4, 0)),  # a top below the shortest
        (6, 4, (6, 6, 0)),
    ],
)
def test_a_length_lies_between_two_of_the_bank(n_tokens, top, expected):
    assert ends(n_tokens, top) == (*expected[:2], pytest.approx(expected[2]))


def test_the_draws_of_a_length_are_averaged():
    assert nlls(bank(ByLength()).at(32)) == pytest.approx([3.5, 35.0])


def test_between_two_lengths_the_nll_is_linear_in_the_logarithm_of_the_length():
    control = bank(ByLength())
    assert nlls(control.at(16)) == pytest.approx([2.5, 25.0])  # midway between 1.5 and 3.5
    # 96 = 32 * 3, so log 3 / log 4 = 0.7924812504 of the way from 3.5 to 8
    assert nlls(control.at(96)) == pytest.approx([3.5 + 4.5 * 0.7924812504, 35 + 45 * 0.7924812504])


def test_below_the_shortest_length_its_value_stands():
    assert nlls(bank(ByLength()).at(2)) == pytest.approx([1.5, 15.0])


def test_only_lengths_that_are_needed_are_evaluated_and_each_draw_once_for_all_candidates():
    model = ByLength()
    control = bank(model)
    assert model.contexts == []
    control.at(8)
    assert model.lengths == [8, 8]
    for n_tokens in (9, 16, 31, 32, 8, 16):
        control.at(n_tokens)
    assert model.contexts == [(length, ["s1", "s2"]) for length in (8, 8, 32, 32)]
    assert len(set(model.seen[8])) == len(set(model.seen[32])) == 2


def test_the_scorer_shares_the_bank_among_candidates_of_any_length():
    backend = FakeBackend()
    calls = []
    score = backend.score
    backend.score = lambda context, targets: calls.append(context) or score(context, targets)
    made = ScoringTask(backend, load_template("plain"), [_sample("task", 3)], 1, 100, 100, 100, True)
    scorer = IconScorer(IconOptions())
    scorer.prepare(made, [])
    found = list(scorer.measure([_sample(f"word{n}", n) for n in range(3, 11)]))
    assert [len(rows) for rows in found] == [1] * 8
    random = [each for each in calls if each and not each.startswith("word")]
    assert len(calls) == 1 + 8 + len(random)
    assert len(random) == len(set(random)) == 4  # 8 and 32 tokens, two draws each


def _sample(word, n):
    return Sample(word, 0, (Message("user", word),), " ".join(["answer"] * n))


def test_the_longest_demonstration_is_the_bank_s_last_length():
    model = ByLength()
    # 69 and three line breaks are 72 = 32 * 1.5 * 1.5, so 48 lies midway between 3.5 and 6.5
    assert nlls(bank(model, limit=69).at(48)) == pytest.approx([5.0, 50.0])
    assert model.lengths == [32, 32, 72, 72]


def test_where_the_model_s_context_has_no_room_the_bank_ends_earlier_for_that_target_alone():
    model = ByLength(context_length=64 + 12)  # s1 has 12 tokens, so 64 fit in front; s2 has 3, so 73 do
    # 2043 tokens do not, so both end at 64, the power of two that fits; 48 is log 1.5 / log 2 of the way from 32
    assert nlls(bank(model).at(48)) == pytest.approx([3.5 + 1.5 * math.log2(1.5), 35 + 15 * math.log2(1.5)])
    tight = ByLength(context_length=64 + 12, bos=True)  # the BOS token takes one place: 63 for s1, so it ends at 32
    assert nlls(bank(tight).at(48)) == pytest.approx([9.0, 35 + 15 * math.log2(1.5)])  # s1 by the exact length
    assert (48, ["s1"]) in tight.contexts
    assert (64, ["s2"]) in tight.contexts


@pytest.mark.parametrize("context_length", [40, 64, 100, 4096])
def test_a_target_has_the_same_control_alone_as_among_others(context_length):
    targets = [Target("a b c" + " d" * n, " one two") for n in (0, 8, 20)]
    for n_tokens in (5, 12, 20, 30):
        together = bank(FakeBackend(context_length=context_length), targets).at(n_tokens)
        alone = [bank(FakeBackend(context_length=context_length), [each]).at(n_tokens)[0] for each in targets]
        assert [repr(each) for each in together] == [repr(each) for each in alone]


def test_a_failure_at_an_end_is_a_status_and_never_a_number():
    control = bank(ByLength(failing={(32, 1, "s1")}))  # the second draw alone
    failed, sound = control.at(16)
    assert (failed.status, failed.reason) == (Status.NOT_FINITE, "NaN")
    assert math.isnan(failed.nll)
    assert sound.nll == pytest.approx(25.0)
    assert nlls(control.at(8)) == pytest.approx([1.5, 15.0])  # which does not need the length that failed


def test_a_demonstration_that_leaves_no_room_for_the_target_fails():
    (found,) = bank(FakeBackend(context_length=20), [Target("a b", " c")]).at(30)
    assert (found.status, math.isnan(found.nll)) == (Status.TOO_LONG, True)


def test_the_numbers_are_those_of_the_seed():
    def found(seed):
        return nlls(bank(FakeBackend(), [Target("a b", " c d e")], seed=seed).at(20))

    assert found(1) == found(1)
    assert found(1) != found(2)


@pytest.mark.parametrize("context_length", [60, 4096])
def test_the_order_of_the_candidates_changes_no_number(context_length):
    targets, lengths = [Target("a b" + " c" * n, " d e") for n in (0, 20)], [3, 8, 20, 30, 32, 37]
    one, two = (bank(FakeBackend(context_length=context_length), targets) for _ in range(2))
    forwards = {n: one.at(n) for n in lengths}
    assert {n: two.at(n) for n in reversed(lengths)} == forwards


@pytest.mark.parametrize(
    ("control", "expected"),
    [("random", [8, 8, 32, 32, 100, 100]), ("paired", [5, 16, 40, 100]), ("none", [])],
)
def test_the_lengths_that_are_read_are_known_beforehand(control, expected):
    assert control_lengths(control, [16, 5, 40, 16, 400], top=100) == expected


def test_the_lengths_forecast_are_those_evaluated():
    model, lengths = ByLength(), [3, 8, 17, 29, 90]
    control = bank(model)
    for n_tokens in lengths:
        control.at(n_tokens)
    assert sorted(model.lengths) == control_lengths("random", lengths, top=2043)
