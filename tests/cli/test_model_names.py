"""A wrong name of a model is wrong use in every backend: exit code 2, what is valid, and no run left behind."""

import pytest


@pytest.mark.parametrize("backend", ["torch", "llamacpp"])
@pytest.mark.parametrize("name", ["nobody/nothing", "nobody/nothing/model.gguf", "folder"])
def test_a_wrong_model_name_ends_with_2_and_leaves_nothing(command_line, tmp_path, monkeypatch, backend, name):
    pytest.importorskip(f"icon_{backend}", reason="the backends are not installed")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    (tmp_path / "folder").mkdir()
    done = command_line("run", "--backend", backend, "--model", name, "--out", "mine", code=2)
    assert name in done.stderr
    assert "valid" in done.stderr.lower() or "name the .gguf file" in done.stderr or "or give the path" in done.stderr
    assert not (tmp_path / "mine").exists()
