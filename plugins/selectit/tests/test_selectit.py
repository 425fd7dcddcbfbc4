"""The scorer `selectit` on written-down rating probabilities, and on the embedded model."""

import math
from contextlib import closing
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from icon.errors import ConfigError
from icon.pipeline import builtin
from icon.plugins import ScoringTask
from icon.plugins.manager import Plugins
from icon.samples import load_samples, load_template
from icon.scorers import contribution
from icon.testing import FakeBackend
from icon.types import ChatTemplate, Message, Sample, Status, Target, TokenLogProbs
from icon_selectit import hooks
from icon_selectit.options import SelectitOptions
from icon_selectit.prompts import load_prompts
from icon_selectit.scorer import SelectitScorer
from support.plain_passes import MODELS, PlainPasses, model_file
from support.smollm2 import run_cache


class WrittenModel(FakeBackend):
    """Probabilities of the ratings 1 to 5 by a word that the rating prompt holds; two tokens where a pair is given."""

    def __init__(self, written):
        super().__init__()
        self.written, self.calls = written, []

    def score(self, context, targets):
        self.calls.append((context, list(targets)))
        found = next(each for word, each in self.written.items() if word in context)
        return [self._one(found[int(target.response) - 1]) for target in targets]

    def _one(self, found):
        if isinstance(found, Status):
            return TokenLogProbs((1,), (), found, "as written")
        parts = found if isinstance(found, tuple) else (found,)
        return TokenLogProbs(tuple(range(len(parts))), tuple(math.log(each) for each in parts))


@pytest.fixture
def two_prompts(tmp_path):
    path = tmp_path / "prompts.txt"
    path.write_text("First {prompt} | {response}?\n---\nSecond {prompt} | {response}?", "utf-8")
    return str(path)


def sample(response="yes", prompt="q"):
    return Sample(f"id {response}", 0, (Message("user", prompt),), response)


def task(backend, **changes):
    return replace(ScoringTask(backend, load_template("paper"), (), 1, 1000, 1000, 1000, True), **changes)


def measured(backend, candidates, options, **changes):
    scorer = SelectitScorer(options)
    scorer.prepare(task(backend, **changes), [])
    rows = [row for (row,) in scorer.measure(candidates)]
    return rows, [contribution(row.candidate, [row], {}, scorer) for row in rows]


SURE = [0.1, 0.1, 0.1, 0.5, 0.2]  # rating 4, mean lead 1.5 / 4: token level 1.5
LOW = [0.05, 0.25, 0.1, 0.05, 0.05]  # shares 0.1, 0.5, 0.2, 0.1, 0.1: rating 2, mean lead 1.5 / 4: token level 0.75


def test_the_score_is_the_mean_of_the_prompts_lowered_by_their_spread(two_prompts):
    model = WrittenModel({"First": SURE, "Second": LOW})
    options = SelectitOptions(prompts=two_prompts)
    (row,), (found,) = measured(model, [sample()], options)
    # mean 1.125, std 0.375: 1.125 / (1 + 0.2 x 0.375)
    assert row.value == found.score == pytest.approx(1.125 / 1.075)
    _, (steadier,) = measured(model, [sample()], options.model_copy(update={"alpha": 0.0}))
    assert steadier.score == pytest.approx(1.125)


def test_a_rating_of_several_tokens_has_the_product_of_their_probabilities(two_prompts):
    split = [(0.5, 0.2), (0.2, 0.5), (0.1, 1.0), (1.0, 0.5), (0.4, 0.5)]  # the products are those of SURE
    _, (found,) = measured(
        WrittenModel({"First": split, "Second": SURE}), [sample()], SelectitOptions(prompts=two_prompts)
    )
    assert found.score == pytest.approx(1.5)


def test_a_rating_prompt_is_read_once_for_all_five_ratings_in_the_runs_template(two_prompts):
    model = WrittenModel({"First": SURE, "Second": SURE})
    measured(model, [sample("yes", "Is it {response}?")], SelectitOptions(prompts=two_prompts))
    ratings = [Target("", str(rating)) for rating in range(1, 6)]
    assert model.calls == [
        (f"### Instruction:\n{word} Is it {{response}}? | yes?\n\n### Response:", ratings)
        for word in ("First", "Second")
    ]


BLANK = (
    "{% for m in messages %}{% if m.role == 'user' %}{{ '[' + m.content + ']' }}{% else %}{{ ' ' + m.content }}"
    "{% endif %}{% endfor %}"
)
"""A template that writes a blank before an answer, as those of Llama 2 and Mistral do."""


def test_a_blank_at_the_prompts_end_is_the_ratings_where_the_vocabulary_joins_the_two(two_prompts):
    """The model was trained on ` 4`, one token, and not on a blank and `4`."""
    model = WrittenModel({"First": SURE, "Second": SURE})
    template = load_template("chat", ChatTemplate(BLANK, "", ""))
    measured(model, [sample()], SelectitOptions(prompts=two_prompts), template=template)
    assert len(model.tokenize(" 4")) == 1
    ratings = [Target("", f" {rating}") for rating in range(1, 6)]
    assert model.calls == [(f"[{word} q | yes?]", ratings) for word in ("First", "Second")]


def test_a_failure_behind_one_prompt_keeps_its_status_and_leaves_the_others_alone(two_prompts):
    broken = [*SURE[:3], Status.OUT_OF_MEMORY, SURE[4]]
    model = WrittenModel({"Second q | bad": broken, "First": SURE, "Second": SURE})
    (bad, good), (failed, well) = measured(model, [sample("bad"), sample()], SelectitOptions(prompts=two_prompts))
    assert (bad.status, bad.value) == (Status.OUT_OF_MEMORY, None)
    assert failed.reason == "rating prompt 2: as written"
    assert failed.score is None
    assert (good.value, well.score) == (pytest.approx(1.5), pytest.approx(1.5))


def test_the_samples_texts_are_cut_to_their_limits_and_the_rating_prompt_is_not(two_prompts):
    model = WrittenModel({"First": SURE, "Second": SURE})
    long = sample("one two three four", "five six seven eight")
    options = SelectitOptions(prompts=two_prompts)
    (row,), _ = measured(model, [long], options, max_prompt_tokens=3, max_response_tokens=2)
    assert model.calls[0][0] == "### Instruction:\nFirst  seven eight | one two?\n\n### Response:"
    assert "response truncated from 4 to 2 tokens" in row.reason
    (refused,), _ = measured(model, [long], options, max_response_tokens=2, truncate=False)
    assert (refused.status, refused.value) == (Status.TOO_LONG, None)


def test_other_rating_prompts_than_the_run_began_with_are_refused(two_prompts, tmp_path):
    shared = SelectitScorer(SelectitOptions(prompts=two_prompts)).prepare(task(FakeBackend()), [])
    other = tmp_path / "other.txt"
    other.write_text("Another {prompt} | {response}?", "utf-8")
    with pytest.raises(ConfigError, match=r"other\.txt: found rating prompts .*this run began with rating prompts"):
        SelectitScorer(SelectitOptions(prompts=str(other))).prepare(task(FakeBackend()), shared)
    assert SelectitScorer(SelectitOptions(prompts=two_prompts)).prepare(task(FakeBackend()), shared) == shared


def test_it_comes_in_through_the_hook_with_its_options():
    plugins = Plugins([builtin], entry_points=False)
    plugins.register(hooks, "icon-selectit")
    scorer = plugins.get("scorer", "selectit").make({})
    assert scorer.options.alpha == 0.2
    with pytest.raises(ConfigError, match="alpha"):
        plugins.get("scorer", "selectit").make({"alpha": -1})
    gone = plugins.get("scorer", "selectit").make({"prompts": "no/such/file.txt"})  # scores are read back without it
    with pytest.raises(ConfigError, match="cannot be read"):
        gone.prepare(None, [])


def rating(plain, asked):
    """The token level of a rating prompt: the likeliest rating times its mean lead over the others."""
    ids = [plain.tokens(digit) for digit in "12345"]
    assert [len(each) for each in ids] == [1] * len(ids)
    found = np.exp(plain.behind(f"### Instruction:\n{asked}\n\n### Response:")[np.ravel(ids)])
    shares = found / found.sum()
    return (shares.argmax() + 1) * np.abs(shares - shares.max()).sum() / 4


@pytest.mark.model
@pytest.mark.parametrize("model", MODELS)
def test_on_a_model_it_is_what_plain_passes_say(model):
    pytest.importorskip("icon_llamacpp", reason="the llama.cpp backend is not installed")
    from icon_llamacpp.backend import LlamaCppBackend
    from icon_llamacpp.options import LlamaCppOptions

    path = model_file(model)
    pool = load_samples(str(files("icon.samples.demo").joinpath("demo_pool.jsonl"))).samples
    candidates = [each for each in pool if not each.passage][:2]
    with run_cache(), LlamaCppBackend(LlamaCppOptions(model=str(path), precision="as-is")) as backend:
        rows, _ = measured(backend, candidates, SelectitOptions())
    expected = []
    with closing(PlainPasses(path)) as plain:
        for each in candidates:
            asked = [text.format(prompt=each.instruction, response=each.response) for text in load_prompts(None)]
            found = np.array([rating(plain, text) for text in asked])
            expected.append(found.mean() / (1 + 0.2 * found.std()))
    assert [row.value for row in rows] == pytest.approx(expected, abs=1e-3)
    assert all(0 < row.value < 5 for row in rows)
