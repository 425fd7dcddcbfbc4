"""Models that the tests share, each loaded once per process: the tiny one, and a real one for its numbers."""

from __future__ import annotations

import json
import os
import struct
from importlib.resources import files
from pathlib import Path

import pytest

from icon.inference import usable_cores
from icon.types import Target
from icon_llamacpp.backend import LlamaCppBackend
from icon_llamacpp.options import LlamaCppOptions
from icon_llamacpp.setup import Setup
from support import smollm2 as real
from support import tiny_model
from support.fixtures import command_line, tiny_gguf  # noqa: F401

UINT32, FLOAT32, BOOL = 4, 6, 7
"""GGUF's numbers for the types of metadata values."""


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory):
    """Converted files of this session, away from the user's; of several test processes all have one."""
    with pytest.MonkeyPatch.context() as patch:
        folder = Path(os.environ.get("ICON_TEST_CACHE") or tmp_path_factory.mktemp("cache"))
        for name in ("ICON_CACHE", "ICON_TEST_CACHE"):
            patch.setenv(name, str(folder))
        yield folder


@pytest.fixture(scope="session")
def source():
    """The tiny model's file; like the embedded one it has Q4_1 weights."""
    return tiny_model.quantised_file()


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    """Where converted files come to lie in a cache of this test's own."""
    monkeypatch.setenv("ICON_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "models"


@pytest.fixture
def setup(source):
    """How to load the tiny model's file."""
    return Setup(source, threads=usable_cores())


def _by_precision(make):
    """A backend by precision, loaded when it is first asked for and closed in the end."""
    loaded = {}

    def get(precision):
        if precision not in loaded:
            loaded[precision] = make(precision)
        return loaded[precision]

    yield get
    for backend in loaded.values():
        backend.close()


@pytest.fixture(scope="session")
def load(source, cache):
    """The tiny model by precision."""
    yield from _by_precision(lambda precision: LlamaCppBackend(LlamaCppOptions(model=str(source), precision=precision)))


@pytest.fixture(scope="session")
def load_tiny_f32(cache):
    """The tiny model as both backends and transformers read it, with its own F32 weights."""
    with LlamaCppBackend(LlamaCppOptions(model=str(tiny_model.gguf_file()), precision="f32")) as backend:
        yield backend


@pytest.fixture(scope="session")
def load_smollm2(cache):
    """The embedded model by precision."""

    def make(precision):
        real.gguf(precision)  # made once for all test processes
        return LlamaCppBackend(LlamaCppOptions(precision=precision))

    yield from _by_precision(make)


@pytest.fixture
def patched(source, tmp_path):
    """A copy of the tiny model with one value of its metadata changed in place."""

    def patch(key, kind, value):
        data = bytearray(source.read_bytes())
        at = data.index(key.encode()) + len(key)
        assert struct.unpack_from("<I", data, at) == (kind,)
        data[at + 4 : at + 4 + len(value)] = value
        copy = tmp_path / "patched.gguf"
        copy.write_bytes(data)
        return copy

    return patch


def paper_prompt(record):
    passage = f"\n\n### Input: {record['input']}" if record.get("input") else ""
    return f"### Instruction:\n{record['instruction']}{passage}\n\n### Response:"


@pytest.fixture(scope="session")
def demo_pairs():
    """Ten contexts from the demo pool, each with five targets from the demo assessment set."""
    pool, tasks = (
        [json.loads(line) for line in files("icon.samples.demo").joinpath(name).read_text("utf-8").splitlines()]
        for name in ("demo_pool.jsonl", "demo_assessment.jsonl")
    )
    contexts = sorted([paper_prompt(each) + each["output"] + "\n\n\n" for each in pool], key=len)[:40:4]
    targets = sorted([Target(paper_prompt(each), each["output"]) for each in tasks], key=lambda each: len(str(each)))
    return [(context, targets[place % 6 :: 6][:5]) for place, context in enumerate(contexts)]


@pytest.fixture(scope="session")
def real_pairs():
    """Ten Alpaca demonstrations, each with five short assessment samples; or a skip that says what is missing."""
    beside = Path(__file__).resolve().parents[4] / "shared" / "data"
    folder = Path(os.environ.get("ICON_TEST_DATA", beside))
    if not (folder / "assessment_1020.jsonl").is_file():
        pytest.skip(f"no real data at {folder}; set ICON_TEST_DATA to the folder that holds assessment_1020.jsonl")
    pool = [json.loads(line) for line in (folder / "alpaca_4000.jsonl").read_text("utf-8").splitlines()[1:11]]
    tasks = [json.loads(line) for line in (folder / "assessment_1020.jsonl").read_text("utf-8").splitlines()]
    targets = [
        Target(each["inputs"], each["response"]) for each in tasks if len(each["inputs"] + each["response"]) < 600
    ]
    return [
        (paper_prompt(each) + each["output"] + "\n\n\n", targets[place * 5 :][:5]) for place, each in enumerate(pool)
    ]
