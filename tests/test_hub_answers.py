"""A hub that does not answer is noticed in seconds, nobody who can reach it is refused, and each switch is named."""

from __future__ import annotations

import socket
import time

import pytest

from icon import _hub_answers, network
from icon.errors import ConfigError


@pytest.fixture(autouse=True)
def usual(monkeypatch):
    """A process in which the user has said nothing about the hub, and no answer is known."""
    import datasets
    import huggingface_hub

    for module in (huggingface_hub.constants, datasets.config):
        monkeypatch.setattr(module, "HF_HUB_OFFLINE", False)
    for name in (*network.ENVIRONMENT, network.OFFLINE, network.PASSED_ON, _hub_answers.WAIT, _hub_answers.TIMEOUT):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_ENDPOINT", "http://192.0.2.1:81")  # an address of no machine
    monkeypatch.setattr(_hub_answers, "_answers", {})


def test_a_hub_that_does_not_answer_is_given_up_in_four_seconds(monkeypatch):
    monkeypatch.setattr(_hub_answers, "_knock", lambda address, seconds: time.sleep(60))
    begun = time.monotonic()
    said = _hub_answers.no_answer()
    assert said.endswith("(no answer within 4 s; ICON_HUB_WAIT=60 waits longer, 0 asks it without this check)")
    assert 3.9 < time.monotonic() - begun < 8
    assert _hub_answers.no_answer()  # known by now
    assert time.monotonic() - begun < 8


def test_a_hub_that_takes_connections_is_asked_through_its_proxy_too(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as there:
        address = f"http://127.0.0.1:{there.getsockname()[1]}"
        monkeypatch.setenv("HF_ENDPOINT", address)
        assert _hub_answers.no_answer() == ""
        monkeypatch.setenv("HF_ENDPOINT", "https://no.such.host.invalid")
        monkeypatch.setenv("https_proxy", address)
        monkeypatch.setenv("no_proxy", "")
        assert _hub_answers.no_answer() == ""


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ({}, 4),
        ({"ICON_HUB_WAIT": "0"}, 0),
        ({"ICON_HUB_WAIT": " 2.5 "}, 2.5),
        ({"HF_HUB_ETAG_TIMEOUT": "30"}, 30),
        ({"HF_HUB_ETAG_TIMEOUT": "1"}, 4),
        ({"HF_HUB_ETAG_TIMEOUT": "soon"}, 4),
        ({"HF_HUB_ETAG_TIMEOUT": "30", "ICON_HUB_WAIT": "8"}, 8),
    ],
)
def test_the_user_says_how_long_the_hub_is_waited_for(monkeypatch, given, seconds):
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert _hub_answers.patience() == seconds


@pytest.mark.parametrize("wrong", ["long", "-1", "1e3", "nan", ".", "3601", "٣"])
def test_a_wait_that_is_no_time_is_refused_with_what_is_valid(monkeypatch, wrong):
    monkeypatch.setenv("ICON_HUB_WAIT", wrong)
    with pytest.raises(ConfigError, match=f"ICON_HUB_WAIT: found '{wrong}'; valid: seconds from 0 to 3600, such as 60"):
        _hub_answers.no_answer()


def refused(_address, _seconds):
    raise ConnectionRefusedError(111, "Connection refused")


def test_without_the_check_the_libraries_ask_the_hub_themselves(monkeypatch):
    monkeypatch.setattr(_hub_answers, "_knock", refused)
    with network.asking() as because:
        assert "(Connection refused; ICON_HUB_WAIT=0 asks it without this check)" in because
    monkeypatch.setenv("ICON_HUB_WAIT", "0")
    with network.asking() as because:
        assert because == ""


def test_a_program_with_a_client_of_its_own_for_the_hub_is_not_refused(monkeypatch):
    from huggingface_hub.utils import _http

    monkeypatch.setattr(_hub_answers, "_knock", refused)
    own = "_GLOBAL_CLIENT_FACTORY" if hasattr(_http, "_GLOBAL_CLIENT_FACTORY") else "_GLOBAL_BACKEND_FACTORY"
    monkeypatch.setattr(_http, own, lambda: None)
    assert _hub_answers.no_answer() == ""


def test_a_hub_that_is_back_is_asked_again_after_five_seconds(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(_hub_answers.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(_hub_answers, "_fault", lambda address, seconds: "away")
    assert _hub_answers.no_answer() == "away"
    monkeypatch.setattr(_hub_answers, "_fault", lambda address, seconds: "")
    now[0] = 104.9
    assert _hub_answers.no_answer() == "away"
    now[0] = 105.1
    assert _hub_answers.no_answer() == ""


@pytest.mark.parametrize("variable", network.ENVIRONMENT)
def test_the_switch_that_is_set_is_named_and_that_of_data_sets_is_theirs_alone(monkeypatch, variable):
    monkeypatch.setattr(_hub_answers, "_fault", lambda address, seconds: "")
    monkeypatch.setenv(variable, "1")
    with network.asking(data_sets=True) as because:
        assert because == f"the hub is switched off for its libraries ({variable})"
    with network.asking() as because:
        assert bool(because) == (variable != "HF_DATASETS_OFFLINE")


def test_a_switch_that_a_program_has_set_without_a_variable_holds_too(monkeypatch):
    import huggingface_hub

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with network.asking() as because:
        assert because == "the hub is switched off for its libraries (HF_HUB_OFFLINE)"


def test_what_was_downloaded_before_is_not_used_silently_where_the_hub_is_away(monkeypatch, caplog):
    monkeypatch.setattr(_hub_answers, "_knock", refused)
    monkeypatch.setattr(network, "_said", set())
    with pytest.raises(ValueError, match="not in the cache"), network.asking():
        raise ValueError("not in the cache")
    assert network.unasked()
    assert caplog.messages == []
    for _ in range(2):
        with network.asking():
            pass
    (said,) = caplog.messages
    assert said.startswith("warning: the hub cannot be reached at http://192.0.2.1:81 (Connection refused; ICON_HUB")
    assert said.endswith("; what was downloaded before is used as it is")
