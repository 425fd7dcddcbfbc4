"""What reaches the network: names that the command line itself has; those of a run folder only with --online."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket

import pytest

import icon as package
from icon import network
from icon.samples import load_samples
from support.command_line import CommandLine
from support.installed import FAKE_BACKEND, install
from support.sealed import seal

HUB = "nobody-at-all/received-pool"
OTHER = "nobody-at-all/other/file.gguf"
SETTINGS = ["--backend", "fake", "--assessment", "tasks.jsonl", "--keep", "3", "--template", "plain", "--no-report"]
OF_FOLDER = {
    "report": ["report", "recv"],
    "explain": ["explain", "recv", "row:0"],
    "select": ["select", "recv"],
    "export": ["export", "recv", "--to", "own"],
    "verify": ["verify", "recv", "--pairs", "3"],
    "score": ["score", "recv", "--scorer", "ppl"],
    "compare": ["compare", "recv", "recv"],
    "assess": ["assess", "--config", "recv/run.json", "--out", "new"],
    "run": ["run", "--config", "recv/run.json", "--out", "new"],
    "plan": ["plan", "--config", "recv/run.json"],
    "llamacpp model": ["run", "pool.jsonl", "--config", "model/run.json", "--out", "new"],
    "show-prompt": ["show-prompt", "pool.jsonl", "0", "--config", "model/run.json"],
}
REACHING = {
    "named pool": ["plan", HUB, *SETTINGS],
    "named model": ["show-prompt", "pool.jsonl", "0", "--model", "nobody-at-all/model/file.gguf"],
    "named model beside a run.json": ["show-prompt", "pool.jsonl", "0", "--config", "model/run.json", "--model", OTHER],
    "settings file": ["plan", "--config", "settings.json"],
    "folder's pool and --online": ["report", "recv", "--online"],
    "run.json's pool and --online": ["plan", "--config", "recv/run.json", "--online"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, write_sums):
    """`recv`, a run whose pool is a name on the hub, and `model`, one whose model is."""
    folder = tmp_path_factory.mktemp("received")
    install(folder / "plugins", "icon-faked", FAKE_BACKEND)
    write_sums(folder / "pool.jsonl", range(12))
    write_sums(folder / "tasks.jsonl", range(40, 44))
    CommandLine(folder, [folder / "plugins"])("run", "pool.jsonl", *SETTINGS, "--out", "recv", code=0)
    shutil.copytree(folder / "recv", folder / "model")
    config = json.loads((folder / "recv/run.json").read_text())["config"]
    seal(folder / "recv", config=config | {"pool": HUB})
    model = {"backend": "llamacpp", "backend_options": {"model": "nobody-at-all/model/file.gguf"}}
    seal(folder / "model", config=config | model)
    (folder / "settings.json").write_text(json.dumps({"pool": HUB, "backend": "fake", "assessment": "stratified"}))
    return folder


@pytest.fixture
def asked(monkeypatch):
    """The hosts that a process with a connection asks for, none of which answers; hub libraries may go online."""
    import datasets
    import huggingface_hub

    hosts = []

    def no_host(host, *_, **__):
        hosts.append(host)
        raise KeyboardInterrupt  # the libraries would ask again and again

    monkeypatch.setattr(socket, "getaddrinfo", no_host)
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: no_host(address))
    for module in (huggingface_hub.constants, datasets.config):
        monkeypatch.setattr(module, "HF_HUB_OFFLINE", False)
    for variable in (*network.ENVIRONMENT, network.OFFLINE, network.PASSED_ON):
        monkeypatch.delenv(variable, raising=False)
    return hosts


@pytest.fixture
def icon(folder):
    """Runs a command beside the folders, in an environment that lets hub libraries go online."""

    def command(*words, **variables):
        environment = {"HF_HUB_OFFLINE": None, **variables}
        return CommandLine(folder, [folder / "plugins"])(*words, env=environment)

    return command


@pytest.mark.parametrize("words", OF_FOLDER.values(), ids=OF_FOLDER)
def test_names_of_a_run_folder_are_not_looked_up_on_the_hub(icon, asked, folder, words):
    done = icon(*words)
    assert asked == []
    assert "Traceback" not in done.stderr
    if done.returncode:
        assert "add --online to ask the hub for it" in " ".join(done.stderr.split())


MISTYPED = {
    "--assessment": "no-such.jsonl",
    "--model": "renamed.gguf",
    "--model of a folder": "models/renamed.gguf",
    "--judge": "moved/judge.jsonl.gz",
    "--assessment of an absolute path": "/moved/tasks",
    "--assessment of a folder above": "../moved",
    "--assessment strategy": "balanced",
}


@pytest.mark.parametrize(("option", "value"), MISTYPED.items(), ids=MISTYPED)
def test_a_mistyped_file_does_not_open_the_hub_for_names_of_a_run_json(icon, asked, option, value):
    icon("plan", "--config", "recv/run.json", option.split()[0], value)
    assert asked == []


@pytest.mark.parametrize("name", ["Recv.JSON", "recv.toml"])
def test_a_run_json_under_another_name_is_one(icon, asked, folder, name):
    settings = json.loads((folder / "recv/run.json").read_text())["config"]
    values = ("pool", "backend", "template", "keep")
    toml = "[config]\n" + "".join(f"{key} = {json.dumps(settings[key])}\n" for key in values)
    toml += f'assessment = "file"\n[config.assessment_options]\npath = {json.dumps(str(folder / "tasks.jsonl"))}\n'
    text = (folder / "recv/run.json").read_text() if name.endswith("JSON") else toml
    (folder / name).write_text(text)
    done = icon("plan", "--config", name)
    assert asked == []
    assert "add --online to ask the hub for it" in " ".join(done.stderr.split())


@pytest.mark.parametrize("words", REACHING.values(), ids=REACHING)
def test_what_the_command_line_names_is_looked_up(icon, asked, words):
    icon(*words)
    assert asked


@pytest.mark.parametrize("words", REACHING.values(), ids=REACHING)
def test_offline_refuses_everything(icon, asked, words):
    done = icon(*words, ICON_OFFLINE="1") if words[0] == "report" else icon(*words, "--offline")
    assert asked == []
    assert "this command is to stay offline" in " ".join((done.stderr + done.stdout).split())


def test_offline_refuses_a_push_to_the_hub(icon, asked):
    done = icon("export", "recv", "--to", "hub", "--repo", "me/data", "--offline")
    assert (asked, done.returncode) == ([], 2)
    assert "--to hub: this command is to stay offline" in " ".join(done.stderr.split())


def test_python_calls_on_a_folder_reach_nothing(asked, folder):
    package.write_report(folder / "recv", folder / "page.html")
    with pytest.raises(package.InputError, match="the hub was not asked"):
        package.explain(folder / "recv", "row:0", tokens=False)
    assert asked == []


CALLS = {
    "load_samples": lambda: package.load_samples(HUB),
    "icon.samples.load_samples": lambda: load_samples(HUB),
    "load_backend": lambda: package.load_backend("llamacpp", model="nobody-at-all/model/file.gguf"),
    "run": lambda: package.run(HUB, assessment="stratified", scorer="length", out="new"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_python_calls_stay_offline_where_the_variable_says_so(asked, folder, monkeypatch, call):
    monkeypatch.chdir(folder)
    monkeypatch.setenv(network.OFFLINE, "1")
    with pytest.raises(package.IconError, match=r"(?i)the hub was not asked.*stay offline"):
        call()
    assert asked == []


@pytest.mark.parametrize("call", list(CALLS.values())[:3], ids=list(CALLS)[:3])
def test_python_calls_look_up_what_they_name(asked, call):
    with contextlib.suppress(package.IconError, KeyboardInterrupt):
        call()
    assert asked


def test_what_the_libraries_were_told_before_is_so_again(asked, monkeypatch):
    import huggingface_hub

    with network.limited(network.OF_RUN):
        assert huggingface_hub.constants.is_offline_mode()
        assert network.why() == network.OF_RUN
    assert not huggingface_hub.constants.is_offline_mode()
    assert network.why() == ""
