"""Offline is a switch of the whole process: calls in several threads share it, whatever order they end in."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from icon import network


class Call:
    """A call of the Python interface in a thread of its own, which goes in and out when the test says so."""

    def __init__(self):
        self._thread = ThreadPoolExecutor(1)
        self._context = None

    def enter(self, because):
        self._context = network.limited(because)
        self._thread.submit(self._context.__enter__).result(10)

    def leave(self):
        self._thread.submit(self._context.__exit__, None, None, None).result(10)

    def ask(self, function):
        return self._thread.submit(function).result(10)


@pytest.fixture
def calls():
    """Two calls in two threads."""
    return Call(), Call()


@pytest.fixture
def state(monkeypatch):
    """Reads the switches of the process, which are off, but for the one that the user has set."""
    import datasets
    import huggingface_hub

    for module in (huggingface_hub.constants, datasets.config):
        monkeypatch.setattr(module, "HF_HUB_OFFLINE", False)
    for variable in (*network.ENVIRONMENT, network.OFFLINE, network.PASSED_ON):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", "0")

    def read():
        switches = huggingface_hub.constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE
        return {**{name: os.environ.get(name) for name in network.ENVIRONMENT}, "libraries": switches}

    return read


OFFLINE = {**dict.fromkeys(network.ENVIRONMENT, "1"), "libraries": (True, True)}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["first leaves first", "last leaves first"])
def test_the_process_is_offline_while_any_call_must_be_and_as_before_after_the_last(calls, state, order):
    before = state()
    for call in calls:
        call.enter(network.OF_RUN)
        assert state() == OFFLINE
    calls[order[0]].leave()
    assert state() == OFFLINE
    calls[order[1]].leave()
    assert state() == before


def test_a_call_that_may_reach_the_hub_says_why_it_cannot_beside_one_that_may_not(calls, state):
    before = state()
    offline, online = calls
    online.enter("")
    offline.enter(network.BY_USER)
    assert offline.ask(network.why) == network.BY_USER
    assert online.ask(network.why) == network.BESIDE
    assert online.ask(lambda: network.not_asked(network.why())) == f"the hub was not asked: {network.BESIDE}"
    online.ask(lambda: network.refuse("--to own"))  # the other's wish is not this one's
    offline.leave()
    assert (online.ask(network.why), state()) == ("", before)
    online.leave()
    assert state() == before


def test_processes_of_a_call_that_may_reach_the_hub_are_not_offline_for_as_long_as_they_live(calls, state, monkeypatch):
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "yes")  # the user's own
    offline, online = calls
    offline.enter(network.OF_RUN)
    online.enter("")
    assert online.ask(network.for_children) == {
        network.PASSED_ON: "1",
        "HF_HUB_OFFLINE": "",
        "HF_DATASETS_OFFLINE": "yes",
        "TRANSFORMERS_OFFLINE": "0",
    }
    assert offline.ask(network.for_children) == {network.PASSED_ON: "0"}
    offline.leave()
    assert online.ask(network.for_children) == {network.PASSED_ON: "1"}
    online.leave()


def test_a_library_that_was_imported_meanwhile_is_as_the_environment_says(calls, state):
    import datasets
    import huggingface_hub

    first, second = calls
    first.enter(network.OF_RUN)
    for module in (huggingface_hub.constants, datasets.config):
        module.HF_HUB_OFFLINE = True  # as its import reads it now
    second.enter(network.OF_RUN)
    first.leave()
    second.leave()
    assert state()["libraries"] == (False, False)


def test_a_call_within_a_call_leaves_the_outer_one_offline(state):
    before = state()
    with network.limited(network.BY_USER):
        with network.limited(network.OF_RUN):
            assert network.why() == network.OF_RUN
        assert (network.why(), state()) == (network.BY_USER, OFFLINE)
    assert (network.why(), state()) == ("", before)
