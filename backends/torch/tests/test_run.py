"""A run with the torch backend from the command line: on one device, on several, and when one of them dies.

The run's own process is this one; the further processes that it starts, one a device, are real.
"""

import json
import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from icon.runs.directory import RunDirectory
from icon.runs.parts import SCHEMA
from icon.runs.scores import read_scores
from support.command_line import CommandLine

N = 120
RACE = ("--schedule", "race", "--capture", "1", "--subset", "40", "--selector", "top", "--baseline", "ppl")
TWO = ("--devices", "cpu,cpu")


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    rows = [{"instruction": f"question {i}", "input": "", "output": f"answer {i} " * (1 + i % 5)} for i in range(N)]
    tasks = [{"instruction": f"task {i} of some kind", "output": f"it is done, {i * i} times"} for i in range(8)]
    for name, records in (("pool", rows), ("tasks", tasks)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return folder / "pool.jsonl"


def arguments(pool, model, out, *more):
    given = [pool, "--assessment", pool.with_name("tasks.jsonl"), "--model", model, "--out", out]
    return [*map(str, given), "--backend", "torch", *more]


def run(pool, model, out, *more):
    place = () if "--devices" in more else ("--device", "cpu")
    CommandLine(pool.parent)("run", *arguments(pool, model, out, *place, *more), code=0)
    return out


@pytest.fixture(scope="module")
def one(pool, tiny):
    """A finished run of a single process."""
    return run(pool, tiny("llama"), pool.with_name("one"))


@pytest.fixture(scope="module")
def one_race(pool, tiny):
    """A finished race of a single process."""
    return run(pool, tiny("llama"), pool.with_name("race"), *RACE)


def measured(out):
    """Every column of every pair but the parts' order: what was measured, whoever measured it."""
    import pyarrow.parquet as pq

    rows = [
        row
        for pattern in ("part-0*.parquet", "slice-*/part-0*.parquet")
        for path in Path(out, "contributions").glob(pattern)
        for row in pq.read_table(path).to_pylist()
    ]
    return sorted(tuple(row[name] for name in SCHEMA.names) for row in rows)


def decisions(out):
    return [(row.id, row.score, row.selected, row.reason) for row in read_scores(RunDirectory(Path(out)).scores)]


def warnings(out):
    told = json.loads(Path(out, "run.json").read_text())["warnings"]
    return [each for several in told.values() for each in several]


def test_two_processes_measure_what_one_does(pool, tiny, one, tmp_path):
    two = run(pool, tiny("llama"), tmp_path / "two", *TWO)
    assert len(measured(one)) == N * 8
    assert measured(two) == measured(one)
    assert decisions(two) == decisions(one)
    assert not any("worker" in each for each in warnings(two)), warnings(two)


def test_a_race_on_two_devices_ends_as_on_one(pool, tiny, one_race, tmp_path):
    """Slices of 8 samples are one here; the baseline is measured by both as well."""
    two = run(pool, tiny("llama"), tmp_path / "two", *TWO, *RACE)
    assert measured(two) == measured(one_race)
    assert decisions(two) == decisions(one_race)
    assert not any("worker" in each for each in warnings(two)), warnings(two)


class Killer(threading.Thread):
    """Kills the first worker that this thread's maker starts, once it has opened the model."""

    def __init__(self):
        super().__init__(daemon=True)
        self.children = Path(f"/proc/{os.getpid()}/task/{threading.get_native_id()}/children")
        self.killed = None
        self.over = threading.Event()

    def run(self):
        while self.killed is None and not self.over.is_set():
            for process in self.children.read_text().split():
                with suppress(FileNotFoundError):  # another child, which has ended
                    if b"executors._child" in Path(f"/proc/{process}/cmdline").read_bytes():
                        os.kill(int(process), signal.SIGKILL)
                        self.killed = process
                        return
            time.sleep(0.01)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the processes through /proc")
def test_the_parts_of_a_process_that_dies_are_measured_by_others(pool, tiny, one, tmp_path):
    with Killer() as killer:
        two = run(pool, tiny("llama"), tmp_path / "two", *TWO)
    assert killer.killed, "no second process was started"
    assert measured(two) == measured(one)
    assert any("killed by signal 9" in each for each in warnings(two)), warnings(two)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the processes through /proc")
def test_a_race_goes_on_without_a_process_that_dies(pool, tiny, one_race, tmp_path):
    with Killer() as killer:
        two = run(pool, tiny("llama"), tmp_path / "two", *TWO, *RACE)
    assert killer.killed, "no second process was started"
    assert measured(two) == measured(one_race)
    assert any("killed by signal 9" in each for each in warnings(two)), warnings(two)


def test_shares_on_their_own_finish_a_run_together(pool, tiny, one, command_line, tmp_path):
    out = tmp_path / "two"
    command_line("assess", *arguments(pool, tiny("llama"), out, "--device", "cpu"), code=0)
    for number in (2, 1):
        command_line("score", out, "--share", f"{number}/2", code=0)
    assert json.loads((out / "run.json").read_text())["model"]["backend"] == "torch"  # noted by the first share
    before = {path.name for path in (out / "contributions").glob("part-0*")}
    for stage in ("score", "select"):
        command_line(stage, out, code=0)
    assert {path.name for path in (out / "contributions").glob("part-0*")} == before
    assert measured(out) == measured(one)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--device", "cuda"], ["built without CUDA", "--device cpu", "pip install"]),
        (["--device", "warp"], ["valid: auto, cpu, cuda"]),
        (["--dtype", "float8"], ["dtype", "valid: auto, float32, bfloat16 or float16", "Did you mean"]),
        (["--model", "no-such-folder/at/all"], ["there is no such file or folder"]),
        (["-o", "backend.context_length=100000"], ["was trained on 4096 tokens"]),
        (["--devices", "0,,1"], ["--devices 0,,1", "valid: names such as 0,1"]),
    ],
)
def test_wrong_use_ends_with_code_2_and_what_helps(pool, tiny, command_line, tmp_path, more, said):
    torch = pytest.importorskip("torch")
    if "cuda" in more and torch.version.cuda is not None:
        pytest.skip("this torch is built with CUDA")
    done = command_line("run", *arguments(pool, tiny("llama"), tmp_path / "out", *more), code=2)
    told = " ".join(done.stderr.split())
    for text in said:
        assert text in told
    assert "Traceback" not in told


def test_lora_with_another_backend_is_refused_before_anything_is_scored(pool, command_line, tmp_path):
    done = command_line("run", pool, "--selector", "lora", "--out", tmp_path / "out", code=2)
    told = " ".join(done.stderr.split())
    assert "--backend torch" in told
    assert "-o selector.model=smollm2" in told
    assert not (tmp_path / "out").exists()
