"""The store of what a user allows, and what a process passes on to the processes that work for it."""

from __future__ import annotations

import os
from hashlib import sha256

import pytest

from icon import network, trust
from icon.errors import UntrustedCodeError
from icon.pipeline.processes import Processes

DIGEST = sha256(b"code").hexdigest()


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    """A user's store, with nothing in it yet."""
    monkeypatch.setenv(trust.STORE, str(tmp_path / "trusted"))
    monkeypatch.delenv(trust.PASSED_ON, raising=False)
    return tmp_path / "trusted"


def test_what_is_remembered_is_allowed_from_then_on():
    assert not trust.is_trusted(DIGEST)
    trust.remember(DIGEST, "/somewhere/code.py")
    assert trust.is_trusted(DIGEST)
    assert not trust.is_trusted(sha256(b"other code").hexdigest())


def test_the_store_is_in_the_configuration_folder_of_the_user(monkeypatch, tmp_path):
    monkeypatch.delenv(trust.STORE)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert trust.store() == tmp_path / "icon/trusted"
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")  # the standard says to ignore it
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert trust.store() == tmp_path / "home/.config/icon/trusted"


def test_processes_that_work_for_a_command_may_run_what_it_allowed_where_nothing_can_be_stored(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(trust.STORE, str(tmp_path / "file/trusted"))
    with trust.calling():
        trust.remember(DIGEST, "code.py")
        passed_on = trust.for_children()
        assert trust.caller().faults
    assert not trust.is_trusted(DIGEST)
    monkeypatch.setenv(trust.PASSED_ON, passed_on[trust.PASSED_ON])
    assert trust.is_trusted(DIGEST)


def test_what_one_command_names_is_unknown_to_the_next():
    with trust.calling(trusted=["code.py"], options=["backend.trust_remote_code"]):
        assert trust.caller().trusts("code.py")
    assert not trust.caller().trusts("code.py")
    with trust.guarded(), pytest.raises(UntrustedCodeError, match=DIGEST):
        trust.check_code("trust_remote_code", "model", DIGEST, "its code")


def test_a_link_and_a_relative_path_name_the_same_file(tmp_path, monkeypatch):
    (tmp_path / "code.py").write_text("")
    (tmp_path / "link.py").symlink_to("code.py")
    monkeypatch.chdir(tmp_path)
    with trust.calling(trusted=["./link.py"]):
        assert trust.caller().trusts(str(tmp_path / "code.py"))
        assert not trust.caller().trusts(str(tmp_path / "other.py"))


def test_a_digest_of_files_covers_their_names_and_contents(tmp_path):
    for name, text in (("a.py", "1"), ("b.py", "2")):
        (tmp_path / name).write_text(text)
    lines = "".join(f"{name}\0{sha256(text).hexdigest()}\n" for name, text in (("a.py", b"1"), ("b.py", b"2")))
    files = [tmp_path / "b.py", tmp_path / "a.py"]
    assert trust.digest_of_files(tmp_path, files) == sha256(lines.encode()).hexdigest()


def test_processes_import_nothing_from_the_current_folder(tmp_path, monkeypatch):
    """As `python -m` does by itself: a folder from elsewhere may hold a module of any name."""
    (tmp_path / "typer.py").write_text(f"open({str(tmp_path / 'marker')!r}, 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    processes = Processes(lambda number, device: ["--version"], ["first", "second"])
    processes.start()
    assert processes.wait() == []
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize(
    ("given", "may"),
    [
        ({"received": False}, True),
        ({"received": True}, False),
        ({"received": True, "online": True}, True),
        ({"received": False, "offline": True}, False),
        ({"received": True, "online": True, "offline": True}, False),
    ],
)
def test_the_hub_is_for_what_the_user_names(monkeypatch, given, may):
    for variable in (network.OFFLINE, network.PASSED_ON):
        monkeypatch.delenv(variable, raising=False)
    assert (network.reason(**given) == "") is may
    monkeypatch.setenv(network.OFFLINE, "1")
    assert network.reason(**given) == network.BY_USER


def test_processes_that_work_for_a_command_reach_the_hub_where_it_does(monkeypatch):
    monkeypatch.setattr(os, "environ", {**os.environ, **network.for_children()})
    assert network.reason(received=True) == ""
    with network.limited(network.OF_RUN):
        assert network.for_children() == {network.PASSED_ON: "0"}


LATIN = "/tmp/b\udce9b\udce9/code.py"
"""A path with bytes that are no UTF-8, as Python has it."""


@pytest.mark.parametrize("target", [LATIN, "hub/\ud800name"], ids=["of a file", "of a settings file"])
def test_a_name_that_is_no_utf_8_is_remembered(target, store):
    with trust.calling():
        trust.remember(DIGEST, target)
        assert trust.caller().faults == []
    assert (store / DIGEST).read_bytes().startswith(target.encode("utf-8", "surrogatepass")[:5])
    assert trust.is_trusted(DIGEST)


def test_names_that_are_no_utf_8_count_in_a_digest_as_the_disk_has_them(tmp_path):
    path = os.fsencode(tmp_path) + b"/b\xe9.py"
    with open(path, "wb") as file:  # noqa: PTH123  a name in bytes
        file.write(b"1")
    line = b"b\xe9.py\0" + sha256(b"1").hexdigest().encode() + b"\n"
    assert trust.digest_of_files(tmp_path, tmp_path.iterdir()) == sha256(line).hexdigest()
