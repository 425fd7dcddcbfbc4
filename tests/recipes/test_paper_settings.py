"""The settings of the paper's chain: what was published, names that the harness has, hours by hand, and refusals."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from paper import costs
from paper.cells import Cell, cells
from paper.command import main
from paper.jobs import Job
from paper.settings import load

EXPERIMENT = Path(__file__).resolve().parents[2] / "docs/recipes/paper/experiment.toml"

MINIMAL = """
shares = ["10%"]
{top}
[models.small]
parameters = 1e9
[models.small.run]
pool = "pool.jsonl"
backend_options = {{model = "weights"}}
{tables}
"""


def write(folder, top="", tables=""):
    path = folder / "chain.toml"
    path.write_text(MINIMAL.format(top=top, tables=tables))
    return path


def test_the_experiment_has_the_published_settings():
    chain = load(EXPERIMENT)
    weights = ["meta-llama/Llama-3.1-8B", "Qwen/Qwen2.5-3B", "meta-llama/Llama-2-7b-hf"]
    assert [chain.weights(name) for name in chain.models] == weights
    assert chain.shares == ("1%", "5%", "10%", "15%")
    training = chain.training
    assert (training.epochs, training.learning_rate, training.batch, training.max_tokens) == (3, 2e-5, 128, 512)
    assert {name: pairs.n for name, pairs in chain.pairwise.items()} == {
        "Vicuna": 80,
        "Koala": 180,
        "WizardLM": 218,
        "SInstruct": 252,
        "LIMA": 300,
        "AlpacaEval": 805,
    }
    assert len(chain.benchmarks) == 12


@pytest.mark.skipif(importlib.util.find_spec("lm_eval") is None, reason="lm_eval is not installed")
def test_the_installed_harness_has_the_experiments_tasks():
    wanted = {benchmark.task for benchmark in load(EXPERIMENT).benchmarks.values() if benchmark.task}
    assert len(wanted) == 11
    name = re.compile(r"^(?:task|group|tag): *[\"']?([\w-]+)|^ *- +(glue)$", re.MULTILINE)
    folder = Path(importlib.util.find_spec("lm_eval").origin).parent / "tasks"
    found = set()
    for top in ("ifeval", "glue", "gpqa", "mmlu", "truthfulqa", "arc", "bbh", "hellaswag", "logiqa", "winogrande"):
        for path in (folder / top).rglob("*.yaml"):
            found |= {one for match in name.findall(path.read_text(encoding="utf-8")) for one in match}
    for path in (folder / "leaderboard/musr").glob("*.yaml"):
        found |= {match[0] for match in name.findall(path.read_text(encoding="utf-8"))}
    # Names of GPQA's tasks are made of two parts in a template, and the file is named like the task.
    found |= {path.stem for path in (folder / "gpqa").rglob("*.yaml")}
    assert wanted - found == set()


def test_cells_of_a_model(tmp_path):
    chain = load(write(tmp_path, 'draws = 2\narms = ["base", "full", "selection", "longest", "random"]'))
    names = [cell.name for cell in cells(chain, "small")]
    assert names == ["base", "full", "10-selection", "10-longest", "10-random-1", "10-random-2"]


def test_shares_that_begin_with_the_same_digits_have_folders_of_their_own(tmp_path):
    names = {Cell("small", "selection", share).name for share in ("5%", "0.5%", "50%", "0.05")}
    assert len(names) == 4


def test_hours_by_hand(tmp_path):
    """10% of 1,000 assumed records of 200 tokens, 2 epochs, 1e9 weights: 6 x 1e9 x 100 x 200 x 2 = 2.4e14 operations.

    The harness evaluates 3e6 tokens and generates 1e6 at a tenth of the rate: 2 x 1e9 x (3e6 + 1e6 x 10) = 2.6e16.
    """
    tables = """
[training]
epochs = 2
[gpu]
peak = 1e15
training = 0.5
scoring = 0.5
generating = 0.05
pool_records = 1000
record_tokens = 200
scoring_tokens = 4e8
[benchmarks.X]
task = "x"
tokens = 3e6
generated = 1e6
"""
    chain = load(write(tmp_path, tables=tables))
    pool, cell = costs.pool_of(chain, "small"), Cell("small", "selection", "10%")
    assert costs.flops(chain, Job("train", "small", cell.name, cell), pool) == (pytest.approx(2.4e14), 0.5)
    assert costs.flops(chain, Job("tasks", "small", cell.name, cell), pool) == (pytest.approx(2.6e16), 0.5)
    assert costs.flops(chain, Job("run", "small"), pool) == (pytest.approx(8e17), 0.5)  # 2 x 1e9 x 4e8
    # training: (2.4e15 + 6 x 2.4e14) / 0.5e15 = 7.68 s; run: 1,600 s; tasks: 8 cells x 52 s
    assert "| small | 0.444 | 0.00213 | 0.116 | 0 | 0.562 |" in costs.plan(chain)
    assert "50% of it in training" in costs.plan(chain)


@pytest.mark.parametrize(
    ("top", "tables", "said"),
    [
        ("shares = 3", "", "shares"),
        ("drawz = 3", "", "drawz"),
        ('arms = ["selection", "best"]', "", "arms.1"),
        ("", "[training]\nbatch = 10\nper_device = 4", "no multiple of per_device"),
        ("", "[benchmarks.A]\npairwise = 'B'", "no pairwise set named 'B'"),
        ("", "[benchmarks.A]\nshots = 1", "either task or pairwise"),
        ("arms = ['selection']", "[pairwise.A]\nfile = 'a.jsonl'", "none of the arms"),
        ("", "[judge]\nkind = 'friend'", "judge.kind"),
        ("", "[judge]\naddress = 'http://me:word@host/v1'", "judge.address: the judge's address"),
        ("", "[models.'a/b']\nparameters = 1\nrun = {}", "folders are named so"),
        ("", "[models.other]\nparameters = 1\nrun = {}", "backend_options.model is missing"),
        ("", "[models.other]\nparameters = 1\nsettings = 'none.toml'", "none.toml"),
        (
            "",
            "[models.other]\nparameters = 1\nrun = {kept = '15%'}",
            "models.other: kept: no such setting",
        ),
        ("= 3", "", "not a readable TOML file"),
    ],
)
def test_wrong_settings_end_with_2_and_a_sentence(tmp_path, capsys, top, tables, said):
    path = write(tmp_path, top, tables)
    if top == "shares = 3":
        path.write_text(path.read_text().replace('shares = ["10%"]\n', ""))
    assert main([str(path), "--work", str(tmp_path / "work"), "--dry-run"]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "work").exists()


def test_two_faults_are_said_together(tmp_path, capsys):
    assert main([str(write(tmp_path, "drawz = 3", "[judge]\nkind = 'friend'")), "--dry-run"]) == 2
    said = capsys.readouterr().err
    assert "drawz" in said
    assert "judge.kind" in said


def test_a_file_that_is_not_there(tmp_path, capsys):
    assert main([str(tmp_path / "none.toml")]) == 2
    assert "none.toml: not a readable TOML file" in capsys.readouterr().err


def test_a_job_that_does_not_exist(tmp_path, capsys):
    assert main([str(write(tmp_path)), "--job", "train/small/all"]) == 2
    assert "valid: run/small, select/small/10%, tasks/small/base" in capsys.readouterr().err


@pytest.mark.skipif(importlib.util.find_spec("lm_eval") is None, reason="lm_eval is not installed")
def test_a_task_that_the_harness_does_not_have(tmp_path, capsys):
    (tmp_path / "tasks").mkdir()
    top = 'include = "tasks"\nown_tasks = true'
    path = write(tmp_path, top, "[benchmarks.A]\ntask = 'arcc'")
    assert main([str(path), "--work", str(tmp_path / "work"), "--dry-run"]) == 2
    assert "benchmarks.A.task: 'arcc'" in capsys.readouterr().err


def test_a_job_ends_with_the_command_that_started_it():
    """Its standard input is a pipe that only that command holds open, so any end of the command closes it."""
    code = "import time, paper.parent; paper.parent.end_with_parent(); print('up', flush=True); time.sleep(60)"
    environment = {**os.environ, "PYTHONPATH": str(EXPERIMENT.parents[1]), "PAPER_CHAIN_CHILD": "1"}
    words = [sys.executable, "-c", code]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as job:
        assert job.stdout.readline() == b"up\n"
        assert job.poll() is None
        job.stdin.close()
        assert job.wait(timeout=20) == 143
