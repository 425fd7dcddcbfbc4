"""Cosines of written-down embeddings worked by hand, failures by themselves, and a model's."""

import math
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from icon.errors import AbilityError, BackendError, ConfigError, InputError
from icon.pipeline import builtin
from icon.plugins import ScoringTask
from icon.plugins.manager import Plugins
from icon.samples import load_samples, load_template
from icon.scorers import contributions
from icon.testing import FakeBackend
from icon.types import BackendInfo, Message, Sample, Status
from icon_rds import hooks
from icon_rds.options import RdsOptions
from icon_rds.scorer import RdsScorer
from support import smollm2, tiny_model
from support.tiers import of_tier


class WrittenModel(FakeBackend):
    """Embeddings by a word of the text; like a real backend it refuses a call with a word that it has none for."""

    def __init__(self, vectors, **named):
        super().__init__(**named)
        self.vectors, self.calls = vectors, []

    def embed(self, texts, *, pooling="mean"):
        self.calls.append((list(texts), pooling))
        found = [next((each for word, each in self.vectors.items() if word in text), None) for text in texts]
        if None in found:
            raise BackendError(f"hidden states of text {found.index(None)} are not finite")
        return np.array(found, dtype=np.float32)


class Blind:
    """A backend that embeds nothing."""

    def describe(self):
        return BackendInfo("blind", "m", "d", "f64", "t", 9999, False, "paper")


def sample(word, group=None):
    return Sample(word, 0, (Message("user", "q"),), word, group=group)


def task(backend, assessment, **changes):
    return replace(ScoringTask(backend, load_template("paper"), assessment, 1, 1000, 1000, 1000, True), **changes)


VECTORS = {"east": (2.0, 0.0), "north": (0.0, 3.0), "northeast": (1.0, 1.0), "west": (-1.0, 0.0), "steep": (3.0, 4.0)}
TARGETS = [sample("T-east"), sample("T-north")]


def measured(model, words, assessment=TARGETS, **changes):
    scorer = RdsScorer(RdsOptions())
    assert scorer.prepare(task(model, assessment, **changes), []) == []
    rows = dict(zip(words, scorer.measure([sample(each) for each in words]), strict=True))
    return rows, contributions(rows, {}, scorer)


def test_the_value_of_a_pair_is_the_cosine_and_the_score_the_place_in_the_round():
    vectors = {"northeast": VECTORS["northeast"], **VECTORS}
    rows, found = measured(WrittenModel(vectors), ["northeast", "west", "steep"])
    half = math.sqrt(0.5)
    assert [row.value for row in rows["northeast"]] == pytest.approx([half, half])
    assert [row.value for row in rows["steep"]] == pytest.approx([3 / 5, 4 / 5])
    assert [row.value for row in rows["west"]] == pytest.approx([-1, 0])
    assert [row.assessment for row in rows["west"]] == ["T-east", "T-north"]
    # East takes northeast (0.71 before 0.6), north takes steep, west is left over
    assert {id_: each.score for id_, each in found.items()} == {"northeast": 3, "steep": 2, "west": 1}
    assert rows["west"][0].c is rows["west"][0].log_gain is rows["west"][0].nll is None


def test_candidates_and_targets_are_embedded_as_prompt_and_response_without_the_separator():
    model = WrittenModel(VECTORS)
    measured(model, ["west", "steep"])
    prompt = "### Instruction:\nq\n\n### Response:"
    assert model.calls == [
        ([prompt + "T-east", prompt + "T-north"], "position-weighted"),
        ([prompt + "west", prompt + "steep"], "position-weighted"),
    ]


def test_the_mean_can_be_asked_for():
    model = WrittenModel(VECTORS)
    RdsScorer(RdsOptions(pooling="mean")).prepare(task(model, TARGETS), [])
    assert [pooling for _, pooling in model.calls] == ["mean"]


def test_a_text_without_finite_states_fails_by_itself():
    rows, found = measured(WrittenModel(VECTORS), ["west", "nowhere", "steep"])
    assert [(row.status, row.value) for row in rows["nowhere"]] == [(Status.FAILED, None)]
    assert "not finite" in found["nowhere"].reason
    assert {id_: each.score for id_, each in found.items()} == {"west": 1, "nowhere": None, "steep": 2}


@pytest.mark.parametrize("broken", [(math.nan, 1.0), (math.inf, 1.0), (0.0, 0.0)])
def test_a_vector_that_has_no_direction_fails_by_itself(broken):
    rows, found = measured(WrittenModel({"odd": broken, **VECTORS}), ["west", "odd"])
    assert (rows["odd"][0].status, rows["odd"][0].value, found["odd"].score) == (Status.NOT_FINITE, None, None)
    assert found["odd"].reason
    assert found["west"].score == 1


def test_a_text_that_the_model_cannot_read_whole_fails_and_is_not_cut_by_the_backend():
    long = "west " * 30
    rows, found = measured(WrittenModel(VECTORS, context_length=25), [long, "steep"])
    assert (rows[long][0].status, found[long].score) == (Status.TOO_LONG, None)
    assert "reads 25" in rows[long][0].reason
    assert found["steep"].score == 1


def test_beyond_the_runs_limit_a_text_is_cut_and_says_so_or_fails():
    model, long = WrittenModel(VECTORS), "west " * 30
    rows, _ = measured(model, [long], max_demonstration_tokens=20)
    assert "truncated" in rows[long][0].reason
    assert len(model.tokenize(model.calls[-1][0][0])) == 20
    rows, _ = measured(model, [long], max_demonstration_tokens=20, truncate=False)
    assert rows[long][0].status is Status.TOO_LONG


def test_assessment_samples_that_cannot_be_embedded_are_all_named():
    with pytest.raises(InputError, match=r"(?s)T-nowhere.*T-lost"):
        measured(WrittenModel(VECTORS), ["west"], [sample("T-east"), sample("T-nowhere"), sample("T-lost")])


def test_a_backend_that_embeds_nothing_is_refused_at_once():
    with pytest.raises(AbilityError, match=r"rds: needs a backend that can embed.*found blind.*--backend"):
        RdsScorer(RdsOptions()).prepare(task(Blind(), TARGETS), [])


def test_it_comes_in_through_the_hook_with_its_option():
    plugins = Plugins([builtin], entry_points=False)
    plugins.register(hooks, "icon-rds")
    assert plugins.get("scorer", "rds").make({}).options.pooling == "position-weighted"
    with pytest.raises(ConfigError, match="pooling"):
        plugins.get("scorer", "rds").make({"pooling": "last"})


@pytest.mark.model
@pytest.mark.parametrize("model", of_tier(["tiny"], ["tiny", "smollm2"]))
def test_on_a_model_it_is_the_cosine_of_weighted_hidden_states(model):
    """Against transformers: the last hidden states of each text, weighted by the tokens' positions."""
    torch = pytest.importorskip("torch", reason="the torch backend is not installed")
    pytest.importorskip("icon_torch", reason="the torch backend is not installed")
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from icon_torch.backend import TorchBackend
    from icon_torch.options import TorchOptions

    folder = tiny_model.transformers_folder() if model == "tiny" else smollm2.folder()
    pool, tasks = (
        load_samples(str(files("icon.samples.demo").joinpath(f"demo_{name}.jsonl"))).samples
        for name in ("pool", "assessment")
    )
    candidates, tasks = ([each for each in some if not each.passage][:n] for some, n in ((pool, 3), (tasks, 2)))
    scorer = RdsScorer(RdsOptions())
    options = TorchOptions(model=str(folder), dtype="float32", device="cpu")
    with smollm2.run_cache(), TorchBackend(options) as backend:
        scorer.prepare(task(backend, tasks), [])
        values = [row.value for rows in scorer.measure(candidates) for row in rows]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    plain = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()

    def vector(each):
        text = f"### Instruction:\n{each.instruction}\n\n### Response:{each.response}"
        ids = tokenizer(text, add_special_tokens=False, return_tensors="pt").input_ids
        with torch.inference_mode():
            states = plain.base_model(ids).last_hidden_state[0].double().numpy()
        return np.average(states, axis=0, weights=np.arange(1, len(states) + 1))

    expected = []
    for one in map(vector, candidates):
        for other in map(vector, tasks):
            expected.append(one @ other / np.linalg.norm(one) / np.linalg.norm(other))
    assert values == pytest.approx(expected, abs=1e-4)
    assert max(values) - min(values) > 0.01


@pytest.mark.parametrize("given", [lambda rows: rows[:-1], lambda rows: rows[0], lambda rows: None])
def test_another_number_of_embeddings_than_of_texts_is_refused_and_shifts_no_row(given, monkeypatch):
    model = WrittenModel(VECTORS)
    embed = model.embed
    monkeypatch.setattr(model, "embed", lambda texts, **named: given(embed(texts, **named)))
    with pytest.raises(BackendError, match=r"embed returned an array of shape .* for 2 texts; valid: one row per text"):
        measured(model, ["east", "north"])
