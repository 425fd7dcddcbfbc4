"""Tasks are taken by whoever is free; those of lost workers come first, and each label is finished once."""

import pytest

from icon.errors import ExecutorError
from icon.pipeline.executors.assigning import Assignments
from icon.plugins import PartTask


def tasks(n):
    return [PartTask(f"{number:06d}") for number in range(n)]


def take(assignments, worker, now=0.0):
    task = assignments.take(worker, now)
    return None if task is None else int(task.label)


def test_a_task_is_asked_for_when_a_worker_is_free_and_not_before():
    asked = []

    def given():
        for task in tasks(3):
            asked.append(task.label)
            yield task

    assignments = Assignments(given())
    assert asked == []
    assert (take(assignments, "a"), take(assignments, "b")) == (0, 1)
    assert asked == ["000000", "000001"]


def test_it_is_over_when_all_are_finished_in_whatever_order():
    assignments = Assignments(tasks(2))
    assert (take(assignments, "a"), take(assignments, "b")) == (0, 1)
    assert assignments.finish("b", "000001", 1.0)
    assert take(assignments, "b") is None
    assert not assignments.over
    assert assignments.finish("a", "000000", 2.0)
    assert assignments.over


def test_the_task_of_a_lost_worker_comes_before_the_next_one():
    assignments = Assignments(tasks(3))
    assert (take(assignments, "a"), take(assignments, "b")) == (0, 1)
    assignments.lose("a", "gone", 1.0)
    assert not assignments.over
    assert (take(assignments, "c"), take(assignments, "d")) == (0, 2)


def test_a_worker_that_is_lost_without_a_task_loses_none():
    assignments = Assignments(tasks(1))
    assignments.lose("a", "gone", 1.0)
    assert take(assignments, "b") == 0


def test_a_task_that_ends_worker_after_worker_is_given_up_with_their_reasons():
    assignments = Assignments(tasks(1), attempts=2)
    assert take(assignments, "a") == 0
    assignments.lose("a", "out of memory", 1.0)
    assert take(assignments, "b") == 0
    with pytest.raises(ExecutorError, match=r"part 000000.* 2 workers.*a: out of memory; b: killed"):
        assignments.lose("b", "killed", 2.0)


def test_a_free_worker_repeats_a_task_that_takes_four_times_the_median_and_the_first_result_counts():
    assignments = Assignments(tasks(4))
    for number in range(3):  # each takes 2 seconds
        assert take(assignments, "fast", 2.0 * number) == number
        assert assignments.finish("fast", f"{number:06d}", 2.0 * number + 2)
    assert take(assignments, "slow", 6.0) == 3
    assert take(assignments, "fast", 14.0) is None  # 8 seconds are four times the median, and not more
    assert take(assignments, "fast", 14.1) == 3
    assert take(assignments, "third", 99.0) is None  # two have it already
    assert assignments.finish("fast", "000003", 16.0)
    assert assignments.over
    assert not assignments.finish("slow", "000003", 17.0)


def test_a_lost_worker_whose_task_another_has_as_well_brings_no_third_one():
    assignments = Assignments(tasks(4))
    for number in range(3):
        assert take(assignments, "fast", number) == number
        assignments.finish("fast", f"{number:06d}", number + 1.0)
    assert (take(assignments, "slow", 3.0), take(assignments, "fast", 30.0)) == (3, 3)
    assignments.lose("slow", "gone", 31.0)
    assert take(assignments, "third", 31.0) is None
    assert assignments.finish("fast", "000003", 32.0)
    assert assignments.over
