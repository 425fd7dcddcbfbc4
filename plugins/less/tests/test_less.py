"""Cosines of a toy worked by hand, the ways to combine them, and failures by themselves."""

import math
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="the torch backend is not installed")

from icon.errors import AbilityError, BackendError, ConfigError, InputError  # noqa: E402
from icon.pipeline import builtin  # noqa: E402
from icon.plugins.manager import Plugins  # noqa: E402
from icon.scorers import contributions  # noqa: E402
from icon.testing import FakeBackend  # noqa: E402
from icon.types import BackendInfo, Status  # noqa: E402
from icon_less import hooks  # noqa: E402
from icon_less.gradients import Adapted  # noqa: E402
from icon_less.options import LessOptions  # noqa: E402
from icon_less.scorer import SCORERS, LessScorer  # noqa: E402

SMALL = {"rank": 4, "projection": 256}


class Toy(torch.nn.Module):
    """Three tokens, predicted with the probabilities 1/2, 1/4 and 1/4 whatever is before: logits W x with x = 1."""

    def __init__(self):
        super().__init__()
        self.proj = torch.nn.Linear(1, 3, bias=False)
        self.proj.weight.data = torch.tensor([[math.log(2)], [0.0], [0.0]])

    @property
    def base_model(self):
        return self

    def get_input_embeddings(self):
        return torch.nn.Embedding(3, 1)

    get_output_embeddings = get_input_embeddings

    def forward(self, input_ids, use_cache=False):
        return type("Output", (), {"logits": self.proj(torch.ones(*input_ids.shape, 1))})


class ToyBackend:
    """The digits 0, 1 and 2 are tokens; whatever else stands in a text is a 0."""

    device, adds_bos, bos = torch.device("cpu"), False, -1

    def __init__(self):
        self.model = Toy()

    def tokenize(self, text):
        return [int(letter) if letter in "012" else 0 for letter in text]

    def describe(self):
        return BackendInfo("torch", "toy", "d", "f64", "t", 9999, False, "paper")


@pytest.fixture
def scores(make_task):
    """The values of candidates' pairs, and their scores."""

    def score(candidates, assessment, options=SMALL, **changes):
        scorer = SCORERS[options.get("combine", "mean")](LessOptions(**options))
        scorer.prepare(make_task(assessment, **changes), [])
        rows = {each.id: rows for each, rows in zip(candidates, scorer.measure(candidates), strict=True)}
        return rows, contributions(rows, {each.id: each.group for each in assessment}, scorer)

    return score


def test_cosines_of_three_weights_are_those_worked_by_hand(scores, sample):
    """The gradient of -log p(token) with respect to the logits is p - e: (-2, 1, 1)/4 for 0, (2, -3, 1)/4 for 1.

    A is a single number, which no cosine depends on. The mean of both is (0, -1, 1)/4.
    """
    toy = {"rank": 1, "target_modules": ["proj"], "projection": 0}
    zero, one, both = sample("zero", "0"), sample("one", "1"), sample("both", "01")
    rows, _ = scores([zero, one, both], [zero, one], toy, backend=ToyBackend())
    apart = -6 / math.sqrt(6 * 14)  # -0.65
    assert [row.value for row in rows[zero.id]] == pytest.approx([1, apart])
    assert [row.value for row in rows[one.id]] == pytest.approx([apart, 1])
    assert [row.value for row in rows[both.id]] == pytest.approx([0, 4 / math.sqrt(2 * 14)], abs=1e-6)


def test_a_candidate_that_equals_a_target_has_the_highest_cosine(scores, sample):
    target = sample("Name a river in Spain.", "The Ebro.")
    others = [sample("Add 17 and 25.", "42"), sample("Name a river in France.", "The Loire."), sample("Count.", "1, 2")]
    rows, found = scores([*others, replace(target, id="same")], [target])
    assert rows["same"][0].value == pytest.approx(1)
    assert all(rows[each.id][0].value < 0.99 for each in others)
    assert max(found, key=lambda id_: found[id_].score) == "same"


def test_the_score_is_the_mean_the_largest_group_or_the_place_in_the_round(scores, sample):
    pool = [sample("Add 17 and 25.", "42"), sample("Name a river in France.", "The Loire."), sample("Count.", "1, 2")]
    tasks = [
        sample("Name a river.", "The Ebro.", "facts"),
        sample("Name a lake.", "Garda.", "facts"),
        sample("Halve 8.", "4"),
    ]
    rows, mean = scores(pool, tasks)
    _, largest = scores(pool, tasks, {**SMALL, "combine": "max"})
    _, places = scores(pool, tasks, {**SMALL, "combine": "round-robin"})
    for id_, own in rows.items():
        first, second, third = (row.value for row in own)
        assert mean[id_].score == pytest.approx((first + second + third) / 3)
        assert mean[id_].standard_error > 0
        assert largest[id_].score == pytest.approx(max((first + second) / 2, third))
        assert mean[id_].groups == largest[id_].groups == {"facts": pytest.approx((first + second) / 2)}
    assert sorted(each.score for each in places.values()) == [1, 2, 3]
    assert max(places, key=lambda id_: places[id_].score) == max(rows, key=lambda id_: rows[id_][0].value)
    assert largest[pool[0].id].standard_error is places[pool[0].id].standard_error is None


def test_a_gradient_that_is_not_finite_or_zero_fails_by_itself(scores, sample, monkeypatch):
    healthy, calls = Adapted.gradient, []

    def gradient(self, text):
        calls.append(text)
        factor = {2: math.nan, 3: 0.0}.get(len(calls), 1.0)
        return tuple(part * factor for part in healthy(self, text))

    monkeypatch.setattr(Adapted, "gradient", gradient)
    pool = [sample("a", "one"), sample("b", "two"), sample("c", "three")]
    rows, found = scores(pool, [sample("t", "task")])
    for each in pool[:2]:
        (row,) = rows[each.id]
        assert (row.status, row.value, found[each.id].score) == (Status.NOT_FINITE, None, None)
    assert "nan" in rows[pool[0].id][0].reason
    assert "0.0" in rows[pool[1].id][0].reason
    assert found[pool[2].id].score is not None


def out_of_memory(self, text):
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 3 GiB")


def test_without_memory_a_candidate_fails_by_itself_and_the_assessment_set_as_a_whole(make_task, sample, monkeypatch):
    scorer, given = LessScorer(LessOptions(**SMALL)), sample("a", "one")
    scorer.prepare(make_task([given]), [])
    monkeypatch.setattr(Adapted, "loss", out_of_memory)
    ((row,),) = scorer.measure([given])
    assert (row.status, row.value) == (Status.OUT_OF_MEMORY, None)
    assert "CUDA out of memory" in row.reason
    with pytest.raises(BackendError, match=r"(?s)no memory.*scorer\.rank.*a one"):
        LessScorer(LessOptions(**SMALL)).prepare(make_task([given]), [])


def test_texts_beyond_the_limits_are_cut_and_say_so_or_fail(scores, sample):
    long, task = sample("Count.", "word " * 40), sample("t", "task")
    (row,) = scores([long], [task], max_response_tokens=20)[0][long.id]
    assert "response truncated from 200 to 20 tokens" in row.reason
    (same,) = scores([sample("Count.", "word " * 4)], [task])[0]["Count. " + "word " * 4]
    assert row.value == pytest.approx(same.value)
    (row,) = scores([long], [task], max_response_tokens=20, truncate=False)[0][long.id]
    assert (row.status, row.value) == (Status.TOO_LONG, None)


def test_a_text_that_the_model_cannot_read_whole_fails(scores, sample):
    long = sample("Count.", "word " * 2000)
    (row,) = scores([long], [sample("t", "task")], max_response_tokens=10_000)[0][long.id]
    assert row.status is Status.TOO_LONG
    assert "this backend reads 8192" in row.reason


def test_a_response_without_a_counted_token_fails_and_such_assessment_samples_are_all_named(scores, sample):
    short, long = sample("a", "no"), sample("b", "a longer one")
    (row,) = scores([short], [long], skip_tokens=2)[0][short.id]
    assert (row.status, row.value) == (Status.FAILED, None)
    assert "skip_tokens" in row.reason
    with pytest.raises(InputError, match=r"(?s)no gradient:.*a no .*skip_tokens"):
        scores([long], [long, short], skip_tokens=2)


def test_another_backend_is_refused_at_once(make_task, sample):
    with pytest.raises(AbilityError, match=r"less: it takes gradients.*found the backend fake.*--backend torch"):
        LessScorer(LessOptions()).prepare(make_task([sample("a", "b")], backend=FakeBackend()), [])


def test_a_layer_that_is_not_there_is_refused(make_task, sample):
    with pytest.raises(ConfigError, match=r"scorer less: target_modules: no linear layer named 'qkv'.*q_proj"):
        LessScorer(LessOptions(target_modules=["qkv"])).prepare(make_task([sample("a", "b")]), [])


def test_it_comes_in_through_the_hook_with_its_options():
    plugins = Plugins([builtin], entry_points=False)
    plugins.register(hooks, "icon-less")
    for combine, kind in SCORERS.items():
        assert type(plugins.get("scorer", "less").make({"combine": combine})) is kind
    with pytest.raises(ConfigError, match="combine"):
        plugins.get("scorer", "less").make({"combine": "median"})
