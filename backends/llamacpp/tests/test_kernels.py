"""What would be faster is said by how llama.cpp was built, never by a clock, and only where that is known."""

import platform

import pytest

from icon_llamacpp import kernels
from icon_llamacpp.backend import LlamaCppBackend
from icon_llamacpp.options import LlamaCppOptions
from support import tiny_model

PLAIN = ["libggml-base.so", "libggml-cpu.so", "libggml.so", "libllama.so"]


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Installs empty libraries of these names in the place of llama.cpp's, on an x86 machine."""

    def install(names, machine="x86_64"):
        for name in names:
            (tmp_path / name).touch()
        monkeypatch.setenv("LLAMA_CPP_LIB_PATH", str(tmp_path))
        monkeypatch.setattr(platform, "machine", lambda: machine)

    return install


def test_a_plain_build_beside_torch_names_both_ways_to_be_faster_with_their_figures(installed):
    installed(PLAIN)
    said = kernels.advice()
    assert "torch, which is installed and reads 1.4 to 2 times as many tokens per second (--backend torch)" in said
    assert "OpenBLAS reads 1.2 to 1.3 times as many" in said
    assert kernels.note(exact=True) in said


def test_without_torch_only_the_build_is_named(installed, monkeypatch):
    installed(PLAIN)
    found = kernels.find_spec
    monkeypatch.setattr(kernels, "find_spec", lambda name: None if name == "torch" else found(name))
    assert kernels.note(exact=True) == ""
    assert "OpenBLAS" in kernels.advice()
    assert "--backend torch" not in kernels.advice()


@pytest.mark.parametrize(
    ("names", "machine"),
    [
        ([*PLAIN, "libggml-blas.so"], "x86_64"),
        ([*PLAIN, "libggml-cuda.so"], "x86_64"),
        (PLAIN, "arm64"),
        ([], "x86_64"),
    ],
    ids=["a BLAS", "a GPU", "another kind of machine", "libraries that are elsewhere"],
)
def test_nothing_is_said_where_it_is_not_known_to_be_slow(installed, names, machine):
    installed(names, machine)
    assert kernels.advice() == ""
    assert kernels.note(exact=True) == ""


def test_nothing_is_said_of_weights_that_are_not_computed_in_float32(installed):
    installed(PLAIN)
    assert kernels.note(exact=False) == ""


@pytest.mark.model
def test_a_run_has_it_as_the_note_of_its_model(monkeypatch):
    """The note alone may differ where a run goes on, so a run begun by any build goes on with any other."""
    with LlamaCppBackend(LlamaCppOptions(model=str(tiny_model.gguf_file()))) as backend:
        monkeypatch.setattr(kernels, "note", lambda *, exact: f"exact {exact}")
        assert backend.describe().settings["note"] == "exact True"
