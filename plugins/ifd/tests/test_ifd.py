"""IFD is mean NLL(y given x) / mean NLL(y): worked by hand on written-down log-probabilities, checked on the model."""

import json
from contextlib import closing
from importlib.resources import files

import pytest

from icon.pipeline import builtin
from icon.plugins import ScoringTask
from icon.plugins.manager import Plugins
from icon.samples import load_samples, load_template
from icon.scorers import contribution
from icon.types import BackendInfo, Message, Sample, Status, TokenLogProbs
from icon_ifd import hooks
from icon_ifd.scorer import IfdScorer
from support.plain_passes import MODELS, PlainPasses, model_file
from support.smollm2 import run_cache


class WrittenModel:
    """Log-probabilities of each response behind its prompt and without one; a token a character."""

    tokens_evaluated = 0

    def __init__(self, given, alone, bos=False):
        self.given, self.alone, self.bos, self.calls = given, alone, bos, []

    def describe(self):
        return BackendInfo("written", "m", "d", "f64", "t", 9999, self.bos, "paper")

    def tokenize(self, text):
        return list(range(len(text)))

    def score(self, context, targets):
        self.calls.append((context, targets))
        return [self._one(target) for target in targets]

    def _one(self, target):
        found = (self.given if target.prompt.strip() else self.alone)[target.response]
        return TokenLogProbs((1,) * 2, (), *found) if isinstance(found[0], Status) else logprobs(*found)


def logprobs(*values):
    return TokenLogProbs(tuple(range(len(values))), values)


def sample(response, prompt="q"):
    return Sample(f"id {response}", 0, (Message("user", prompt),), response)


def measured(model, candidates, *, limit=1000, truncate=True):
    """Measurements and contributions by response."""
    scorer = IfdScorer()
    scorer.prepare(ScoringTask(model, load_template("paper"), (), 1, limit, limit, limit, truncate), [])
    rows = list(scorer.measure(candidates))
    assert [[each.candidate for each in found] for found in rows] == [[each.id] for each in candidates]
    by_response = dict(zip([each.response for each in candidates], rows, strict=True))
    return (
        {response: found[0] for response, found in by_response.items()},
        {response: contribution(found[0].candidate, found, {}, scorer) for response, found in by_response.items()},
    )


def ratio(given, alone):
    """The measurement of a response with these log-probabilities behind its prompt and by itself."""
    rows, _ = measured(WrittenModel({"a": given}, {"a": alone}), [sample("a")])
    return rows["a"]


def test_the_ratio_is_that_of_the_two_mean_nlls():
    # (1 + 2) / 2 over (1 + 8) / 2: neither the mean of the tokens' ratios (0.625) nor the ratio of the PPLs (0.05)
    found = ratio((-1.0, -2.0), (-1.0, -8.0))
    assert found.value == pytest.approx(1 / 3)
    assert (found.candidate, found.n_tokens, found.status) == ("id a", 2, Status.OK)
    assert (found.nll, found.nll_alone) == (1.5, 4.5)


def test_a_failure_on_either_side_keeps_its_status_and_gives_no_number():
    failed = (Status.OUT_OF_MEMORY, "no room")
    for given, alone in ((failed, (-1.0,)), ((-1.0,), failed)):
        found = ratio(given, alone)
        assert (found.status, found.reason) == failed
        assert found.value is found.nll is found.nll_alone is None


def test_a_response_that_is_certain_by_itself_has_no_ratio():
    found = ratio((-1.0,), (0.0,))
    assert found.status is Status.NOT_FINITE
    assert found.value is None
    assert "NLL(y) is 0" in found.reason


def test_below_one_the_highest_ranks_first_and_the_others_stand_behind_all_of_these():
    # Ratios: 1 / 2, 1.8 / 2, 2 / 2, 3 / 2, 0.1 / 2
    given = {"easy": (-1.0,), "hard": (-1.8,), "no help": (-2.0,), "worse": (-3.0,), "known": (-0.1,)}
    model = WrittenModel(given, dict.fromkeys(given, (-2.0,)))
    rows, found = measured(model, [sample(each) for each in given])
    assert [row.value for row in rows.values()] == pytest.approx([0.5, 0.9, 1.0, 1.5, 0.05])
    assert sorted(found, key=lambda each: -found[each].score) == ["hard", "easy", "known", "no help", "worse"]


def test_one_failed_candidate_leaves_the_others_alone():
    given = {"good": (-1.0, -3.0), "bad": (Status.NOT_FINITE, "NaN"), "silent": (-1.0,)}
    alone = {"good": (-2.0, -6.0), "bad": (-1.0,), "silent": (Status.TOO_LONG, "9 tokens")}
    rows, found = measured(WrittenModel(given, alone), [sample(each) for each in given])
    assert rows["good"].value == pytest.approx(0.5)
    statuses = {response: (each.status, each.reason, each.score) for response, each in found.items()}
    assert statuses["bad"] == (Status.NOT_FINITE, "NaN", None)
    assert statuses["silent"] == (Status.TOO_LONG, "9 tokens", None)


@pytest.mark.parametrize(("bos", "bare"), [(True, ""), (False, "\n")])
def test_without_its_prompt_a_response_stands_behind_bos_or_a_line_break(bos, bare):
    model = WrittenModel({"a": (-1.0,)}, {"a": (-2.0,)}, bos)
    measured(model, [sample("a", "Why?")])
    prompts = [(context, target.prompt) for context, targets in model.calls for target in targets]
    assert prompts == [("", "### Instruction:\nWhy?\n\n### Response:"), ("", bare)]


def test_a_response_beyond_the_limit_is_cut_alike_in_both_passes_and_the_reason_says_so():
    model = WrittenModel({"b" * 40: (-1.0,), "whole": (-1.0,)}, {"b" * 40: (-4.0,), "whole": (-2.0,)})
    rows, found = measured(model, [sample("b" * 100), sample("whole")], limit=40)
    assert rows["b" * 100].value == pytest.approx(0.25)
    assert found["b" * 100].reason == "response truncated from 100 to 40 tokens"
    assert found["whole"].reason == ""


def test_a_response_beyond_the_limit_fails_where_the_run_does_not_truncate():
    limit = len("### Instruction:\nq\n\n### Response:")
    model = WrittenModel({"a": (-1.0,)}, {"a": (-2.0,)})
    rows, found = measured(model, [sample("b" * (limit + 1)), sample("a")], limit=limit, truncate=False)
    assert rows["a"].value == pytest.approx(0.5)
    failed = found["b" * (limit + 1)]
    assert (failed.status, failed.score) == (Status.TOO_LONG, None)
    assert f"limit {limit}" in failed.reason


def test_it_comes_in_through_the_hook_and_takes_no_options():
    plugins = Plugins([builtin], entry_points=False)
    plugins.register(hooks, "icon-ifd")
    scorer = plugins.get("scorer", "ifd").make({})
    assert isinstance(scorer, IfdScorer)
    assert (scorer.needs_backend, scorer.needs_assessment) == (True, False)


def paper_prompt(record):
    passage = f"\n\n### Input: {record['input']}" if record["input"] else ""
    return f"### Instruction:\n{record['instruction']}{passage}\n\n### Response:"


@pytest.mark.model
@pytest.mark.parametrize("model", MODELS)
def test_on_a_model_it_is_the_ratio_of_two_plain_evaluations(model):
    pytest.importorskip("icon_llamacpp", reason="the llama.cpp backend is not installed")
    from icon_llamacpp.backend import LlamaCppBackend
    from icon_llamacpp.options import LlamaCppOptions

    path = model_file(model)
    pool = files("icon.samples.demo").joinpath("demo_pool.jsonl")
    records = [json.loads(line) for line in pool.read_text("utf-8").splitlines()]
    rows = [0, 1, next(row for row, each in enumerate(records) if each["input"])]
    by_row = {each.row: each for each in load_samples(str(pool)).samples}
    with run_cache(), LlamaCppBackend(LlamaCppOptions(model=str(path), precision="as-is")) as backend:
        found, _ = measured(backend, [by_row[row] for row in rows])
    with closing(PlainPasses(path)) as plain:

        def mean_nll(prompt, response):
            return -plain.logprobs(prompt, response).mean()

        bare = "" if plain.adds_bos else "\n"
        expected = {
            each["output"]: mean_nll(paper_prompt(each), each["output"]) / mean_nll(bare, each["output"])
            for each in (records[row] for row in rows)
        }
    assert {response: row.value for response, row in found.items()} == pytest.approx(expected, abs=1e-3)
