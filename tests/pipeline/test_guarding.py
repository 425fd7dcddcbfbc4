"""The leak guard in several processes finds what it finds in one, whatever happens to them."""

import gzip
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress

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
        self.pid = self._popen.pid
        found.append(self)

    monkeypatch.setattr(guarding._Process, "__init__", noted)
    return found


@pytest.fixture
def tasks(tmp_path):
    return load_samples(str(write(tmp_path / "tasks.jsonl", assessed()))).samples


def pool_of(tmp_path, ending=".jsonl"):
    return load_samples(str(write(tmp_path / f"pool{ending}", map(record, range(N))))).samples


def gone(processes):
    """Whether all have ended: a process that was ended and waited for has no signal to take."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process.pid, 0)
            return False
    return True


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


@pytest.mark.parametrize("printed", ["hello", "N.", "]."])
def test_bytes_that_are_no_reply_change_nothing_and_nobody_waits(tmp_path, tasks, started, monkeypatch, printed):
    (tmp_path / "sitecustomize.py").write_text(f"print({printed!r}, end='', flush=True)")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))
    pool = pool_of(tmp_path)
    assert guarding.leaks_in(tasks, pool) == find_leaks(tasks, pool)
    assert gone(started)


@pytest.mark.parametrize("which", [0, 1])
def test_processes_that_cannot_be_started_change_nothing(tmp_path, tasks, monkeypatch, which):
    start, asked = subprocess.Popen, []

    def popen(*words, **settings):
        asked.append(words)
        if len(asked) > which:
            raise BlockingIOError("Resource temporarily unavailable")
        return start(*words, **settings)

    monkeypatch.setattr(guarding.subprocess, "Popen", popen)
    pool = pool_of(tmp_path)
    assert guarding.leaks_in(tasks, pool) == find_leaks(tasks, pool)
    assert len(asked) == 2


def test_a_pool_that_has_changed_is_refused_with_its_sentence(tmp_path, tasks, started):
    pool = pool_of(tmp_path)
    write(tmp_path / "pool.jsonl", (record(number + (number == 200)) for number in range(N)))
    with pytest.raises(InputError, match="changed since it was read: row 200 is not the sample that it was"):
        guarding.leaks_in(tasks, pool)
    assert gone(started)


def test_an_interruption_ends_the_processes(tmp_path, tasks, started, monkeypatch):
    """Ctrl-C reaches the main thread, which waits for parts or looks at one itself."""
    pool = pool_of(tmp_path)

    def interrupted(assessment, part):
        raise KeyboardInterrupt

    monkeypatch.setattr(guarding, "find_leaks", interrupted)
    monkeypatch.setattr(guarding._Process, "leaks", lambda self, part: None)
    with pytest.raises(KeyboardInterrupt):
        guarding.leaks_in(tasks, pool)
    assert len(started) == 2
    assert gone(started)
