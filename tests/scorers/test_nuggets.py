"""The golden score is the share of tasks that a candidate helps: by hand, shared with icon, and on the model."""

import math
from contextlib import closing
from dataclasses import replace
from importlib.resources import files

import pytest

from icon.errors import InputError
from icon.plugins import Options, ScoringTask
from icon.samples import load_samples, load_template
from icon.scorers import IconOptions, IconScorer, NuggetsScorer, contribution
from icon.testing import FakeBackend
from icon.testing.cases import ASSESSMENT, CANDIDATES
from icon.types import Message, Sample, Status, TokenLogProbs
from support.plain_passes import MODELS, PlainPasses, model_file
from support.smollm2 import run_cache


class WrittenModel(FakeBackend):
    """Perplexities of each response behind nothing and behind demonstrations, known by a word in them."""

    def __init__(self, ppls, failing=()):
        super().__init__()
        self.ppls, self.failing = ppls, failing

    def score(self, context, targets):
        word = next((each for each in self.ppls if each and each in context), "")
        return [self._one(word, each.response) for each in targets]

    def _one(self, word, response):
        if (word, response) in self.failing:
            return TokenLogProbs((1, 2), (), Status.NOT_FINITE, "NaN")
        return TokenLogProbs((1, 2), (-math.log(self.ppls[word][response]),) * 2)


class Counting(FakeBackend):
    """Counts the targets scored behind demonstrations, and those behind anything."""

    def __init__(self, **faults):
        super().__init__(**faults)
        self.behind_demonstrations = self.passes = 0

    def score(self, context, targets):
        self.passes += len(targets)
        self.behind_demonstrations += len(targets) * ("### Response:" in context)
        return super().score(context, targets)


PPLS = {
    "": {"s1": 8.0, "s2": 4.0, "s3": 2.0, "s4": 3.0},
    "GOOD": {"s1": 4.0, "s2": 2.0, "s3": 1.5, "s4": 6.0},
    "EVEN": {"s1": 8.0, "s2": 4.0, "s3": 1.0, "s4": 3.0},
}


def sample(id_, response):
    return Sample(id_, 0, (Message("user", "q"),), response)


def task(backend, assessment, known=(), limit=1000):
    table = {(row.candidate, row.assessment): row for row in known if row.status is Status.OK}
    return ScoringTask(backend, load_template("paper"), assessment, 1, limit, limit, limit, True, table)


def by_hand(candidates, failing=()):
    scorer = NuggetsScorer(Options())
    tasks = [sample(f"t{n}", f"s{n}") for n in range(1, 5)]
    scorer.prepare(task(WrittenModel(PPLS, failing), tasks), [])
    rows = list(scorer.measure(candidates))
    return rows, [contribution(found[0].candidate, found, {}, scorer) for found in rows]


def run(scorer, backend, known=(), limit=1000):
    """All rows, shared ones first, without their tokens, which come with passes of its own."""
    shared = scorer.prepare(task(backend, ASSESSMENT, known, limit), [])
    rows = [*shared, *(row for found in scorer.measure(CANDIDATES) for row in found)]
    return [replace(row, given=None, control=None) for row in rows]


def test_the_golden_score_is_the_share_of_tasks_with_a_risen_likelihood():
    (rows,), (found,) = by_hand([sample("good", "GOOD")])
    assert [row.value for row in rows] == [1.0, 1.0, 1.0, 0.0]
    assert found.score == 0.75
    # std(1, 1, 1, 0) = 0.5 with n - 1, over sqrt(4)
    assert found.standard_error == pytest.approx(0.25)
    assert rows[0].log_gain == pytest.approx(math.log(8 / 4))
    assert rows[3].log_gain == pytest.approx(math.log(3 / 6))
    assert rows[0].c == pytest.approx((8 - 4) / 8, abs=1e-6)
    assert [row.nll for row in rows] == pytest.approx([math.log(each) for each in PPLS["GOOD"].values()])
    assert {row.nll_random for row in rows} == {None}


def test_the_contribution_of_a_task_group_is_its_share_of_votes():
    rows = by_hand([sample("good", "GOOD")])[0][0]
    found = contribution("good", rows, {"t1": "a", "t2": "a", "t3": "b", "t4": "b"}, NuggetsScorer(Options()))
    assert found.groups == {"a": 1.0, "b": 0.5}


def test_a_likelihood_that_stays_as_it_is_has_not_risen():
    (rows,), (found,) = by_hand([sample("even", "EVEN")])
    assert [row.value for row in rows] == [0.0, 0.0, 1.0, 0.0]
    assert found.score == 0.25


def test_one_failed_pair_leaves_the_candidate_without_a_score_and_the_others_alone():
    (rows, _), (failed, even) = by_hand([sample("good", "GOOD"), sample("even", "EVEN")], {("GOOD", "s2")})
    assert (rows[1].status, rows[1].value) == (Status.NOT_FINITE, None)
    assert (failed.score, failed.reason) == (None, "1 of 4 failed: conditioned on its demonstration: NaN")
    assert even.score == 0.25


def test_tasks_that_cannot_be_scored_by_themselves_are_all_named():
    with pytest.raises(InputError, match=r"(?s)t1.*t3"):
        by_hand([sample("good", "GOOD")], {("", "s1"), ("", "s3")})


@pytest.mark.parametrize("control", ["random", "paired", "none"])
def test_behind_icon_it_makes_no_pass(control):
    known = run(IconScorer(IconOptions(control=control)), FakeBackend())
    backend = Counting()
    assert run(NuggetsScorer(Options()), backend, known) == run(NuggetsScorer(Options()), FakeBackend())
    assert backend.passes == 0


@pytest.mark.parametrize("control", ["random", "paired", "none"])
def test_icon_behind_it_makes_no_pass_but_those_of_its_control(control):
    scorer, own, backend = IconScorer(IconOptions(control=control)), Counting(), Counting()
    expected = run(scorer, own)
    assert run(scorer, backend, run(NuggetsScorer(Options()), FakeBackend())) == expected
    pairs = len(CANDIDATES) * len(ASSESSMENT)
    assert own.behind_demonstrations == pairs
    assert backend.behind_demonstrations == 0
    assert own.passes - backend.passes == pairs + len(ASSESSMENT)  # the demonstrations, and the baseline
    assert (backend.passes == 0) == (control == "none")


def test_of_pairs_that_are_known_in_part_the_others_are_measured():
    known = run(IconScorer(IconOptions()), FakeBackend())
    part = [row for row in known if row.assessment != ASSESSMENT[1].id]
    backend = Counting()
    assert run(NuggetsScorer(Options()), backend, part) == run(NuggetsScorer(Options()), FakeBackend())
    assert backend.behind_demonstrations == len(CANDIDATES)
    assert backend.passes == len(CANDIDATES) + 1


def test_a_candidate_that_failed_under_icon_is_measured_by_itself():
    word = CANDIDATES[3].response
    known = run(IconScorer(IconOptions()), FakeBackend(faults={word: Status.OUT_OF_MEMORY}))
    backend = Counting()
    assert run(NuggetsScorer(Options()), backend, known) == run(NuggetsScorer(Options()), FakeBackend())
    assert backend.behind_demonstrations == len(ASSESSMENT)


def test_what_was_cut_is_noted_on_pairs_that_are_known_too():
    known = run(IconScorer(IconOptions()), FakeBackend(), limit=12)
    found = run(NuggetsScorer(Options()), FakeBackend(), known, limit=12)
    noted = {row.candidate for row in found if "truncated" in row.reason}
    assert noted == {row.candidate for row in known if "truncated" in row.reason}
    assert "" in noted
    assert noted & {each.id for each in CANDIDATES}


@pytest.mark.model
@pytest.mark.parametrize("model", MODELS)
def test_on_a_model_it_is_what_two_passes_a_pair_say(model):
    pytest.importorskip("icon_llamacpp", reason="the llama.cpp backend is not installed")
    from icon_llamacpp.backend import LlamaCppBackend
    from icon_llamacpp.options import LlamaCppOptions

    path = model_file(model)
    pool, tasks = (
        load_samples(str(files("icon.samples.demo").joinpath(f"demo_{name}.jsonl"))).samples
        for name in ("pool", "assessment")
    )
    candidates, tasks = ([each for each in some if not each.passage][:n] for some, n in ((pool, 6), (tasks, 4)))
    scorer = NuggetsScorer(Options())

    def prompt(each):
        return f"### Instruction:\n{each.instruction}\n\n### Response:"

    with run_cache(), LlamaCppBackend(LlamaCppOptions(model=str(path), precision="as-is")) as backend:
        scorer.prepare(replace(task(backend, tasks), max_demonstration_tokens=2040), [])
        rows = [row for found in scorer.measure(candidates) for row in found]
    gains = []
    with closing(PlainPasses(path)) as plain:
        for candidate in candidates:
            shot = prompt(candidate) + candidate.response + "\n\n\n"
            for each in tasks:
                behind, alone = (plain.logprobs(*front, prompt(each), each.response).mean() for front in ([shot], []))
                gains.append(behind - alone)
    assert [row.log_gain for row in rows] == pytest.approx(gains, abs=1e-3)
    assert min(abs(gain) for gain in gains) > 1e-3
    if model == "tiny":  # so that agreement says something; under the embedded one all of these rise
        assert {row.value for row in rows} == {0.0, 1.0}
    assert [row.value for row in rows] == [float(gain > 0) for gain in gains]
