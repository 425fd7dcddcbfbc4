"""A run folder from elsewhere is data: no command runs a plugin file that its run.json names, unless its user does."""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import nullcontext
from hashlib import sha256
from pathlib import Path

import pytest

import icon as package
from icon.testing import FakeBackend
from support.command_line import CommandLine
from support.installed import FAKE_BACKEND, install

HELPER = """
from pathlib import Path

from icon.plugins import hookimpl

Path({marker!r}).write_text("I ran")


@hookimpl
def icon_event(event):
    pass
"""
SETTINGS = ["--backend", "fake", "--assessment", "tasks.jsonl", "--keep", "3", "--template", "plain"]
COMMANDS = {
    "report": (["report", "recv"], 0),
    "explain": (["explain", "recv", "row:0"], 0),
    "select": (["select", "recv"], 0),
    "export": (["export", "recv", "--to", "own"], 0),
    "verify": (["verify", "recv", "--pairs", "3"], 0),
    "score": (["score", "recv"], 0),
    "compare": (["compare", "recv", "mine"], 0),
    "assess": (["assess", "--config", "recv/run.json", "--out", "new"], 2),
    "run": (["run", "--config", "recv/run.json", "--out", "new"], 2),
    "dry run": (["run", "--config", "recv/run.json", "--out", "new", "--dry-run"], 2),
    "run with an assessment set": (["run", "--config", "recv/run.json", "--assessment", "demo", "--out", "new"], 2),
    "preview": (["preview", "--config", "recv/run.json", "--out", "new"], 2),
    "plan": (["plan", "--config", "recv/run.json"], 2),
    "show-prompt": (["show-prompt", "pool.jsonl", "0", "--config", "recv/run.json"], 2),
}
CALLS = {
    "explain": lambda icon, run: icon.explain(run, "row:0", tokens=False),
    "export": lambda icon, run: icon.export(run, "own", run.parent / "own.jsonl"),
    "write_report": lambda icon, run: icon.write_report(run, run.parent / "page.html"),
    "verify": lambda icon, run: icon.verify(run, pairs=3, backend=FakeBackend()),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, write_sums):
    """`mine`, a run of one's own, and `recv`, the same from elsewhere with a plugin file among its settings."""
    folder = tmp_path_factory.mktemp("received")
    install(folder / "plugins", "icon-faked", FAKE_BACKEND)
    write_sums(folder / "pool.jsonl", range(12))
    write_sums(folder / "tasks.jsonl", range(40, 44))
    CommandLine(folder, [folder / "plugins"])("run", "pool.jsonl", *SETTINGS, "--out", "mine", code=0)
    shutil.copytree(folder / "mine", folder / "recv")
    (folder / "recv/helper.py").write_text(HELPER.format(marker=str(folder / "marker")))
    settings_of(folder / "recv", plugins=[str(folder / "recv/helper.py")])
    return folder


@pytest.fixture
def icon(folder):
    """Runs a command beside the folders, with a backend that needs no model."""
    forget_plugins(folder)
    return CommandLine(folder, [folder / "plugins"])


@pytest.fixture
def store(tmp_path, monkeypatch):
    """The trust store of a user who has allowed nothing."""
    monkeypatch.setenv("ICON_TRUST_STORE", str(tmp_path / "trusted"))
    return tmp_path / "trusted"


def settings_of(run: Path, **changed: object) -> None:
    """Change settings in run.json as a stranger would, who leaves no trace of it."""
    data = json.loads((run / "run.json").read_text())
    data["config"] |= changed
    data.pop("checksum", None)
    data.pop("files", None)
    (run / "run.json").write_text(json.dumps({**data, "format": 3}))


def forget_plugins(folder: Path) -> None:
    """Forget that plugin files ran, as a new process would: a module that is loaded is not run again."""
    for name in [name for name in sys.modules if name.startswith("icon_plugin_file_")]:
        del sys.modules[name]
    (folder / "marker").unlink(missing_ok=True)


@pytest.mark.parametrize(("words", "code"), COMMANDS.values(), ids=COMMANDS)
def test_no_command_runs_the_plugin_of_a_received_folder(icon, folder, store, words, code):
    done = icon(*words)
    assert not (folder / "marker").exists()
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_no_function_runs_the_plugin_of_a_received_folder(folder, store, monkeypatch, call):
    forget_plugins(folder)
    monkeypatch.chdir(folder)
    needs_none = call is CALLS["export"]
    with nullcontext() if needs_none else pytest.warns(UserWarning, match=r"helper.py .* was not run"):
        call(package, folder / "recv")
    assert not (folder / "marker").exists()


def test_trust_lets_it_run_once_and_from_then_on(icon, folder, store):
    """Until its bytes change."""
    helper, marker = folder / "recv/helper.py", folder / "marker"
    source = helper.read_text()
    try:
        icon("report", "recv", "--trust", "recv/helper.py", code=0)
        assert marker.exists()
        forget_plugins(folder)
        helper.write_text(source + "\n# changed")
        assert "was not run" in icon("report", "recv", code=0).stderr
        assert not marker.exists()
        helper.write_text(source)
        assert "was not run" not in icon("report", "recv", code=0).stderr
        assert marker.exists()
    finally:
        helper.write_text(source)


def test_the_refusal_says_path_digest_and_option(icon, folder, store):
    helper = folder / "recv/helper.py"
    digest = sha256(helper.read_bytes()).hexdigest()
    done = icon("run", "--config", "recv/run.json", "--out", "refused", code=2)
    sentence = (
        f"plugin {helper} (SHA-256 {digest}) was not run: the settings name it, and you have not allowed this file. "
        f"Read it, and if you trust it, add --trust {helper} (once; it is remembered)"
    )
    assert sentence in " ".join(done.stderr.split())
    assert not (folder / "refused").exists()
