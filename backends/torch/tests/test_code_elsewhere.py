"""The digest of a model's code covers what its configurations name elsewhere; what it cannot is not remembered."""

from __future__ import annotations

import json

import pytest

from icon import trust
from icon.errors import BackendError, ModelNameError, UntrustedCodeError
from icon_torch import own_code
from icon_torch.options import TorchOptions


@pytest.fixture(autouse=True)
def nothing_allowed(tmp_path, monkeypatch):
    monkeypatch.setenv(trust.STORE, str(tmp_path / "trusted"))
    monkeypatch.delenv(trust.PASSED_ON, raising=False)


@pytest.fixture
def folder(tmp_path):
    """`model`, with code in `other` that each test names in its own way."""
    for name in ("model", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "other/own.py").write_text("class Config: pass\n")
    return tmp_path


def name_code(folder, reference, file="config.json", key="auto_map"):
    (folder / "model" / file).write_text(f'{{"model_type": "x", "{key}": {{"AutoConfig": {json.dumps(reference)}}}}}')


def may_run(folder, *, trusted=(), options=()):
    """Whether the model's code may run in a command that names this."""
    model = folder / "model"
    with trust.calling(trusted=[str(model)] if trusted else (), options=options), trust.guarded():
        try:
            given = TorchOptions(model=str(model), trust_remote_code=True)
            return own_code.allowed(given, model, None).trust_remote_code
        except UntrustedCodeError:
            return False


WAYS = {
    "absolute": lambda folder: name_code(folder, f"{folder / 'other'}--own.Config"),
    "relative": lambda folder: name_code(folder, "other--own.Config"),
    "slow and fast tokenizer": lambda folder: name_code(folder, [None, "other--own.Config"], "tokenizer_config.json"),
    "linked folder": lambda folder: (
        name_code(folder, "inner/own.Config"),
        (folder / "model/inner").symlink_to(folder / "other"),
    ),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_code_in_another_folder_that_changed_is_not_run(folder, monkeypatch, way):
    monkeypatch.chdir(folder)
    way(folder)
    assert not may_run(folder)
    assert may_run(folder, trusted=True)
    assert may_run(folder)
    (folder / "other/own.py").write_text("class Config: 'another'\n")
    assert not may_run(folder)


@pytest.mark.parametrize("key", ["auto_map", r"auto\u005fmap"])
def test_code_of_another_repository_is_named_by_each_command(folder, key):
    (folder / "model/own.py").write_text("")
    name_code(folder, "owner/repo--own.Config", key=key)
    assert may_run(folder, trusted=True)
    assert may_run(folder, options=["backend.trust_remote_code"])
    assert not may_run(folder)


def test_processes_that_work_for_a_command_run_what_it_named(folder, monkeypatch):
    name_code(folder, "owner/repo--own.Config")
    with trust.calling(options=["backend.trust_remote_code"]), trust.guarded():
        own_code.allowed(TorchOptions(model=str(folder / "model"), trust_remote_code=True), folder / "model", None)
        passed_on = trust.for_children()
    monkeypatch.setenv(trust.PASSED_ON, passed_on[trust.PASSED_ON])
    assert may_run(folder)


def test_a_model_that_names_its_own_folder_is_remembered(folder):
    name_code(folder, f"{folder / 'model'}--own.Config")
    (folder / "model/own.py").write_text("")
    assert may_run(folder, trusted=True)
    assert may_run(folder)


def test_a_hub_model_that_names_code_of_another_repository_is_named_by_each_command(folder, monkeypatch):
    name_code(folder, "owner/repo--own.Config")
    monkeypatch.setattr(own_code, "cached_file", lambda _, name, **__: str(folder / "model" / name))
    (folder / "model/tokenizer_config.json").write_text("[" * 100_000)  # no JSON that anything reads
    given = TorchOptions(model="owner/model", trust_remote_code=True)
    for named in (["owner/model"], ()):
        with trust.calling(trusted=named), trust.guarded():
            if named:
                assert own_code.allowed(given, None, "c0ffee").trust_remote_code
            else:
                with pytest.raises(UntrustedCodeError, match=r"names code of owner/repo.*with each command"):
                    own_code.allowed(given, None, "c0ffee")


def test_a_link_to_everything_ends_the_search(folder, monkeypatch):
    monkeypatch.setattr(own_code, "MOST_FILES", 50)
    (folder / "model/back").symlink_to(folder / "model")
    name_code(folder, "own.Config")
    assert may_run(folder, trusted=True)
    for number in range(51):
        (folder / f"other/{number}").write_text("")
    (folder / "model/out").symlink_to(folder / "other")
    with pytest.raises(BackendError, match="more than 50 files"):
        may_run(folder)


KERNEL = "kernels-community/flash-attn"


class Configuration:
    """Of a model with parts, as transformers has it."""

    sub_configs = ("text_config", "vision_config")
    vision_config = None

    def __init__(self, text=None, **fields):
        vars(self).update(fields, text_config=text)


@pytest.mark.parametrize("attribute", ["_attn_implementation", "_experts_implementation"])
def test_a_kernel_from_the_hub_is_refused_in_each_part_of_a_model(attribute):
    own_code.refuse_kernel("model", Configuration(Configuration(**{attribute: "sdpa"})))
    for config in (Configuration(**{attribute: KERNEL}), Configuration(Configuration(**{attribute: KERNEL}))):
        with pytest.raises(ModelNameError, match=f"{attribute[1:]}.*{KERNEL}"):
            own_code.refuse_kernel("model", config)
