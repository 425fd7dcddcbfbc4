"""Model FLOPs are what the formula of bench_llama8b.py gives by hand; llama.cpp has its part of the page."""

import argparse
import sys
from pathlib import Path

import pytest

from icon.types import Target
from support import tiny_model

HERE = Path(__file__).resolve().parent


@pytest.fixture
def scripts(monkeypatch):
    """The benchmarks' own modules, importable as they are to each other."""
    known = set(sys.modules)
    for folder in (HERE, HERE.parent / "benchmarks"):
        monkeypatch.syspath_prepend(folder)
    yield
    for name in ("tiny", "branches", "work", "workload", "tables", "rivals", "measuring", "llamacpp"):
        if name not in known:
            sys.modules.pop(name, None)


def test_a_trie_of_two_targets_by_hand(scripts):
    import tiny
    from work import body_parameters, work

    from icon_torch import attention
    from icon_torch.trial import Loaded, choose
    from icon_torch.vocabulary import Vocabulary

    attention.register()
    model = tiny.model()
    vocabulary = Vocabulary(tiny.tokenizer(), special_tokens=False)
    engine = choose(Loaded(model, model.base_model, 4096, 64), "padded").engine
    # One token a byte, no BOS. Shared: a. The trie behind it: b, c, d. Response tokens: d, e and f.
    found = work(model, vocabulary, engine, "ab", [Target("c", "de"), Target("c", "f")])
    # A layer: projections of 32 x (32 + 16 + 16 + 32), a gated block of 3 x 32 x 48, two norms of 32; then a last norm.
    parameters = 2 * (32 * 96 + 3 * 32 * 48 + 2 * 32) + 32
    assert body_parameters(model) == parameters
    assert found.tokens == 4
    # Keys seen by a, b, c, d: 1 + 2 + 3 + 4; two layers, four heads of width 8; 320 words, width 32, three predictions.
    assert found.flops == 2 * parameters * 4 + 4 * 2 * 4 * 8 * 10 + 2 * 320 * 32 * 3


def test_llama_cpp_is_on_the_page_with_one_at_a_time_at_equal_answers(scripts):
    pytest.importorskip("icon_llamacpp", reason="icon-llamacpp is not installed")
    import llamacpp

    given = argparse.Namespace(toy=True, gguf=tiny_model.gguf_file(), contexts=2)
    text, found = llamacpp.section(given, 1e12)
    prefill, shared, alone = found["ways"]
    assert (prefill["of_prefill"], prefill["ratio"], alone["ratio"]) == (1, None, 1)
    assert prefill["tokens"] >= 128
    assert alone["tokens"] > 2 * shared["tokens"]
    assert shared["ratio"] == pytest.approx(alone["seconds"] / shared["seconds"])
    assert found["largest"] < 1e-3
    assert all(f"| {way} |" in text for way in ("plain prefill", "shared", "one at a time"))


def test_llama_cpp_without_a_gpu_is_named_with_what_to_install(scripts):
    pytest.importorskip("icon_llamacpp", reason="icon-llamacpp is not installed")
    import llama_cpp
    import llamacpp

    if llama_cpp.llama_supports_gpu_offload():
        pytest.skip("this llama.cpp was built with a GPU")
    text, found = llamacpp.section(argparse.Namespace(toy=False, gguf=None, contexts=2), 1e12)
    assert found["refused"] in text
    assert "is built without a GPU; with one: CMAKE_ARGS=-DGGML_CUDA=on pip install" in text


def test_every_place_that_asks_for_the_kind_of_device_is_listed_with_what_tests_it(scripts):
    """So that a new branch for GPUs is seen, and what runs on none of our machines is counted."""
    import branches

    found = {(place.file, place.function) for place in branches.places()}
    assert found == set(branches.TESTED)
    named = {tested.split(",")[0] for tested in branches.TESTED.values() if tested.endswith((".py", "CPU", "GPU"))}
    assert all((branches.ROOT / name).is_file() for name in named)
    assert list(branches.TESTED.values()).count(branches.NOTHING) == 4


def test_a_place_is_found_by_comparison_by_lookup_and_by_asking_torch(scripts, tmp_path, monkeypatch):
    import branches

    (tmp_path / "icon").mkdir()
    (tmp_path / "icon" / "made.py").write_text(
        "SIZES = {'cuda': 1}\ndef one(device):\n    return device.type == 'cpu'\nclass Two:\n    def three(self):\n"
        "        return torch.cuda.is_available()\ndef four(name):\n    return name == 'cudnn'\n"
    )
    monkeypatch.setattr(branches, "ROOT", tmp_path)
    assert [(place.function, place.lines) for place in branches.places()] == [
        ("", (1,)),
        ("one", (3,)),
        ("Two.three", (6,)),
    ]
