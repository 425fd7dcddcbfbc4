"""Model FLOPs are what the formula of bench_llama8b.py gives by hand."""

import sys
from pathlib import Path

import pytest

from icon.types import Target

HERE = Path(__file__).resolve().parent


@pytest.fixture
def scripts(monkeypatch):
    """The benchmarks' own modules, importable as they are to each other."""
    known = set(sys.modules)
    for folder in (HERE, HERE.parent / "benchmarks"):
        monkeypatch.syspath_prepend(folder)
    yield
    for name in ("tiny", "work"):
        if name not in known:
            sys.modules.pop(name, None)


def test_a_trie_of_two_targets_by_hand(scripts):
    import tiny
    from work import body_parameters, work

    from icon_torch.trial import Loaded, choose
    from icon_torch.vocabulary import Vocabulary

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
