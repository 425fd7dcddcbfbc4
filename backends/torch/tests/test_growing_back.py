"""Packs that were halved for want of memory grow back, more patiently each time that fails, and the backend says so."""

import json
from itertools import pairwise
from types import SimpleNamespace

import pytest
import torch

from icon import api
from icon.plugins import Noting
from icon.types import Status, Target
from icon_torch.backend import TorchBackend
from icon_torch.engine import MOST_PATIENCE, PATIENCE, Engine
from icon_torch.options import TorchOptions
from support import tiny_model

TARGETS = [Target(f"Question {n}:", f" the answer {n} and a few words more") for n in range(8)]


@pytest.fixture
def backend():
    options = TorchOptions(model=str(tiny_model.transformers_folder()), device="cpu", pack_tokens=512, threads=1)
    with TorchBackend(options) as backend:
        yield backend


@pytest.fixture
def memory(backend, monkeypatch):
    """The longest pass for which there is memory; it can be changed."""
    room = {"tokens": 10_000}
    forward = backend.model.base_model.forward

    def limited(*args, input_ids, **others):
        if input_ids.shape[1] > room["tokens"]:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return forward(*args, input_ids=input_ids, **others)

    monkeypatch.setattr(backend.model.base_model, "forward", limited)
    return room


def read(backend, n):
    for _ in range(n):
        assert all(found.logprobs for found in backend.score("A context.", TARGETS))


def test_a_beginning_is_read_once_and_again_after_a_lack_of_memory(backend, memory):
    beginning = "You answer questions about numbers, briefly and politely.\n\n"
    contexts = [f"{beginning}{word} is a number.\n" for word in ("One", "Two", "Twelve")]

    def spent(context):
        before = backend.tokens_evaluated
        return backend.score_from(beginning, context, TARGETS[:1]), backend.tokens_evaluated - before

    own = [len(backend.tokenize(context + TARGETS[0].prompt + TARGETS[0].response)) - 1 for context in contexts]
    n_kept, found = len(backend.tokenize(beginning)), [spent(context) for context in contexts]
    assert [read for _, read in found] == [own[0], own[1] - n_kept, own[2] - n_kept]
    memory["tokens"] = 1
    (failed,) = backend.score_from(beginning, contexts[0], TARGETS[:1])
    assert failed.status is Status.OUT_OF_MEMORY
    memory["tokens"] = 10_000
    assert spent(contexts[1]) == (found[1][0], own[1])
    assert spent(contexts[0]) == (found[0][0], own[0] - n_kept)


def engine_of(pack_tokens):
    """An engine for a model of one number: how large its packs are does not depend on more."""
    model = SimpleNamespace(get_input_embeddings=lambda: SimpleNamespace(weight=torch.zeros(1)))
    return Engine(model, None, None, 100, pack_tokens)


def test_packs_grow_back_to_what_they_were_and_no_further():
    engine, sizes = engine_of(600), []
    assert engine.shrink()
    assert engine.shrink()
    for _ in range(5 * PATIENCE):
        engine.start([])
        sizes.append(engine.pack_tokens)
    assert sizes == [150] * PATIENCE + [300] * (PATIENCE + 1) + [600] * (3 * PATIENCE - 1)
    assert engine.ran_short


def test_each_attempt_that_fails_doubles_the_wait_up_to_a_bound():
    engine, attempts = engine_of(512), []
    engine.shrink()
    for context in range(6000):
        engine.start([])
        if engine.pack_tokens > 256:  # there is never memory for more
            attempts.append(context)
            engine.shrink()
    waits = [later - earlier for earlier, later in pairwise(attempts)]
    expected = [PATIENCE * 2**n for n in range(1, 20)]
    assert waits == [min(each, MOST_PATIENCE) + 1 for each in expected][: len(waits)]
    assert waits[-1] == MOST_PATIENCE + 1


def test_a_context_read_anew_for_one_target_does_not_count():
    engine = engine_of(512)
    engine.shrink()
    for _ in range(5 * PATIENCE):
        engine.start([], wipe=True)
    assert engine.pack_tokens == 256


def test_packs_that_grew_too_early_are_halved_again_and_nothing_is_lost(backend, memory):
    engine = backend._chosen.engine
    memory["tokens"] = 150
    read(backend, 1)
    assert engine.pack_tokens == 128
    engine._patience = 1
    read(backend, 2)
    assert engine.pack_tokens == 128
    assert engine._patience == 2


def test_the_backend_notes_it_once_and_only_where_it_happened(backend, memory):
    assert isinstance(backend, Noting)
    read(backend, 1)
    assert backend.notes == []
    described = backend.describe()
    memory["tokens"] = 150
    read(backend, 1)
    (first,) = backend.notes
    assert "found no memory on cpu for packs of 512 tokens" in first
    memory["tokens"] = 100
    read(backend, 1)
    assert backend.notes == [first]
    assert backend.describe() == described  # what is run has not changed, and the run goes on


def test_the_note_is_among_the_warnings_of_the_run_and_the_scores_are_the_same(backend, memory, tmp_path):
    pool, tasks = tmp_path / "pool.jsonl", tmp_path / "tasks.jsonl"
    for path, n in ((pool, 3), (tasks, 20)):
        lines = [
            json.dumps({"instruction": f"{path.stem} {i}", "output": f"{i} is said by {path.stem}."}) for i in range(n)
        ]
        path.write_text("\n".join(lines))
    settings = {
        "backend": backend,
        "assessment": tasks,
        "selector": "top",
        "report": False,
        "baselines": (),
        "template": "plain",
    }
    plenty = api.run(pool, out=tmp_path / "plenty", **settings)
    memory["tokens"] = 200
    little = api.run(pool, out=tmp_path / "little", **settings)
    warnings = [
        json.loads((run.path / "run.json").read_text())["warnings"].get("score", []) for run in (plenty, little)
    ]
    assert [sum("found no memory" in warning for warning in several) for several in warnings] == [0, 1]
    for one, other in zip(plenty.rows, little.rows, strict=True):
        assert one.score == pytest.approx(other.score, abs=1e-4)
