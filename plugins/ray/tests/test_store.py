"""Parts that a store has are measured by nobody again, and those of other settings, candidates or bytes never count."""

import errno
from dataclasses import replace

import fsspec
import pytest

from icon.errors import ConfigError, ExecutorError
from icon.plugins import Block, PartTask
from icon.runs.parts import part_bytes
from icon.types import Measurement, Message, Sample, Status
from icon_ray.store import Kept, Store


def sample(name):
    return Sample(id=name, row=0, messages=(Message("user", f"question {name}"),), response="answer")


BLOCK = Block("icon-7", "icon", (sample("s0"), sample("s1")), fingerprint="f" * 16)


def task(number, *names):
    return PartTask(f"{number:06d}", tuple(map(sample, names)))


def part(given, block=BLOCK):
    """The bytes of a task's part."""
    rows = [
        Measurement(candidate.id, one.id, nll=1.5, nll_random=2.0, n_tokens=3, status=Status.OK)
        for candidate in given.candidates
        for one in block.assessment
    ]
    return part_bytes(given.label, rows, block.fingerprint)


@pytest.fixture
def store(tmp_path):
    return Store(str(tmp_path / "shared"))


def divided(store, tasks, block=BLOCK):
    """Labels of the parts that come from the store, in order, and of the tasks that are to be measured."""
    kept = Kept(store, block, tasks)
    found = [result.label for result in kept.first()]
    others = [one.label for one in kept.others()]
    return [*found, *(result.label for result in kept.found())], others


TASKS = [task(0, "a", "b"), task(1, "c", "d"), task(2, "e")]


def test_a_part_comes_back_byte_for_byte_and_only_the_others_are_measured(store):
    for one in (TASKS[0], TASKS[2]):
        store.put(BLOCK, one.label, part(one))
    kept = Kept(store, BLOCK, TASKS)
    (first,) = kept.first()
    assert (first.label, first.data, first.tokens_evaluated) == ("000000", part(TASKS[0]), 0)
    assert list(kept.others()) == [TASKS[1]]
    assert [result.data for result in kept.found()] == [part(TASKS[2])]
    assert list(kept.found()) == []


def test_the_key_of_a_block_which_another_start_gives_anew_does_not_matter(store):
    store.put(BLOCK, "000000", part(TASKS[0]))
    assert divided(store, TASKS, replace(BLOCK, key="icon-0")) == (["000000"], ["000001", "000002"])


@pytest.mark.parametrize(
    "other",
    [
        replace(BLOCK, fingerprint="e" * 16),
        replace(BLOCK, assessment=BLOCK.assessment[:1]),
        replace(BLOCK, assessment=BLOCK.assessment[::-1]),
        replace(BLOCK, scorer="ppl"),
        replace(BLOCK, fingerprint=""),
    ],
    ids=["settings", "fewer samples", "order of samples", "scorer", "nothing to store"],
)
def test_parts_of_another_block_are_not_looked_at(store, other):
    store.put(BLOCK, "000000", part(TASKS[0]))
    assert divided(store, TASKS, other) == ([], ["000000", "000001", "000002"])


def test_a_part_that_is_cut_off_or_of_other_candidates_is_measured_again(store, tmp_path):
    for one in TASKS:
        store.put(BLOCK, one.label, part(one))
    first, *_ = sorted((tmp_path / "shared").rglob("part-000000-*"))
    first.write_bytes(first.read_bytes()[:-1])
    cut_otherwise = [TASKS[0], task(1, "d", "c"), TASKS[2]]
    assert divided(store, cut_otherwise) == (["000002"], ["000000", "000001"])


def test_what_all_candidates_share_is_kept_as_well(store):
    shared = PartTask("shared", kind="shared")
    rows = [Measurement("", one.id, nll=2.0, status=Status.OK) for one in BLOCK.assessment]
    store.put(BLOCK, "shared", part_bytes("shared", rows, BLOCK.fingerprint))
    assert divided(store, [shared]) == (["shared"], [])


def test_without_a_store_tasks_are_asked_for_one_by_one():
    asked = []
    tasks = (asked.append(one.label) or one for one in TASKS)
    kept = Kept(None, BLOCK, tasks)
    assert list(kept.first()) == []
    assert asked == []
    assert next(kept.others()).label == "000000"
    assert asked == ["000000"]


def test_a_full_store_is_a_sentence_with_its_address(store, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(type(fsspec.filesystem("file")), "pipe_file", full)
    with pytest.raises(
        ExecutorError, match=r"executor\.store .*shared: it cannot be written: .*No space left.*goes on"
    ):
        store.put(BLOCK, "000000", b"bytes")


def test_an_address_of_an_unknown_kind_is_refused():
    with pytest.raises(
        ConfigError, match=r"executor\.store nowhere://bucket: .*nowhere.*valid: a folder, or an address"
    ):
        Store("nowhere://bucket")
