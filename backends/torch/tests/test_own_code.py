"""Code that comes with a model runs where the user allows it, and never because a folder or a settings file says so."""

from __future__ import annotations

import json
import shutil
import sys

import pytest

import icon as package
from icon.errors import BackendError, UserError
from support import tiny_model
from support.command_line import CommandLine
from support.sealed import seal

CODE = """
from pathlib import Path

Path({marker!r}).write_text("I ran")
"""
SETTINGS = ["--backend", "torch", "--assessment", "tasks.jsonl", "--keep", "3", "--template", "plain", "--no-report"]
COMMANDS = {
    "explain": ["explain", "recv", "row:0"],
    "verify": ["verify", "recv", "--pairs", "2"],
    "score": ["score", "recv", "--scorer", "ppl"],
    "plan": ["plan", "--config", "recv/run.json"],
    "show-prompt": ["show-prompt", "pool.jsonl", "0", "--config", "recv/run.json"],
    "run": ["run", "--config", "recv/run.json", "--out", "new"],
    "settings file": ["show-prompt", "pool.jsonl", "0", "--config", "settings.json"],
}
REFUSED = "the Python code that comes with the model (SHA-256 "


@pytest.fixture(scope="module")
def tiny_folder():
    return tiny_model.transformers_folder()


@pytest.fixture(scope="module")
def folder(tmp_path_factory, tiny_folder, write_rows):
    """`recv`: a run from elsewhere, whose model has code of its own, and whose settings say to run it."""
    folder = tmp_path_factory.mktemp("received")
    write_rows(folder / "pool.jsonl", 6)
    write_rows(folder / "tasks.jsonl", 3, "other ")
    shutil.copytree(tiny_folder, folder / "model")
    words = ["run", "pool.jsonl", *SETTINGS, "--model", "model", "--out", "recv"]
    CommandLine(folder)(*words, code=0)
    (folder / "recv/explained.jsonl").unlink(missing_ok=True)
    shutil.move(folder / "model", folder / "recv/model")
    config = json.loads((folder / "recv/model/config.json").read_text())
    config["auto_map"] = {"AutoConfig": "own.Config", "AutoModelForCausalLM": "own.Model"}
    (folder / "recv/model/config.json").write_text(json.dumps(config))
    (folder / "recv/model/own.py").write_text(CODE.format(marker=str(folder / "marker")))
    options = {"model": str(folder / "recv/model"), "trust_remote_code": True}
    settings = json.loads((folder / "recv/run.json").read_text())["config"] | {"backend_options": options}
    seal(folder / "recv", config=settings)
    (folder / "settings.json").write_text(json.dumps({"backend": "torch", "backend_options": options}))
    return folder


@pytest.fixture(scope="module")
def write_rows():
    """Writes short records."""

    def write(path, n, before=""):
        rows = [{"instruction": f"{before}{row} and {row}?", "output": f"{2 * row}, I say"} for row in range(n)]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    return write


@pytest.fixture
def icon(folder, tmp_path, monkeypatch):
    """Runs a command beside the folders for a user who has allowed nothing."""
    monkeypatch.setenv("ICON_TRUST_STORE", str(tmp_path / "trusted"))
    forget_code(folder)
    return CommandLine(folder)


def forget_code(folder):
    """Forget that it ran, as a new process would: transformers runs a model's module once per process."""
    for name in [name for name in sys.modules if name.startswith("transformers_modules")]:
        del sys.modules[name]
    (folder / "marker").unlink(missing_ok=True)


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_no_command_runs_code_of_a_model_that_settings_alone_ask_for(icon, folder, words):
    done = icon(*words)
    assert not (folder / "marker").exists()
    assert done.returncode == (0 if words[0] == "plan" else 2)  # a plan says why it has no seconds
    said = " ".join((done.stdout + done.stderr).split())
    assert REFUSED in said
    assert f"--trust {folder / 'recv/model'}" in said
    assert not (folder / "new").exists()


def test_trust_lets_it_run_and_is_remembered(icon, folder):
    icon(*COMMANDS["show-prompt"], "--trust", "recv/model")
    assert (folder / "marker").exists()
    assert REFUSED not in icon(*COMMANDS["show-prompt"]).stderr


def test_code_that_changed_since_is_not_run(icon, folder):
    icon(*COMMANDS["show-prompt"], "--trust", "recv/model")
    forget_code(folder)
    config = folder / "recv/model/config.json"
    before = config.read_text()
    config.write_text(before.replace("own.Config", "elsewhere/repo--own.Config"))
    done = icon(*COMMANDS["show-prompt"], code=2)
    config.write_text(before)
    assert REFUSED in done.stderr
    assert not (folder / "marker").exists()


def test_the_option_on_the_command_line_lets_it_run(icon, folder):
    done = icon(*COMMANDS["run"], "-o", "backend.trust_remote_code=true", "--dry-run")
    assert REFUSED not in done.stderr
    assert (folder / "marker").exists()


def test_a_caller_from_python_names_the_option_and_a_folder_does_not(icon, folder, monkeypatch):
    monkeypatch.chdir(folder)
    with pytest.raises(UserError, match="was not run"):
        package.verify("recv", pairs=2)
    assert not (folder / "marker").exists()
    with pytest.raises((BackendError, UserError)):  # it runs, and is no model
        package.load_backend("torch", model="recv/model", trust_remote_code=True)
    assert (folder / "marker").exists()


def test_a_model_without_code_opens_whatever_the_settings_say(icon, folder, tiny_folder):
    """Runs begun before anything was remembered go on."""
    given = ["--backend", "torch", "--model", tiny_folder, "--config", "settings.json"]
    icon("show-prompt", "pool.jsonl", "0", *given, code=0)


def test_a_kernel_from_the_hub_is_no_attention(tiny_folder, tmp_path):
    shutil.copytree(tiny_folder, tmp_path / "model")
    config = json.loads((tmp_path / "model/config.json").read_text())
    config["attn_implementation"] = "kernels-community/flash-attn"
    (tmp_path / "model/config.json").write_text(json.dumps(config))
    with pytest.raises(UserError, match="kernels-community/flash-attn"):
        package.load_backend("torch", model=str(tmp_path / "model"))


def test_a_permission_that_cannot_be_remembered_is_said_by_each_command(icon, folder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ICON_TRUST_STORE", str(tmp_path / "file/trusted"))
    done = icon(*COMMANDS["explain"], "--trust", "recv/model")
    assert (folder / "marker").exists()
    assert " ".join(done.stderr.split()).count("recv/model: that you allow it could not be remembered") == 1
