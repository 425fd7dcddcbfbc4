"""Samples that say the same are one sample, the first, and every further one is told."""

from __future__ import annotations

from icon.samples import load_samples
from icon.samples.load import Duplicate


def test_duplicates_are_told_with_the_row_of_the_first(write):
    records = [{"question": q, "answer": a} for q, a in [("1", "a"), ("2", "a"), ("1", "a"), ("1", "b"), ("1", "a")]]
    loaded = load_samples(write(records))
    assert [sample.row for sample in loaded.samples] == [0, 1, 3]
    first = loaded.samples[0].id
    assert loaded.duplicates == [Duplicate(first, 2, 0, 0), Duplicate(first, 4, 0, 0)]
    assert loaded.n_rows == 5


def test_a_duplicate_needs_no_equal_group_or_case_of_fields(write):
    records = [{"question": "1", "answer": "a", "group": "x"}, {"answer": "a", "question": "1", "group": "y"}]
    loaded = load_samples(write(records))
    assert [sample.group for sample in loaded.samples] == ["x"]
    assert [(each.row, each.first_row) for each in loaded.duplicates] == [(1, 0)]


def test_shared_beginnings_of_conversations_are_duplicates_turn_by_turn(write):
    def talk(*contents):
        roles = ("user", "assistant")
        return {"messages": [{"role": roles[n % 2], "content": each} for n, each in enumerate(contents)]}

    records = [talk("Hi", "Hello", "Bye", "See you"), talk("Hi", "Hello", "Why?", "Because.")]
    loaded = load_samples(write(records), every_turn=True)
    assert [(sample.row, sample.turn) for sample in loaded.samples] == [(0, 0), (0, 1), (1, 1)]
    assert [(each.row, each.turn, each.first_row) for each in loaded.duplicates] == [(1, 0, 0)]


def test_every_row_is_a_sample_a_duplicate_or_a_fault(write):
    lines = [b'{"question": "q", "answer": "a"}', b"{", b'{"question": "q", "answer": "a"}', b'{"question": "q"}']
    loaded = load_samples(write(b"\n".join(lines)), on_bad_row="skip")
    rows = [each.row for each in (*loaded.samples, *loaded.duplicates, *loaded.faults)]
    assert sorted(rows) == list(range(loaded.n_rows))
