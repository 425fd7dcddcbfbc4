"""Judge samples are set aside in proportion to the groups, by seed, whatever the order; never too few, never all."""

from collections import Counter

import pytest

from icon.assessment.set_aside import few_warning, set_aside
from icon.config import RunConfig, parse_keep, resolve
from icon.errors import ConfigError


@pytest.fixture
def samples(make):
    return [make(f"Question {i}?", group="a" if i < 30 else "b") for i in range(40)]


@pytest.mark.parametrize(("amount", "counts"), [("20%", {"a": 6, "b": 2}), ("12", {"a": 9, "b": 3})])
def test_in_proportion_to_the_groups(samples, amount, counts):
    left, judge = set_aside(samples, parse_keep(amount), 1)
    assert Counter(sample.group for sample in judge) == counts
    assert sorted([*left, *judge], key=lambda sample: sample.id) == sorted(samples, key=lambda sample: sample.id)


def test_the_same_for_a_seed_whatever_the_order(samples):
    def drawn(of, seed):
        return {sample.id for sample in set_aside(of, parse_keep("8"), seed)[1]}

    assert drawn(samples, 1) == drawn(samples[::-1], 1)
    assert drawn(samples, 1) != drawn(samples, 2)


def test_both_parts_keep_the_order_of_the_set(samples):
    places = {sample.id: i for i, sample in enumerate(samples)}
    for part in set_aside(samples, parse_keep("50%"), 3):
        assert [places[sample.id] for sample in part] == sorted(places[sample.id] for sample in part)


@pytest.mark.parametrize("amount", ["7", "40", "41", "100%", "15%"])
def test_too_few_in_a_part_is_refused(samples, amount):
    with pytest.raises(
        ConfigError, match=f"--hold-out {amount}: .* at least 8 judge samples and at least 1 assessment"
    ):
        set_aside(samples, parse_keep(amount), 1)


def test_few_judge_samples_are_warned_of(samples):
    assert "15 judge samples are few" in few_warning(samples[:15])
    assert few_warning(samples[:16]) is None


@pytest.mark.parametrize(("given", "kept"), [(64, "64"), (0.2, "0.2"), ("20%", "20%"), (None, None)])
def test_a_count_or_a_share_as_number_or_text(given, kept):
    assert RunConfig(hold_out=given).hold_out == kept


@pytest.mark.parametrize("given", ["some", "-3", 1.5, True])
def test_anything_else_is_refused(given):
    with pytest.raises(ConfigError, match="hold_out"):
        resolve({"pool": "pool.jsonl", "hold_out": given})
