"""Targets take candidates in turn, the nearest that is left; worked by hand."""

from icon.scorers.round_robin import round_robin


def test_each_target_takes_its_nearest_that_is_left_in_turn():
    # Target 1 takes a; target 2 would take a, takes c; target 1 takes b; target 2 takes d
    cosines = {"a": (0.9, 0.9), "b": (0.8, 0.1), "c": (0.7, 0.5), "d": (0.1, 0.4)}
    assert round_robin(cosines) == {"a": 4, "c": 3, "b": 2, "d": 1}


def test_a_target_with_low_cosines_gets_its_turn_too():
    # By the largest or the mean cosine b would come second; target 2 has another favourite
    cosines = {"a": (0.9, 0.0), "b": (0.8, 0.0), "c": (0.1, 0.2)}
    assert round_robin(cosines) == {"a": 3, "c": 2, "b": 1}


def test_of_equals_the_lowest_id_is_taken_whatever_the_order():
    forward = {"b": (0.5, 0.5), "a": (0.5, 0.5), "c": (0.5, 0.5)}
    assert round_robin(forward) == round_robin(dict(reversed(forward.items()))) == {"a": 3, "b": 2, "c": 1}


def test_with_one_target_it_is_the_order_of_the_cosines():
    assert round_robin({"a": (-0.5,), "b": (0.25,), "c": (-1.0,)}) == {"b": 3, "a": 2, "c": 1}


def test_more_targets_than_candidates():
    assert round_robin({"a": (0.1, 0.2, 0.9), "b": (0.2, 0.9, 0.1)}) == {"b": 2, "a": 1}


def test_nobody_gets_nothing():
    assert round_robin({}) == {}
