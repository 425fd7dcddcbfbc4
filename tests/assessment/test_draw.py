"""Largest remainder by hand, prefixes that stand for the whole, and draws that no order can change."""

import random
from collections import Counter

import pytest

from icon.assessment.draw import allocate, draw_from_stream, draw_order, interleave, stratified_draw


@pytest.mark.parametrize(
    ("size", "counts", "places"),
    [
        # quotas 3.5, 2.1, 1.4: one place is left and goes to the largest remainder
        (7, {"a": 50, "b": 30, "c": 20}, {"a": 4, "b": 2, "c": 1}),
        # quotas 0.5 and 1.5: equal remainders, so the larger stratum gets the place
        (2, {"a": 1, "b": 3}, {"a": 0, "b": 2}),
        # equal in both: by name
        (4, {"c": 10, "b": 10, "a": 10}, {"a": 2, "b": 1, "c": 1}),
        # quotas 4.25, 0.5, 0.25
        (5, {"a": 17, "b": 2, "c": 1}, {"a": 4, "b": 1, "c": 0}),
        (6, {"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 2, "c": 3}),
        (0, {"a": 2}, {"a": 0}),
    ],
)
def test_places_are_shared_out_by_largest_remainder(size, counts, places):
    assert allocate(size, counts) == places


def test_no_stratum_gets_more_than_it_has():
    generator = random.Random(0)
    for _ in range(200):
        counts = {name: generator.randint(1, 30) for name in "abcdef"[: generator.randint(1, 6)]}
        size = generator.randint(0, sum(counts.values()))
        places = allocate(size, counts)
        assert sum(places.values()) == size
        assert all(abs(places[name] - size * n / sum(counts.values())) < 1 for name, n in counts.items())
        assert all(places[name] <= n for name, n in counts.items())


def test_interleaving_by_hand(pool):
    a1, a2, b1 = pool(a=2, b=1)
    # a at 1/4 and 3/4 of the way, b at 1/2
    assert interleave({"b": [b1], "a": [a1, a2]}) == [a1, b1, a2]


def test_every_prefix_stands_for_the_whole(pool):
    drawn = stratified_draw(pool(a=60, b=30, c=10), None, 5, lambda sample: sample.group)
    for n in range(1, 101):
        counts = Counter(sample.group for sample in drawn[:n])
        assert all(abs(counts[name] - n * share) <= 1.5 for name, share in {"a": 0.6, "b": 0.3, "c": 0.1}.items())


def test_equal_strata_take_turns(pool):
    drawn = stratified_draw(pool(a=4, b=4, c=4), None, 5, lambda sample: sample.group)
    assert all({sample.group for sample in drawn[i : i + 3]} == {"a", "b", "c"} for i in range(0, 12, 3))


def test_a_draw_does_not_depend_on_the_order_but_on_the_seed(pool):
    samples = pool(a=40, b=20)
    shuffled = random.Random(3).sample(samples, len(samples))
    drawn = stratified_draw(samples, 12, 7, lambda sample: sample.group)
    assert stratified_draw(shuffled, 12, 7, lambda sample: sample.group) == drawn
    assert stratified_draw(samples, 12, 8, lambda sample: sample.group) != drawn
    assert Counter(sample.group for sample in drawn) == {"a": 8, "b": 4}


def test_a_stream_gives_the_draw_of_the_whole(pool):
    samples = pool(a=3000, b=2500, c=5)
    found = draw_from_stream(iter([*samples, *samples[:100]]), {"a": 4, "c": 9}, 1)
    assert found == {"a": draw_order(samples[:3000], 1)[:4], "c": draw_order(samples[5500:], 1)}
