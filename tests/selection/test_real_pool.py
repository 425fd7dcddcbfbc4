"""The selectors that come as plugins, on a real pool whose scores favour some of its subjects."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from icon.plugins import SelectionTask
from icon.samples import load_samples
from icon.types import Keep

KEPT = 600


@pytest.fixture(scope="module")
def pool(request):
    return load_samples(str(request.getfixturevalue("shared_data") / "alpaca_4000.jsonl")).samples


@pytest.fixture(scope="module")
def scores(pool):
    """Long responses score high, as they do in practice, with noise."""
    noise = random.Random(0)
    return {each.id: len(each.response.split()) + noise.gauss(0, 20) for each in pool}


def selected(strategies, pool, scores, **options):
    (strategy,) = strategies
    return strategy.make(options).select(SelectionTask(pool, scores, Keep(count=KEPT), 1, None))


def test_diverse_gives_up_little_score_for_a_selection_without_likenesses(pool, scores):
    hooks = pytest.importorskip("icon_diverse.hooks", reason="the selector diverse is not installed")
    selection = selected(hooks.icon_selectors(), pool, scores)
    quality = selection.quality
    assert quality["largest_similarity"] <= 0.4 < quality["largest_similarity_top"]
    assert quality["n_filled"] == 0
    assert quality["n_passed_over"] > 0
    assert 0.95 * quality["mean_score_top"] < quality["mean_score"] < quality["mean_score_top"]
    assert sum(decision.selected for decision in selection.decisions) == KEPT


def test_a_lower_bound_spreads_further_and_costs_more(pool, scores):
    hooks = pytest.importorskip("icon_diverse.hooks", reason="the selector diverse is not installed")
    wide, narrow = (selected(hooks.icon_selectors(), pool, scores, max_similarity=each).quality for each in (0.4, 0.25))
    assert narrow["mean_similarity"] < wide["mean_similarity"]
    assert narrow["mean_score"] < wide["mean_score"]
    assert narrow["largest_similarity"] <= 0.25


def test_balanced_gives_the_verb_groups_of_the_pool_their_share(pool, scores):
    hooks = pytest.importorskip("icon_balanced.hooks", reason="the selector balanced is not installed")
    verbs = Counter(each.instruction.split()[0].lower() for each in pool)
    named = {verb for verb, _ in verbs.most_common(5)}
    grouped = [
        replace(each, group=verb if (verb := each.instruction.split()[0].lower()) in named else None) for each in pool
    ]
    selection = selected(hooks.icon_selectors(), grouped, scores, quotas="proportional")
    chosen = {decision.id for decision in selection.decisions if decision.selected}
    kept = Counter(each.group for each in grouped if each.id in chosen)
    in_pool = Counter(each.group for each in grouped)
    assert list(selection.warnings) == []
    # By largest remainder each group is within one place of its exact share.
    assert all(abs(kept[group] - KEPT * n / len(pool)) < 1 for group, n in in_pool.items())
    assert selection.quality["n_shared_with_top"] < KEPT
