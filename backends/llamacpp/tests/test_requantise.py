"""Weights are evaluated in a precision by rule; what it asks for is converted once, whole or not at all."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import gguf
import numpy as np
import pytest

from icon.errors import BackendError
from icon.inference import cache as user_cache
from icon.inference import weights_digest
from icon_llamacpp import requantise, trial
from icon_llamacpp.backend import LlamaCppBackend
from icon_llamacpp.convert import convert, converted
from icon_llamacpp.loading import file_type
from icon_llamacpp.options import LlamaCppOptions
from icon_llamacpp.requantise import by_rule, choose
from support import tiny_model

pytestmark = pytest.mark.model


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


def test_auto_is_a_rule_whatever_a_stopwatch_shows(tmp_path, monkeypatch, source):
    """Of three fresh caches each had the precision that was fastest in that minute."""
    found = []
    for n, fastest in enumerate(["Q4_1", "F16", "all F32"]):
        monkeypatch.setenv("ICON_CACHE", str(tmp_path / str(n)))
        monkeypatch.setattr(trial, "_seconds", lambda model, *_, f=fastest: 1.0 if model.precision == f else 2.0)
        with LlamaCppBackend(LlamaCppOptions(model=str(source))) as backend:
            found.append((backend.describe().precision, backend.describe().digest))
    assert len(set(found)) == 1
    assert found[0][0] == "all F32"


@pytest.mark.parametrize(
    ("size", "wanted"),
    [(250_000_000, "f32"), (250_000_001, "f16"), (1_000_000_000, "f16"), (1_000_000_001, "as-is")],
)
def test_auto_is_f32_up_to_250_mb_f16_up_to_1_gb_and_else_as_is(source, monkeypatch, size, wanted):
    monkeypatch.setattr(requantise, "weights_size", lambda path: size)
    assert by_rule(source) == wanted


def test_auto_leaves_unquantised_files_alone(empty_cache, setup):
    for precision in ("f16", "bf16", "f32"):
        plain = replace(setup, path=converted(setup.path, precision, 2))
        assert choose(plain, "auto").setup == plain


def test_a_quantised_file_that_does_not_state_its_type_is_known_by_its_tensors(setup, tmp_path):
    """The key `general.file_type` under another name of the same length."""
    for precision, wanted in (("as-is", "f32"), ("f16", "as-is")):
        data = choose(setup, precision).setup.path.read_bytes()
        unstated = tmp_path / f"{precision}.gguf"
        unstated.write_bytes(data.replace(b"general.file_type", b"general.file_typo"))
        assert file_type(unstated) is None
        assert by_rule(unstated) == wanted


def test_what_auto_made_is_made_once(empty_cache, setup):
    first = choose(setup, "auto")
    made = first.setup.path.stat().st_mtime_ns
    assert choose(setup, "auto") == first
    assert first.setup.path.stat().st_mtime_ns == made
    assert visible(empty_cache) == sorted([first.setup.path.name, "notes.json"])


def test_converted_weights_that_were_damaged_are_made_anew(empty_cache, setup):
    path = choose(setup, "auto").setup.path
    sound = path.read_bytes()
    for damaged in (sound[:-1000] + bytes([sound[-1000] ^ 1]) + sound[-999:], sound[: len(sound) // 2]):
        path.write_bytes(damaged)
        assert choose(setup, "auto").setup.path.read_bytes() == sound


def test_without_a_cache_the_rule_cannot_be_followed_and_that_is_an_error(tmp_path, monkeypatch, source):
    """It ran the file as it is and exited with 0: other numbers, because of a disk."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("ICON_CACHE", str(tmp_path / "file"))
    for precision in ("auto", "f16"):
        with pytest.raises(BackendError, match=r"cannot be written.*ICON_CACHE.*(?s:.*)precision=as-is"):
            LlamaCppBackend(LlamaCppOptions(model=str(source), precision=precision))
    with LlamaCppBackend(LlamaCppOptions(model=str(source), precision="as-is")) as backend:
        assert backend.describe().precision == "Q4_1"


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


@pytest.mark.parametrize("precision", ["auto", "f16"])
@pytest.mark.parametrize("size", [0, 5_000, 20_000, 40_000])
def test_a_full_disk_is_an_error_that_says_what_to_do_and_leaves_nothing_behind(empty_cache, source, precision, size):
    source.read_bytes()
    weights_digest(source)  # noted before the disk is full
    said = r"cannot (convert|write) .*" if size else ".*"
    with full_disk(size), pytest.raises(BackendError, match=said):
        LlamaCppBackend(LlamaCppOptions(model=str(source), precision=precision))
    assert visible(empty_cache) == ["notes.json"]


def test_the_error_of_a_full_disk_names_the_room_that_is_needed(empty_cache, source):
    weights = sum(int(np.prod(tensor.shape)) for tensor in gguf.GGUFReader(source).tensors)
    with full_disk(20_000), pytest.raises(BackendError) as caught:
        LlamaCppBackend(LlamaCppOptions(model=str(source)))
    assert f"about {weights * 4 / 1e6:.1f} MB are needed" in str(caught.value)
    assert "ICON_CACHE" in str(caught.value)
    assert "-o backend.precision=as-is" in str(caught.value)


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
    user_cache.remember("digests", "key", 1)
    (empty_cache / "notes.json").write_text(damage)
    assert user_cache.recall("digests", "key") is None
    user_cache.remember("digests", "key", 2)
    assert user_cache.recall("digests", "key") == 2
