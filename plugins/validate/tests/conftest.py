"""The tiny model in the torch backend, records for it, and a finished run that held judge samples out."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from icon_torch.backend import TorchBackend
from icon_torch.options import TorchOptions
from icon_validate.encoding import Encoded
from support.command_line import CommandLine
from support.fixtures import command_line, tiny_embedded, tiny_folder, tiny_gguf  # noqa: F401
from support.validating import KEPT, N_JUDGE, N_POOL, QUICK, write_lines


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory):
    """Converted files of this session, away from the user's; of several test processes all have one."""
    with pytest.MonkeyPatch.context() as patch:
        folder = Path(os.environ.get("ICON_TEST_CACHE") or tmp_path_factory.mktemp("cache"))
        for name in ("ICON_CACHE", "ICON_TEST_CACHE"):
            patch.setenv(name, str(folder))
        yield folder


@pytest.fixture
def backend(tiny_folder):  # noqa: F811
    """The tiny model, opened for one test: what a test does to its weights, no other one sees."""
    with TorchBackend(TorchOptions(model=str(tiny_folder), device="cpu")) as opened:
        yield opened


@pytest.fixture
def records(backend):
    """Seven records of different lengths."""

    def make(number):
        prompt, response = backend.tokenize(f"{number} times {number + 3} is"), backend.tokenize(f" {number}" * number)
        return Encoded(str(number), (*prompt, *response), len(prompt))

    return [make(number) for number in range(1, 8)]


@pytest.fixture(scope="session")
def finished(tmp_path_factory, tiny_folder):  # noqa: F811
    """A folder with a pool, tasks, and a run over them that selected and held eight judge samples out."""
    folder = tmp_path_factory.mktemp("validate")
    rows = [{"instruction": f"{n} times {n + 3}?", "output": f"{n * (n + 3)}, I say" + "!" * n} for n in range(N_POOL)]
    write_lines(folder / "pool.jsonl", rows)
    tasks = [
        {"instruction": f"{n} plus {n + 1}?", "output": f"it is {n + n + 1}", "category": "ab"[n % 2]}
        for n in range(40, 52)
    ]
    write_lines(folder / "tasks.jsonl", tasks)
    given = ["pool.jsonl", "--assessment", "tasks.jsonl", "--hold-out", N_JUDGE, "--template", "paper", "--no-report"]
    model = ["--backend", "torch", "--model", tiny_folder, "--device", "cpu"]
    CommandLine(folder)("run", *given, *model, "--keep", KEPT, "--selector", "top", "--out", "run", code=0)
    return folder


@pytest.fixture
def run(finished, tmp_path):
    """A copy of that run, beside copies of its files."""
    for name in ("pool.jsonl", "tasks.jsonl"):
        shutil.copy(finished / name, tmp_path / name)
    shutil.copytree(finished / "run", tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture
def validate(command_line, run):  # noqa: F811
    """Runs `icon validate` on it with few and short arms, and gives what was printed."""

    def call(*more, code=0, **given):
        return command_line("validate", run, *QUICK, *more, code=code, **given)

    return call
