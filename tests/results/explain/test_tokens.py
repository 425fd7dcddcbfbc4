"""The tokens of a pair come to what the run has stored for it, whatever its control."""

import math
from dataclasses import replace
from typing import ClassVar

import pytest

from icon.errors import PluginError
from icon.plugins import ComparingScorer, ScoringTask
from icon.results.explain._details import passes_over
from icon.results.explain._pairs import measured_pairs
from icon.results.explain._tokens import TokenPasses
from icon.runs.files import read_samples
from icon.samples.templates import load_template
from icon.testing import FakeBackend
from icon.types import Message, Sample, Status, TokenLogProbs


def details(session, candidates=None):
    """Every measured pair of some candidates with its token detail."""
    samples = session.samples[:candidates]
    pairs = [
        pair
        for found in measured_pairs(session.work(), [sample.id for sample in samples])[0].values()
        for pair in found
    ]
    assessment = read_samples(session.directory.assessment, session.manifest.stages.assess.digest)
    found, failed = passes_over(session.work(), pairs, samples, assessment).measure()
    assert not failed
    return list(zip(pairs, found, strict=True))


CONTROLS = [
    {"control": "random"},
    {"control": "paired"},
    {"control": "paired", "match": "characters"},
    {"control": "none"},
]


@pytest.mark.parametrize("options", CONTROLS, ids=lambda each: "-".join(each.values()))
def test_the_mean_over_the_tokens_is_the_stored_log_gain(start, pool, tasks, tmp_path, options):
    session = start(pool, tasks, tmp_path / "run", scorer_options=options, on_bad_row="skip")
    found = details(session)
    assert len(found) == 16 * 6
    for pair, detail in found:
        n = len(detail.pieces)
        assert n == pair.row.n_tokens
        assert math.fsum(detail.differences) / n == pytest.approx(pair.row.log_gain, abs=1e-6)
        assert -math.fsum(detail.given) / n == pytest.approx(pair.row.nll, abs=1e-6)
        against = pair.nll_baseline if options["control"] == "none" else pair.row.nll_random
        assert -math.fsum(detail.control) / n == pytest.approx(against, abs=1e-6)
        assert pair.fits(detail)


def test_the_bank_of_a_run_is_a_mean_over_several_contexts(start, pool, tasks, tmp_path):
    """Demonstrations of 11 to 60 tokens lie between two lengths of the bank, each with two draws: four contexts."""
    backend = FakeBackend()
    session = start(pool, tasks, tmp_path / "run", make=lambda: backend, on_bad_row="skip")
    assessment = read_samples(session.directory.assessment, session.manifest.stages.assess.digest)
    first = session.samples[0].id
    pairs = measured_pairs(session.work(), [first])[0][first]
    kept = passes_over(session.work(), [pairs[0], pairs[-1]], session.samples, assessment)
    assert (kept.n_contexts, kept.n_tokens) == (0, 0)  # the part has their tokens
    unkept = [replace(pair, row=replace(pair.row, given=None, control=None)) for pair in pairs]
    passes = passes_over(session.work(), unkept, session.samples, assessment)
    assert passes.n_contexts == 1 + 4
    before = backend.tokens_evaluated
    passes.measure()
    # it reads the last token of each response too, which is never counted: nothing is predicted from it
    assert backend.tokens_evaluated - before == passes.n_tokens + 5 * 6


def test_the_pairs_of_a_race_come_from_its_slices(start, pool, many_tasks, tmp_path):
    session = start(pool, many_tasks, tmp_path / "run", keep=4, on_bad_row="skip")
    assert session.manifest.stages.score.race.ended
    found = details(session)
    assert len(found) == session.manifest.stages.score.race.path[-1].pairs
    for pair, detail in found:
        mean = math.fsum(detail.differences) / len(detail.pieces)
        assert mean == pytest.approx(pair.row.log_gain, abs=1e-6)
        assert pair.nll_baseline is not None


def test_a_target_for_which_the_models_context_is_short_has_the_bank_of_its_own_room(start, pool, tasks, tmp_path):
    session = start(pool, tasks, tmp_path / "run", make=lambda: FakeBackend(context_length=90), on_bad_row="skip")
    found = details(session, 8)
    assert found
    for pair, detail in found:
        mean = math.fsum(detail.differences) / len(detail.pieces)
        assert mean == pytest.approx(pair.row.log_gain, abs=1e-6)


class Written:
    """Log-probabilities of the two tokens of every response, by context."""

    behind: ClassVar = {"one": (-1.0, -4.0), "two": (-3.0, -2.0)}
    failing = ()

    def tokenize(self, text):
        return list(range(len(text)))

    def token_pieces(self, token_ids):
        return [f"t{each}" for each in token_ids]

    def score(self, context, targets):
        if context in self.failing:
            return [TokenLogProbs((7, 8), (), Status.NOT_FINITE, "NaN") for _ in targets]
        return [TokenLogProbs((7, 8), self.behind.get(context, (-0.5, -0.25))) for _ in targets]


class Weighing:
    """Compares every demonstration with the same contexts."""

    def __init__(self, contexts):
        self.contexts = contexts

    def compared_with(self, task, candidates):
        for _ in candidates:
            yield [self.contexts for _ in task.assessment]


CANDIDATE = Sample("c", 0, (Message("user", "q"),), "a")
TASKS = [Sample(id_, 0, (Message("user", id_),), "xy") for id_ in ("s", "t")]


def passes(contexts, model=None):
    task = ScoringTask(model or Written(), load_template("plain"), TASKS, 1, 99, 99, 99, True)
    return TokenPasses(task, Weighing(contexts), [(CANDIDATE, each) for each in TASKS])


def test_the_control_is_the_weighted_mean_token_by_token():
    assert isinstance(Weighing([]), ComparingScorer)
    (first, second), failed = passes([(0.25, "one"), (0.75, "two")]).measure()
    assert not failed
    assert (first.candidate, first.assessment, second.assessment) == ("c", "s", "t")
    assert first.pieces == ("t7", "t8")
    assert first.given == (-0.5, -0.25)
    assert first.control == (-2.5, -2.5)  # 0.25 * -1 + 0.75 * -3, 0.25 * -4 + 0.75 * -2
    assert first.differences == [2.0, 2.25]


def test_a_pass_that_fails_leaves_its_pairs_without_a_number():
    model = Written()
    model.failing = ("two",)
    details, failed = passes([(0.5, "one"), (0.5, "two")], model).measure()
    assert details == []
    assert {task: reason for (_, task), reason in failed.items()} == {"s": "not_finite: NaN", "t": "not_finite: NaN"}


@pytest.mark.parametrize("contexts", [[], [(0.5, "one"), (0.6, "two")]])
def test_weights_that_do_not_sum_to_1_are_refused(contexts):
    with pytest.raises(PluginError, match="Weighing: compared_with gave the weights"):
        passes(contexts)


def test_a_scorer_that_compares_with_too_few_is_told_what_is_valid():
    class Short(Weighing):
        def compared_with(self, task, candidates):
            for _ in candidates:
                yield [self.contexts]

    task = ScoringTask(Written(), load_template("plain"), TASKS, 1, 99, 99, 99, True)
    with pytest.raises(PluginError, match=r"lists of \[1\] entries; valid: 1 lists, one a candidate, of 2"):
        TokenPasses(task, Short([(1.0, "one")]), [(CANDIDATE, each) for each in TASKS])
