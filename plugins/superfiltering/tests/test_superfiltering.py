"""Superfiltering is PPL(y given x) / PPL(y): worked by hand, shared with its relatives, checked on the model."""

import json
import math
from contextlib import closing
from importlib.resources import files

import pytest

from icon.pipeline import builtin
from icon.plugins import ScoringTask
from icon.plugins.manager import Plugins
from icon.samples import load_samples, load_template
from icon.scorers import PplOptions, PplScorer, contribution
from icon.testing import FakeBackend
from icon.testing.cases import CANDIDATES
from icon.types import Message, Sample, Status, TokenLogProbs
from icon_superfiltering import hooks
from icon_superfiltering.scorer import SuperfilteringScorer
from support.plain_passes import MODELS, PlainPasses, model_file
from support.smollm2 import run_cache


class WrittenModel(FakeBackend):
    """Log-probabilities of each response behind its prompt and without one."""

    def __init__(self, given, alone):
        super().__init__()
        self.given, self.alone = given, alone

    def score(self, context, targets):
        return [self._one((self.given if each.prompt.strip() else self.alone)[each.response]) for each in targets]

    def _one(self, found):
        if isinstance(found[0], Status):
            return TokenLogProbs((1,), (), *found)
        return TokenLogProbs(tuple(range(len(found))), found)


class Counting(FakeBackend):
    """Counts the targets that it scores."""

    passes = 0

    def score(self, context, targets):
        self.passes += len(targets)
        return super().score(context, targets)


def task(backend, known=()):
    table = {(row.candidate, None): row for row in known}
    return ScoringTask(backend, load_template("paper"), (), 1, 1000, 1000, 1000, True, table)


def measured(scorer, backend, candidates, known=()):
    scorer.prepare(task(backend, known), [])
    return [row for (row,) in scorer.measure(candidates)]


def by_hand(given, alone):
    candidates = [Sample(f"id {each}", 0, (Message("user", "q"),), each) for each in given]
    scorer = SuperfilteringScorer()
    rows = measured(scorer, WrittenModel(given, alone), candidates)
    return rows, [contribution(row.candidate, [row], {}, scorer) for row in rows]


def test_the_ratio_is_that_of_the_two_perplexities():
    # PPL(y given x) = sqrt(2 x 8) = 4, PPL(y) = sqrt(4 x 16) = 8; the ratio of the mean NLLs would be 2/3
    given, alone = {"a": (-math.log(2), -math.log(8))}, {"a": (-math.log(4), -math.log(16))}
    (row,), (found,) = by_hand(given, alone)
    assert row.value == found.score == pytest.approx(0.5)
    assert (row.nll, row.nll_alone) == (pytest.approx(math.log(4)), pytest.approx(math.log(8)))
    assert row.n_tokens == 2


def test_below_one_the_highest_ranks_first_and_the_others_stand_behind_all_of_these():
    # Ratios 1/2, 3/4, 1, 2, 1/8
    ratios = {"easy": 1 / 2, "hard": 3 / 4, "no help": 1.0, "worse": 2.0, "known": 1 / 8}
    given = {response: (-math.log(8 * ratio),) for response, ratio in ratios.items()}
    rows, found = by_hand(given, dict.fromkeys(ratios, (-math.log(8),)))
    assert [row.value for row in rows] == pytest.approx(list(ratios.values()))
    order = sorted(found, key=lambda each: -each.score)
    assert [each.id for each in order] == ["id hard", "id easy", "id known", "id no help", "id worse"]


def test_perplexities_beyond_a_float_still_have_their_ratio():
    (row,), _ = by_hand({"a": (-1000.0,)}, {"a": (-1001.0,)})
    assert row.value == pytest.approx(math.exp(-1))


def test_a_ratio_beyond_a_float_is_no_number():
    (row,), (found,) = by_hand({"a": (-1000.0,)}, {"a": (-1.0,)})
    assert (row.status, row.value, row.nll, found.score) == (Status.NOT_FINITE, None, None, None)
    assert "no finite ratio" in row.reason


@pytest.mark.parametrize("side", ["given", "alone"])
def test_a_failure_on_either_side_keeps_its_status_and_gives_no_number(side):
    tables = {name: {"a": (-1.0,), "b": (-2.0,)} for name in ("given", "alone")}
    tables[side]["a"] = (Status.OUT_OF_MEMORY, "no room")
    (struck, well), (failed, _) = by_hand(**tables)
    assert (failed.status, failed.reason, failed.score) == (Status.OUT_OF_MEMORY, "no room", None)
    assert struck.value is struck.nll is struck.nll_alone is None
    assert well.value == 1


def test_behind_ifd_it_makes_no_pass_and_behind_ppl_half_of_them():
    ifd = pytest.importorskip("icon_ifd.scorer", reason="the scorer ifd is not installed").IfdScorer()
    all_own = Counting()
    expected = measured(SuperfilteringScorer(), all_own, CANDIDATES)
    assert all_own.passes == 2 * len(CANDIDATES)
    for other, passes in ((ifd, 0), (PplScorer(PplOptions()), len(CANDIDATES))):
        backend = Counting()
        known = measured(other, FakeBackend(), CANDIDATES)
        assert measured(SuperfilteringScorer(), backend, CANDIDATES, known) == expected
        assert backend.passes == passes


def test_it_comes_in_through_the_hook_and_takes_no_options():
    plugins = Plugins([builtin], entry_points=False)
    plugins.register(hooks, "icon-superfiltering")
    assert isinstance(plugins.get("scorer", "superfiltering").make({}), SuperfilteringScorer)


@pytest.mark.model
@pytest.mark.parametrize("model", MODELS)
def test_on_a_model_it_is_the_ratio_of_two_plain_evaluations(model):
    pytest.importorskip("icon_llamacpp", reason="the llama.cpp backend is not installed")
    from icon_llamacpp.backend import LlamaCppBackend
    from icon_llamacpp.options import LlamaCppOptions

    path = model_file(model)
    pool = files("icon.samples.demo").joinpath("demo_pool.jsonl")
    candidates = [each for each in load_samples(str(pool)).samples if not each.passage][:6]
    records = [json.loads(line) for line in pool.read_text("utf-8").splitlines()]
    with run_cache(), LlamaCppBackend(LlamaCppOptions(model=str(path), precision="as-is")) as backend:
        rows = measured(SuperfilteringScorer(), backend, candidates)
    expected = []
    with closing(PlainPasses(path)) as plain:

        def perplexity(prompt, response):
            return math.exp(-plain.logprobs(prompt, response).mean())

        for each in candidates:
            record = records[each.row]
            prompt = f"### Instruction:\n{record['instruction']}\n\n### Response:"
            expected.append(perplexity(prompt, record["output"]) / perplexity("\n", record["output"]))
    assert [row.value for row in rows] == pytest.approx(expected, abs=1e-3)
    assert max(expected) - min(expected) > 0.01  # so that agreement says something
