"""A run with the torch backend from the command line: on one device, on several, and when one of them dies."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from icon.runs.directory import RunDirectory
from icon.runs.parts import SCHEMA
from icon.runs.scores import read_scores

N = 120


@pytest.fixture
def pool(tmp_path):
    rows = [{"instruction": f"question {i}", "input": "", "output": f"answer {i} " * (1 + i % 5)} for i in range(N)]
    tasks = [{"instruction": f"task {i} of some kind", "output": f"it is done, {i * i} times"} for i in range(8)]
    for name, records in (("pool", rows), ("tasks", tasks)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    return tmp_path / "pool.jsonl"


def command(pool, model, out, *more):
    given = [pool, "--assessment", pool.with_name("tasks.jsonl"), "--model", model, "--out", out]
    return [sys.executable, "-m", "icon", "run", *map(str, given), "--backend", "torch", "--device", "cpu", *more]


def run(pool, model, out, *more):
    done = subprocess.run(command(pool, model, out, *more), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


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


def test_two_processes_measure_what_one_does(pool, tiny, tmp_path):
    run(pool, tiny("llama"), tmp_path / "one")
    run(pool, tiny("llama"), tmp_path / "two", "--devices", "cpu,cpu")
    assert len(measured(tmp_path / "one")) == N * 8
    assert measured(tmp_path / "two") == measured(tmp_path / "one")
    assert decisions(tmp_path / "two") == decisions(tmp_path / "one")


def workers(process):
    """Process ids of the children that measure a share."""
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(each) for each in found if b"--share" in Path(f"/proc/{each}/cmdline").read_bytes()]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the processes through /proc")
def test_the_share_of_a_process_that_dies_is_measured_by_the_first(pool, tiny, tmp_path):
    run(pool, tiny("llama"), tmp_path / "one")
    out = tmp_path / "two"
    process = subprocess.Popen(
        command(pool, tiny("llama"), out, "--devices", "cpu,cpu"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 120
    while not (alive := workers(process)) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert alive, "no second process was started"
    os.kill(alive[0], signal.SIGKILL)
    assert process.wait(240) == 0
    assert measured(out) == measured(tmp_path / "one")
    assert any("its share was measured here" in each for each in warnings(out)), warnings(out)


def warnings(out):
    told = json.loads(Path(out, "run.json").read_text())["warnings"]
    return [each for several in told.values() for each in several]


RACE = ["--schedule", "race", "--capture", "1", "--subset", "40", "--selector", "top", "--baseline", "ppl"]


def test_a_race_on_two_devices_ends_as_on_one(pool, tiny, tmp_path):
    """Slices of 8 samples are one here: the two must not wait for each other, over the baseline either."""
    run(pool, tiny("llama"), tmp_path / "one", *RACE)
    run(pool, tiny("llama"), tmp_path / "two", "--devices", "cpu,cpu", *RACE)
    assert measured(tmp_path / "two") == measured(tmp_path / "one")
    assert decisions(tmp_path / "two") == decisions(tmp_path / "one")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the processes through /proc")
def test_a_race_goes_on_without_a_process_that_dies(pool, tiny, tmp_path):
    run(pool, tiny("llama"), tmp_path / "one", *RACE)
    out = tmp_path / "two"
    process = subprocess.Popen(
        command(pool, tiny("llama"), out, "--devices", "cpu,cpu", *RACE),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while not (children := workers(process)):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(children[0], signal.SIGKILL)
    assert process.wait(timeout=120) == 0
    assert measured(out) == measured(tmp_path / "one")
    assert any("ended with code -9" in each for each in warnings(out))


def test_shares_on_their_own_finish_a_run_together(pool, tiny, tmp_path):
    run(pool, tiny("llama"), tmp_path / "one")
    out = tmp_path / "two"
    start = command(pool, tiny("llama"), out)
    start[start.index("run")] = "assess"
    for more in (start, *([sys.executable, "-m", "icon", "score", str(out), "--share", f"{k}/2"] for k in (2, 1))):
        assert subprocess.run(more, capture_output=True, check=False).returncode == 0
    assert json.loads((out / "run.json").read_text())["model"]["backend"] == "torch"  # noted by the first share
    before = {path.name for path in (out / "contributions").glob("part-0*")}
    for stage in ("score", "select"):
        subprocess.run([sys.executable, "-m", "icon", stage, str(out)], capture_output=True, check=True)
    assert {path.name for path in (out / "contributions").glob("part-0*")} == before
    assert measured(out) == measured(tmp_path / "one")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--device", "cuda"], ["built without CUDA", "--device cpu", "pip install"]),
        (["--device", "warp"], ["valid: auto, cpu, cuda"]),
        (["--dtype", "float8"], ["dtype", "'float32'"]),
        (["--model", "no-such-folder/at/all"], ["there is no such file or folder"]),
        (["-o", "backend.context_length=100000"], ["was trained on 4096 tokens"]),
        (["--devices", "0,,1"], ["--devices 0,,1", "valid: names such as 0,1"]),
    ],
)
def test_wrong_use_ends_with_code_2_and_what_helps(pool, tiny, tmp_path, more, said):
    torch = pytest.importorskip("torch")
    if "cuda" in more and torch.version.cuda is not None:
        pytest.skip("this torch is built with CUDA")
    line = [each for each in command(pool, tiny("llama"), tmp_path / "out") if each not in ("--device", "cpu")]
    done = subprocess.run([*line, *more], capture_output=True, text=True, check=False)
    told = " ".join(done.stderr.split())
    assert done.returncode == 2, told
    for each in said:
        assert each in told
    assert "Traceback" not in told


def test_lora_with_another_backend_is_refused_before_anything_is_scored(pool, tmp_path):
    line = [sys.executable, "-m", "icon", "run", str(pool), "--selector", "lora", "--out", str(tmp_path / "out")]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    told = " ".join(done.stderr.split())
    assert done.returncode == 2
    assert "--backend torch" in told
    assert "-o selector.model=smollm2" in told
    assert not (tmp_path / "out").exists()
