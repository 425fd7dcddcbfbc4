"""A part of the pool as yardstick: in proportion, the same for a seed whatever the order, never the whole."""

import random
from collections import Counter

import pytest

from icon.assessment.clustered import ClusteredBuilder, ClusteredOptions
from icon.assessment.draw import holdout_size
from icon.assessment.stratified import StratifiedBuilder, StratifiedOptions
from icon.errors import ConfigError
from icon.plugins import AssessmentTask
from icon.samples import load_samples

TOPICS = {
    "cooking": "oven bake flour butter recipe sugar dough kitchen",
    "space": "planet orbit rocket moon telescope galaxy comet star",
    "money": "bank loan interest invest budget tax price market",
}


@pytest.fixture
def topics(make):
    """Three topics with 60, 30 and 30 samples and no groups."""
    generator = random.Random(1)
    counts = {"cooking": 60, "space": 30, "money": 30}
    samples = []
    for topic, n in counts.items():
        for i in range(n):
            words = " ".join(generator.choices(TOPICS[topic].split(), k=8))
            samples.append(make(f"{words} {i}", " ".join(generator.choices(TOPICS[topic].split(), k=8))))
    return samples


@pytest.mark.parametrize(("asked", "n_pool", "size"), [(None, 5000, 128), (None, 126, 12), (None, 4, 1), (7, 8, 7)])
def test_the_size_by_hand(asked, n_pool, size):
    assert holdout_size(asked, n_pool) == size


@pytest.mark.parametrize(("asked", "n_pool"), [(8, 8), (9, 8), (None, 1), (None, 0)])
def test_a_holdout_that_leaves_no_candidate_is_refused(asked, n_pool):
    with pytest.raises(ConfigError, match="leave no candidate"):
        holdout_size(asked, n_pool)


def test_strata_are_groups_or_sources(make):
    pool = [make(f"Question {i}?", group="ab"[i % 2], source="xyz"[i % 3]) for i in range(60)]
    by_group = StratifiedBuilder(StratifiedOptions()).build(AssessmentTask(pool, 12, 0))
    assert Counter(sample.group for sample in by_group) == {"a": 6, "b": 6}
    by_source = StratifiedBuilder(StratifiedOptions(by="source")).build(AssessmentTask(pool, 12, 0))
    assert Counter(sample.source for sample in by_source) == {"x": 4, "y": 4, "z": 4}
    assert set(by_group) <= set(pool)


@pytest.mark.parametrize(
    "builder", [StratifiedBuilder(StratifiedOptions()), ClusteredBuilder(ClusteredOptions(clusters=3))]
)
def test_the_order_of_the_pool_plays_no_part(builder, topics):
    built = builder.build(AssessmentTask(topics, 12, 9))
    assert builder.held_out
    shuffled = random.Random(3).sample(topics, len(topics))
    assert builder.build(AssessmentTask(shuffled, 12, 9)) == built


def test_clusters_find_the_topics_and_share_in_proportion(topics):
    built = ClusteredBuilder(ClusteredOptions(clusters=3)).build(AssessmentTask(topics, 12, 0))
    topic_of = {word: topic for topic, words in TOPICS.items() for word in words.split()}
    found = {(sample.group, topic_of[sample.response.split()[0]]) for sample in built}
    assert len(found) == 3
    assert Counter(sample.group for sample in built) == {"cluster-00": 6, "cluster-01": 3, "cluster-02": 3}
    assert ("cluster-00", "cooking") in found


def test_a_group_of_its_own_stays(topics, make):
    pool = [*topics, *(make(f"bank loan tax price {i}", group="given") for i in range(40))]
    built = ClusteredBuilder(ClusteredOptions(clusters=3)).build(AssessmentTask(pool, 20, 0))
    groups = {sample.group for sample in built}
    assert "given" in groups
    assert "cluster-00" in groups
    assert {sample.id for sample in built} <= {sample.id for sample in pool}


def test_a_real_pool_is_held_out_in_part(shared_data):
    pool = load_samples(str(shared_data / "alpaca_4000.jsonl")).samples
    built = ClusteredBuilder(ClusteredOptions()).build(AssessmentTask(pool, None, 42))
    assert len({sample.id for sample in built}) == 128
    assert len({sample.group for sample in built}) >= 12
