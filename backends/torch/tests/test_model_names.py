"""A name that is no model is wrong use, exit code 2, and the message says what is valid; a damaged model failed."""

import json
import shutil

import pytest

from icon.errors import BackendError, ModelNameError, UserError
from icon_torch.backend import TorchBackend
from icon_torch.options import TorchOptions
from support import tiny_model


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.fixture
def folder(tmp_path):
    """A copy of the tiny model, without some files and with others."""

    def make(without=(), **written):
        shutil.copytree(tiny_model.transformers_folder(), tmp_path / "model")
        for name in without:
            (tmp_path / "model" / name).unlink()
        for name, text in written.items():
            (tmp_path / "model" / name.replace("_json", ".json")).write_text(text)
        return tmp_path / "model"

    return make


def refused(model, **options):
    with pytest.raises((UserError, BackendError)) as caught:
        TorchBackend(TorchOptions(model=str(model), device="cpu", **options))
    return caught.value


@pytest.mark.parametrize(
    "name", ["nobody/nothing", "smolm2", "nobody/nothing/model.gguf", "not a name", "no/such/place"]
)
def test_a_name_of_nothing_is_wrong_use_and_tells_what_is_valid(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    error = refused(name)
    assert isinstance(error, ModelNameError)
    assert error.exit_code == 2
    assert name in str(error)
    assert ".gguf file" in str(error)


@pytest.mark.parametrize(
    "config", ["not json", "{}", "[]", '{"model_type": "zog"}', '{"model_type": "t5"}'], ids=lambda text: text
)
def test_a_folder_whose_config_is_of_no_such_model_is_wrong_use(folder, config):
    error = refused(folder(config_json=config))
    assert isinstance(error, ModelNameError)
    assert "not a causal language model" in str(error)


def test_a_folder_without_a_tokenizer_is_wrong_use(folder):
    error = refused(folder(["tokenizer.json", "tokenizer_config.json"]))
    assert isinstance(error, ModelNameError)
    assert "valid: a folder with tokenizer.json" in str(error)


def test_a_folder_without_weights_is_wrong_use(folder):
    model = folder(["model.safetensors"])
    assert refused(model).exit_code == 2
    assert str(refused(model, allow_pickle=True)).startswith(
        f"model {str(model)!r} has no weights; valid: a local folder"
    )


def test_a_config_that_contradicts_itself_is_a_failure_and_no_traceback(folder):
    config = json.loads((tiny_model.transformers_folder() / "config.json").read_text())
    error = refused(folder(config_json=json.dumps(config | {"hidden_size": 33})))
    assert not isinstance(error, UserError)
    assert error.exit_code == 1


def test_a_revision_of_what_is_no_hub_name_is_wrong_use(folder):
    error = refused(folder(), revision="v2")
    assert error.exit_code == 2
    assert "revision=v2" in str(error)
    assert "valid: revision with a hub name" in str(error)
