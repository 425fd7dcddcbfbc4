"""Ctrl-C during a call into llama.cpp comes through when the call is over, and is neither lost nor doubled."""

import os
import signal
import threading
import time

import pytest

from icon.inference import usable_cores
from icon_llamacpp.convert import convert
from icon_llamacpp.interrupts import held_back
from icon_llamacpp.library import library
from icon_llamacpp.loading import file_type
from support import tiny_model


@pytest.fixture(autouse=True)
def pressable():
    """Python's own answer to Ctrl-C, which a process that a shell starts behind itself is without."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


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


def press_when_there_is(path):
    """Presses Ctrl-C as soon as the file is there."""
    while not path.exists():
        time.sleep(0.001)
    os.kill(os.getpid(), signal.SIGINT)


def test_one_pressed_while_weights_are_converted_is_not_lost(tmp_path):
    library()  # loading it is not what is tried here
    target = tmp_path / "q8_0.gguf"
    large = tiny_model.write_gguf(tmp_path / "large.gguf", inner=2**15)
    presser = threading.Thread(target=press_when_there_is, args=[target], daemon=True)
    presser.start()

    def work():
        convert(large, target, "q8_0", usable_cores())
        time.sleep(5)  # where a machine is so fast that it is pressed afterwards

    with pytest.raises(KeyboardInterrupt):
        work()
    presser.join()
    assert file_type(target) == 7


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no such signals")
def test_signals_that_python_handles_come_through_afterwards_and_others_are_the_systems():
    came = []
    before = signal.signal(signal.SIGHUP, lambda number, frame: came.append(number))
    try:
        with held_back():
            signal.raise_signal(signal.SIGHUP)
            assert came == []
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        assert came == [signal.SIGHUP]
    finally:
        signal.signal(signal.SIGHUP, before)
