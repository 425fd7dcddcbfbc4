"""`classifier` finds a rule that is there, says so when there is none, and does not look at the pool's order."""

import random
from collections import Counter

import numpy as np
import pytest

from icon.errors import AbilityError, ConfigError
from icon.samples import load_samples


def ids(selection):
    return {decision.id for decision in selection.decisions if decision.selected}


@pytest.fixture(scope="module")
def half(planted):
    """Scores of every other candidate."""
    scored = [sample.id for sample in planted.samples if sample.row % 2]
    return {id_: planted.scores[id_] for id_ in scored}


@pytest.fixture(scope="module")
def selection(select, planted, half):
    """A fifth of the pool, learned from half of it."""
    return select("classifier", planted.samples, half, share=0.2)


def test_a_rule_is_found_and_carries_over_to_the_unscored(selection, planted):
    assert len(ids(selection)) == 80
    assert len(ids(selection) & planted.good) >= 76
    quality = selection.quality
    assert quality["auc_low"] > 0.5
    assert quality["auc"] >= 0.95
    assert quality["auc_cv"] >= 0.95
    assert quality["average_precision_low"] <= quality["average_precision"] <= quality["average_precision_high"]
    assert (quality["chance"], list(selection.warnings)) == (False, [])
    # 200 scored, a fifth labelled 1: 40 and 160, a tenth of each held out
    counts = [quality[name] for name in ("n_train", "n_test", "positives_train", "positives_test", "n_candidates")]
    assert counts == [180, 20, 36, 4, 400]


def test_more_labels_than_asked_for_are_said_with_their_share(narrow, select, planted):
    """Half of the candidates share the highest score, where 15% are to have the label 1."""
    scores = {sample.id: float(sample.row % 2) for sample in planted.samples}
    selection = select("classifier", planted.samples, scores, share=0.15)
    assert selection.quality["labelled"] == 0.5
    assert selection.warnings[0].startswith("50% of the scored candidates have the label 1, where 15% were to have it")


def test_random_scores_are_called_chance(narrow, select, planted):
    scores = {sample.id: random.Random(sample.row).random() for sample in planted.samples}
    selection = select("classifier", planted.samples, scores, share=0.15)
    assert selection.quality["auc_low"] <= 0.5
    assert selection.quality["chance"] is True
    (warning,) = selection.warnings
    assert "cannot be distinguished from chance" in warning
    assert f"{selection.quality['auc']:.2f}" in warning
    assert "Score more candidates" in warning


def test_every_candidate_has_a_rank_a_probability_and_a_reason(narrow, select, planted, half):
    selection = select("classifier", planted.samples, half, count=30)
    assert [decision.id for decision in selection.decisions] == [sample.id for sample in planted.samples]
    ranked = sorted(selection.decisions, key=lambda decision: decision.rank)
    assert [decision.rank for decision in ranked] == list(range(1, 401))
    assert ranked == sorted(ranked, key=lambda decision: (-decision.probability, decision.id))
    assert [decision.selected for decision in ranked] == [True] * 30 + [False] * 370
    first, last = ranked[0], ranked[-1]
    assert first.reason == f"selected: rank 1 of 400, probability {first.probability:.2f}"
    assert last.reason == f"below the cut: rank 400 of 400, probability {last.probability:.2f}, 30 kept"
    assert selection.quality["label_share"] == pytest.approx(30 / 400)


def test_the_order_of_the_pool_and_of_the_scores_plays_no_part(select, planted, half, selection):
    samples = random.Random(3).sample(planted.samples, 400)
    scores = dict(random.Random(3).sample(list(half.items()), len(half)))
    again = select("classifier", samples, scores, share=0.2)
    assert again.quality == selection.quality
    assert sorted(again.decisions, key=lambda d: d.id) == sorted(selection.decisions, key=lambda d: d.id)


def test_the_label_share_may_differ_from_the_share_kept(narrow, select, planted, half):
    selection = select("classifier", planted.samples, half, share=0.5, label_share=0.2)
    assert len(ids(selection)) == 200
    assert planted.good <= ids(selection)
    assert selection.quality["positives_train"] + selection.quality["positives_test"] == 40


def test_too_few_scores_are_refused(select, planted):
    few = dict(list(planted.scores.items())[:19])
    with pytest.raises(ConfigError, match="19 scored candidates"):
        select("classifier", planted.samples, few, share=0.2)


@pytest.mark.parametrize("options", [{"features": "colour"}, {"test_share": 0.9}, {"regularisation": 0}, {"epochs": 5}])
def test_wrong_options_are_refused(select, planted, options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        select("classifier", planted.samples, planted.scores, share=0.2, **options)


class Embeds:
    """A backend that embeds: whether the text gives a reason, among noise that hangs on the text alone."""

    def embed(self, texts):
        noise = [np.random.default_rng(list(text.encode())).normal(size=7) for text in texts]
        return np.array(
            [[text.count("because"), *row] for text, row in zip(texts, noise, strict=True)], dtype=np.float32
        )


def test_embeddings_of_the_backend_can_stand_in(select, planted, half):
    selection = select("classifier", planted.samples, half, share=0.2, features="embedding", backend=Embeds())
    assert len(ids(selection) & planted.good) >= 76
    assert selection.quality["features"] == "embedding"


def test_a_backend_that_cannot_embed_is_refused(select, planted):
    with pytest.raises(AbilityError, match="features = lexical"):
        select("classifier", planted.samples, planted.scores, share=0.2, features="embedding")


def test_it_finds_long_answers_in_a_real_pool(select, shared_data):
    pool = load_samples(str(shared_data / "alpaca_4000.jsonl")).samples[:1200]
    noise = random.Random(0)
    scores = {each.id: len(each.response.split()) + noise.gauss(0, 40) for each in pool[:400]}
    selection = select("classifier", pool, scores, share=0.15)
    assert selection.quality["auc_low"] > 0.5
    assert selection.quality["auc_length"] > 0.5
    words = {each.id: len(each.response.split()) for each in pool}
    chosen = ids(selection)
    assert len(chosen) == 180
    assert np.mean([words[id_] for id_ in chosen]) > 2 * np.mean(list(words.values()))
    assert Counter(decision.selected for decision in selection.decisions) == {True: 180, False: 1020}
