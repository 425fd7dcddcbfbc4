"""Skipped tokens and the primer, the same in every pass: on a model written down token by token, and on a real one."""

import math
from contextlib import closing
from dataclasses import replace
from importlib.resources import files

import pytest

from icon.errors import InputError
from icon.inference.cache import VARIABLE
from icon.plugins import ScoringTask
from icon.samples import load_samples
from icon.samples.show import show_prompt
from icon.samples.templates import load_template
from icon.scorers import IconOptions, IconScorer, PplOptions, PplScorer
from icon.scorers.cost import Costs
from icon.scorers.rendering import render_primer
from icon.testing import FakeBackend
from icon.types import BackendInfo, Message, Sample, Status, TokenLogProbs
from support.plain_passes import MODELS, PlainPasses, model_file

PRIMER = "PRIMER\n\n\n"
NATS = {
    "none": {"s1": [9.0, 2.0, 1.0, 3.0], "s2": [8.0, 1.0, 2.0]},
    "given": {"s1": [4.0, 1.0, 0.5, 2.5], "s2": [3.0, 2.0, 1.0]},
    "random": {"s1": [7.0, 2.0, 1.5, 2.5], "s2": [6.0, 1.0, 1.5]},
}


class TokenModel:
    """-log p of each token by kind of context: none, a demonstration (with the word GOOD), or a random context."""

    tokens_evaluated = 0

    def __init__(self):
        self.contexts = []

    def describe(self):
        return BackendInfo("written", "m", "d", "f64", "t", 9999, False, "none")

    def tokenize(self, text):
        return list(range(len(NATS["none"].get(text, text))))

    def score(self, context, targets):
        self.contexts.append(context)
        own = context.removeprefix(PRIMER)
        kind = "given" if "GOOD" in own else "random" if own else "none"
        nats = [NATS[kind].get(target.response, [5.0, 4.0]) for target in targets]
        return [TokenLogProbs(tuple(range(len(one))), tuple(-value for value in one)) for one in nats]


def sample(id_, prompt, response):
    return Sample(id_, 0, (Message("user", prompt),), response)


CANDIDATE = sample("good", "q", "GOOD")
ASSESSMENT = [sample("a1", "x", "s1"), sample("a2", "y", "s2")]


def task(backend, template="paper", tasks=ASSESSMENT, **changes):
    made = ScoringTask(backend, load_template(template), tasks, 1, 1024, 2040, 1024, True)
    return replace(made, **changes)


def rows_of(scorer, made, candidates=(CANDIDATE,)):
    shared = scorer.prepare(made, [])
    return shared, [row for rows in scorer.measure(candidates) for row in rows]


@pytest.mark.parametrize("control", ["random", "paired"])
def test_the_first_two_tokens_are_kept_of_every_pass(control):
    baseline, rows = rows_of(IconScorer(IconOptions(control=control)), task(TokenModel()))
    assert [(row.first, row.second) for row in baseline] == [(9.0, 2.0), (8.0, 1.0)]
    assert [(row.first, row.second) for row in rows] == [(4.0, 1.0), (3.0, 2.0)]
    assert [(row.first_random, row.second_random) for row in rows] == [(7.0, 2.0), (6.0, 1.0)]


@pytest.mark.parametrize("control", ["random", "paired", "none"])
def test_skipped_tokens_count_in_no_pass(control):
    scorer = IconScorer(IconOptions(control=control))
    baseline, rows = rows_of(scorer, task(TokenModel(), skip_tokens=1))
    # without the first: (2 + 1 + 3) / 3 and (1 + 2) / 2
    # given (1 + .5 + 2.5) / 3 and (2 + 1) / 2; random (2 + 1.5 + 2.5) / 3 and (1 + 1.5) / 2
    assert [row.nll for row in baseline] == pytest.approx([2.0, 1.5])
    assert [row.nll for row in rows] == pytest.approx([4 / 3, 1.5])
    assert [row.n_tokens for row in (*baseline, *rows)] == [3, 2, 3, 2]
    against = [2.0, 1.5] if control == "none" else [2.0, 1.25]
    assert [row.log_gain for row in rows] == pytest.approx([against[0] - 4 / 3, against[1] - 1.5])
    expected = (math.exp(against[0]) - math.exp(4 / 3)) / (math.exp(2.0) + 1e-6)
    assert rows[0].c == pytest.approx(expected)
    assert rows[0].first == 4.0  # kept, though it counts in nothing


def test_an_assessment_sample_without_a_token_left_is_refused_with_what_to_do():
    with pytest.raises(InputError) as error:
        rows_of(IconScorer(IconOptions()), task(TokenModel(), skip_tokens=3))
    assert "a2 (row 0): response of 3 tokens: none is left to score" in str(error.value)
    assert "use a smaller skip_tokens or leave it out" in str(error.value)
    assert "a1" not in str(error.value)


def test_a_candidate_without_a_token_left_has_a_reason_and_no_number():
    # TokenModel gives a response that it does not know two tokens
    scorer = PplScorer(PplOptions())
    _, (whole,) = rows_of(scorer, task(TokenModel(), skip_tokens=1))
    assert (whole.nll, whole.n_tokens, whole.first, whole.second) == (4.0, 1, 5.0, 4.0)
    _, (row,) = rows_of(scorer, task(TokenModel(), skip_tokens=2))
    assert (row.status, row.nll, row.value, row.first) == (Status.FAILED, None, None, None)
    assert row.reason == "response of 2 tokens: none is left to score, since the first 2 are left out (skip_tokens)"


@pytest.mark.parametrize("control", ["random", "paired"])
def test_the_primer_is_in_front_of_every_pass_and_no_part_of_a_control_s_length(control):
    plain, primed = TokenModel(), TokenModel()
    rows_of(IconScorer(IconOptions(control=control)), task(plain))
    rows_of(IconScorer(IconOptions(control=control)), task(primed, primer=PRIMER))
    assert primed.contexts == [PRIMER + context for context in plain.contexts]
    assert primed.contexts[0] == PRIMER  # the baseline


def test_a_primed_bank_leaves_room_for_the_primer():
    class Short(TokenModel):
        def describe(self):
            return replace(super().describe(), context_length=104)

    model = Short()
    rows_of(IconScorer(IconOptions()), task(model, primer=PRIMER))
    # a target has 37 tokens and the demonstration 40, so a context of 64 fits in front of it, but not behind the primer
    target = len("### Instruction:\nx\n\n### Response:") + 4
    controls = [context for context in model.contexts if context != PRIMER and "GOOD" not in context]
    assert controls
    assert max(len(context) + target for context in controls) <= 104


@pytest.mark.parametrize("control", ["random", "paired", "none"])
def test_the_cost_of_a_primed_run_is_that_of_what_is_read(control):
    more, forecast = [], []
    for primer in ("", PRIMER):
        backend = FakeBackend()
        made = task(backend, tasks=[sample("a1", "x", "one two"), sample("a2", "y", "three")], primer=primer)
        rows_of(IconScorer(IconOptions(control=control)), made)
        costs = Costs(made, control)
        total = costs.pairs([CANDIDATE], made.assessment) + costs.shared([CANDIDATE], made.assessment)
        more.append(backend.tokens_evaluated)
        forecast.append(total.tokens)
    assert forecast[1] - forecast[0] == more[1] - more[0] > 0


def test_what_is_shown_of_a_prompt_has_the_primer_and_what_counts():
    backend = FakeBackend()
    shown = show_prompt(
        ASSESSMENT[0],
        load_template("paper"),
        backend.tokenize,
        backend.token_pieces,
        bos=False,
        candidate=CANDIDATE,
        primer=PRIMER,
        skip_tokens=1,
    )
    assert shown.context.text == PRIMER + "### Instruction:\nq\n\n### Response:GOOD\n\n\n"
    assert shown.skipped == 1
    assert shown.notes == ("no response token is left to score after the first 1: it would not be scored",)


@pytest.mark.parametrize("template", ["paper", "alpaca", "plain"])
def test_the_primer_is_a_demonstration_in_the_form_of_the_template(template):
    made = load_template(template)
    text = render_primer(made)
    shown = sample("any", "Which day of the week comes after Monday?", "The day after Monday is Tuesday.")
    assert text == made.demonstration(shown) + made.separator


@pytest.mark.model
@pytest.mark.parametrize("model", MODELS)
def test_on_a_model_they_are_what_plain_passes_say(model, tmp_path, monkeypatch):
    pytest.importorskip("icon_llamacpp", reason="the llama.cpp backend is not installed")
    from icon_llamacpp.backend import LlamaCppBackend
    from icon_llamacpp.options import LlamaCppOptions

    monkeypatch.setenv(VARIABLE, str(tmp_path))
    path, skip = model_file(model), 2
    pool, tasks = (
        load_samples(str(files("icon.samples.demo").joinpath(f"demo_{name}.jsonl"))).samples
        for name in ("pool", "assessment")
    )
    candidates, tasks = ([each for each in some if not each.passage][:n] for some, n in ((pool, 3), (tasks, 3)))
    question, answer = "Which day of the week comes after Monday?", "The day after Monday is Tuesday."
    primer = f"### Instruction:\n{question}\n\n### Response:{answer}\n\n\n"

    def prompt(each):
        return f"### Instruction:\n{each.instruction}\n\n### Response:"

    with closing(LlamaCppBackend(LlamaCppOptions(model=str(path), precision="as-is"))) as backend:
        made = task(backend, tasks=tasks, skip_tokens=skip)
        made = replace(made, primer=render_primer(made.template))
        baseline, rows = rows_of(IconScorer(IconOptions(control="none")), made, candidates)
        _, own = rows_of(PplScorer(PplOptions()), made, candidates)
    with closing(PlainPasses(path)) as plain:

        def nats(front, each):
            return -plain.logprobs(front, prompt(each), each.response)

        bare = [nats(primer, each) for each in tasks]
        shots = [primer + prompt(candidate) + candidate.response + "\n\n\n" for candidate in candidates]
        given = [nats(shot, each) for shot in shots for each in tasks]
        alone = [nats(primer, candidate) for candidate in candidates]
    for found, expected in ((baseline, bare), (rows, given), (own, alone)):
        assert [row.nll for row in found] == pytest.approx([one[skip:].mean() for one in expected], abs=1e-3)
        assert [row.first for row in found] == pytest.approx([one[0] for one in expected], abs=1e-3)
        assert [row.second for row in found] == pytest.approx([one[1] for one in expected], abs=1e-3)
        assert [row.n_tokens for row in found] == [len(one) - skip for one in expected]
