"""Ctrl-C during a call into llama.cpp comes through when the call is over, and is neither lost nor doubled."""

import signal
import threading

import pytest

from icon_llamacpp.interrupts import held_back


def test_it_is_raised_once_after_the_block_and_not_inside():
    done = []

    def call():
        with held_back():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            done.append("the call came to its end")

    with pytest.raises(KeyboardInterrupt):
        call()
    assert done
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_without_one_nothing_happens():
    before = signal.getsignal(signal.SIGINT)
    with held_back():
        pass
    assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_may_load_a_model_too():
    found = []

    def work():
        with held_back():
            found.append("loaded")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == ["loaded"]


def test_a_failure_inside_is_told_as_it_is():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="broken"), held_back():
        raise ValueError("broken")
    assert signal.getsignal(signal.SIGINT) is before
