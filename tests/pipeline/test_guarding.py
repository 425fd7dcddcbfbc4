"""The leak guard in several processes finds what it finds in one, whatever happens to them."""

import gzip
import json
import os
import signal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from icon.assessment.leak import find_leaks
from icon.errors import InputError
from icon.pipeline import guarding
from icon.samples import bounds
from icon.samples.load import load_samples

WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron")
N = 240


def record(number):
    """A record whose question is its own; every 40th is an assessment sample, and every 60th nearly one."""
    long = " ".join(f"{WORDS[k % 8]}{number}x{k}" for k in range(30))
    return {"instruction": f"Describe {long}?", "output": f"It is {long}."}


def assessed():
    exact = [record(number) for number in range(0, N, 40)]
    near = [{**one, "output": one["output"] + " Indeed."} for one in (record(number) for number in range(30, N, 60))]
    near = [{**one, "instruction": f"{one['instruction'][:-1]} now?"} for one in near]
    return exact + near


def write(path, records):
    records = list(records)
    lines = "".join(json.dumps(one) + "\n" for one in records)
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(records), path, row_group_size=17)
    elif path.suffix == ".gz":
        path.write_bytes(gzip.compress(lines.encode()))
    else:
        path.write_text(lines)
    return path


@pytest.fixture(autouse=True)
def beyond_memory(monkeypatch):
    """Pools of this size are read again, and several processes look at them."""
    monkeypatch.setattr(bounds, "HELD", 0)
    monkeypatch.setattr(guarding, "FEWEST", 100)
    monkeypatch.setattr(guarding, "usable_cores", lambda: 2)


@pytest.fixture
def started(monkeypatch):
    """The processes that are started."""
    found = []
    begin = guarding._Process.__init__

    def noted(self, assessment):
        begin(self, assessment)
        found.append(self)

    monkeypatch.setattr(guarding._Process, "__init__", noted)
    return found


@pytest.fixture
def tasks(tmp_path):
    return load_samples(str(write(tmp_path / "tasks.jsonl", assessed()))).samples


def pool_of(tmp_path, ending=".jsonl"):
    return load_samples(str(write(tmp_path / f"pool{ending}", map(record, range(N))))).samples


def gone(processes):
    return all(process._popen.poll() is not None for process in processes)


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz", ".parquet"])
def test_several_processes_find_the_leaks_that_one_finds_in_the_same_order(tmp_path, tasks, started, ending):
    pool = pool_of(tmp_path, ending)
    leaks = guarding.leaks_in(tasks, pool)
    assert leaks == find_leaks(tasks, pool)
    assert [(leak.pool_row, leak.kind) for leak in leaks] == sorted(
        [(row, "exact") for row in range(0, N, 40)] + [(row, "near") for row in range(30, N, 60)]
    )
    assert len(started) == 2
    assert gone(started)


def test_candidates_that_are_left_out_are_not_looked_at(tmp_path, tasks):
    pool = pool_of(tmp_path)
    rest = pool.without([pool[40].id, pool[3].id])
    assert guarding.leaks_in(tasks, rest) == find_leaks(tasks, rest)


@pytest.mark.parametrize("small", ["held", "few", "one processor"])
def test_a_small_pool_is_looked_at_by_this_process(tmp_path, tasks, started, monkeypatch, small):
    if small == "held":
        monkeypatch.setattr(bounds, "HELD", 10**9)
    if small == "few":
        monkeypatch.setattr(guarding, "FEWEST", N + 1)
    if small == "one processor":
        monkeypatch.setattr(guarding, "usable_cores", lambda: 1)
    pool = pool_of(tmp_path)
    assert guarding.leaks_in(tasks, pool) == find_leaks(tasks, pool)
    assert not started


def test_a_reader_that_cannot_leave_the_process_reads_here(tmp_path, tasks, started, monkeypatch):
    pool = pool_of(tmp_path)
    way = pool.shelf.again.way
    monkeypatch.setattr(type(way.reader), "__reduce_ex__", lambda self, protocol: (lambda: None, ()))
    assert guarding.leaks_in(tasks, pool) == find_leaks(tasks, pool)
    assert not started


def test_processes_that_are_killed_change_nothing(tmp_path, tasks, started, monkeypatch):
    begin = guarding._Process.__init__

    def killed(self, assessment):
        begin(self, assessment)
        os.kill(self._popen.pid, signal.SIGKILL)

    monkeypatch.setattr(guarding._Process, "__init__", killed)
    pool = pool_of(tmp_path)
    assert guarding.leaks_in(tasks, pool) == find_leaks(tasks, pool)
    assert len(started) == 2


def test_a_pool_that_has_changed_is_refused_with_its_sentence(tmp_path, tasks, started):
    pool = pool_of(tmp_path)
    write(tmp_path / "pool.jsonl", (record(number + (number == 200)) for number in range(N)))
    with pytest.raises(InputError, match="changed since it was read: row 200 is not the sample that it was"):
        guarding.leaks_in(tasks, pool)
    assert gone(started)


def test_an_interruption_ends_the_processes(tmp_path, tasks, started, monkeypatch):
    pool = pool_of(tmp_path)
    slices = []
    apart = type(pool).apart

    def interrupted(self):
        slices.append(self)
        if len(slices) > 4:
            raise KeyboardInterrupt
        return apart(self)

    monkeypatch.setattr(type(pool), "apart", interrupted)
    with pytest.raises(KeyboardInterrupt):
        guarding.leaks_in(tasks, pool)
    assert gone(started)
