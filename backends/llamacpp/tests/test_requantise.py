"""Weights are converted once, whole or not at all, and what is fastest is measured once."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest

from icon.errors import BackendError
from icon.inference import cache as user_cache
from icon.inference import usable_cores
from icon_llamacpp import requantise
from icon_llamacpp.backend import LlamaCppBackend
from icon_llamacpp.convert import convert, converted
from icon_llamacpp.loading import file_type
from icon_llamacpp.options import LlamaCppOptions
from icon_llamacpp.requantise import choose
from icon_llamacpp.setup import Setup
from support import tiny_model

pytestmark = pytest.mark.model


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ICON_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "models"


@pytest.fixture
def setup(source):
    return Setup(source, threads=usable_cores())


def visible(folder):
    return sorted(path.name for path in folder.iterdir())


def test_as_is_converts_nothing(empty_cache, setup):
    assert choose(setup, "as-is").setup == setup
    assert not empty_cache.exists()


def test_a_type_asked_for_is_made_once(empty_cache, setup):
    first = choose(setup, "q8_0")
    made = first.setup.path.stat().st_mtime_ns
    assert file_type(first.setup.path) == 7
    assert first.source == setup.path
    assert choose(setup, "q8_0") == first
    assert first.setup.path.stat().st_mtime_ns == made
    assert visible(empty_cache) == sorted([first.setup.path.name, "notes.json"])


def test_a_file_that_has_the_type_already_is_left_alone(empty_cache, setup):
    made = replace(setup, path=converted(setup.path, "q4_0", 2))
    assert choose(made, "q4_0").setup == made


def test_conversion_does_not_depend_on_the_number_of_threads(tmp_path):
    large = tiny_model.write_gguf(tmp_path / "large.gguf", inner=4096, quantised=True)  # matrices worth two threads
    one, two = (convert(large, tmp_path / str(n), "f16", n) for n in (1, 2))
    assert one.read_bytes() == two.read_bytes()


def test_auto_takes_the_fastest_and_remembers_it(empty_cache, setup, monkeypatch):
    speeds = {"as-is": 100.0, "f16": 200.0, "f32": 300.0}
    asked = []
    monkeypatch.setattr(requantise, "prefill_speeds", lambda setups: asked.append(list(setups)) or speeds)
    first = choose(setup, "auto")
    assert file_type(first.setup.path) == 0
    assert choose(setup, "auto") == first
    assert asked == [["as-is", "f16", "f32"]]
    assert visible(empty_cache) == sorted([first.setup.path.name, "notes.json"])
    (noted,) = json.loads((empty_cache / "notes.json").read_text())["fastest"].values()
    assert noted == {"precision": "f32", "tokens_per_second": {"as-is": 100, "f16": 200, "f32": 300}}


def test_auto_keeps_a_file_that_is_fastest_as_it_is(empty_cache, setup, monkeypatch):
    monkeypatch.setattr(requantise, "prefill_speeds", lambda setups: {"as-is": 3.0, "f16": 2.0, "f32": 1.0})
    assert choose(setup, "auto").setup == setup
    assert visible(empty_cache) == ["notes.json"]


def test_auto_leaves_unquantised_and_large_files_alone(empty_cache, setup, monkeypatch):
    monkeypatch.setattr(requantise, "prefill_speeds", None)
    f16 = replace(setup, path=converted(setup.path, "f16", 2))
    assert choose(f16, "auto").setup == f16
    monkeypatch.setattr(requantise, "LARGEST", {"f16": 1000})
    assert choose(setup, "auto").setup == setup


def test_auto_really_measures(empty_cache, source):
    with LlamaCppBackend(LlamaCppOptions(model=str(source))) as backend:
        info = backend.describe()
    (noted,) = json.loads((empty_cache / "notes.json").read_text())["fastest"].values()
    assert set(noted["tokens_per_second"]) == {"as-is", "f16", "f32"}
    assert all(speed > 0 for speed in noted["tokens_per_second"].values())
    assert info.precision == {"as-is": "Q4_1", "f16": "F16", "f32": "all F32"}[noted["precision"]]
    assert "note" not in info.settings


def test_without_a_cache_auto_runs_the_file_as_it_is_and_says_so(tmp_path, monkeypatch, source):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("ICON_CACHE", str(tmp_path / "file"))
    with LlamaCppBackend(LlamaCppOptions(model=str(source))) as backend:
        info = backend.describe()
    assert info.precision == "Q4_1"
    assert "cannot be written" in info.settings["note"]
    assert "ICON_CACHE" in info.settings["note"]
    with pytest.raises(BackendError, match="cannot be written"):
        LlamaCppBackend(LlamaCppOptions(model=str(source), precision="f16"))


@contextmanager
def full_disk(size):
    """No file of this process may grow beyond so many bytes."""
    resource = pytest.importorskip("resource", reason="limits files as POSIX systems do")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_a_note_and_leaves_nothing_behind(empty_cache, source):
    with full_disk(20_000), LlamaCppBackend(LlamaCppOptions(model=str(source))) as backend:
        assert "is the disk full?" in backend.describe().settings["note"]
    assert visible(empty_cache) == ["notes.json"]


def test_a_full_disk_is_an_error_where_the_type_was_asked_for(empty_cache, source):
    with full_disk(20_000), pytest.raises(BackendError, match="cannot convert"):
        LlamaCppBackend(LlamaCppOptions(model=str(source), precision="f16"))
    assert visible(empty_cache) == ["notes.json"]


def test_two_processes_at_once_find_one_whole_file(empty_cache, source, monkeypatch):
    """Both have made the file before either puts it in its place; two threads do on the disk what processes do."""
    both_made, keep = threading.Barrier(2, timeout=60), user_cache.keep

    def keep_when_both_are_made(made, final):
        both_made.wait()
        keep(made, final)

    monkeypatch.setattr(user_cache, "keep", keep_when_both_are_made)
    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(lambda _: converted(source, "f16", 1), range(2))
    assert one == other
    assert [name for name in visible(empty_cache) if name != "notes.json"] == [one.name]
    assert file_type(one) == 1


def test_a_digest_follows_the_files_content(empty_cache, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    assert user_cache.digest(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    path.write_bytes(b"abcd")
    assert user_cache.digest(path).startswith("88d4266f")


@pytest.mark.parametrize("damage", ["", "no json", "[1]", '{"digests": 3}'])
def test_damaged_notes_are_as_none(empty_cache, damage):
    user_cache.remember("fastest", "key", 1)
    (empty_cache / "notes.json").write_text(damage)
    assert user_cache.recall("fastest", "key") is None
    user_cache.remember("fastest", "key", 2)
    assert user_cache.recall("fastest", "key") == 2
