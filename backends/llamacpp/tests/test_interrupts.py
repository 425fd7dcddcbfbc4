"""Ctrl-C during a call into llama.cpp comes through when the call is over, and is neither lost nor doubled."""

import os
import signal
import threading
import time

import pytest

from icon.inference.processor import usable_cores
from icon_llamacpp.convert import convert
from icon_llamacpp.interrupts import held_back
from icon_llamacpp.library import library


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


def test_one_pressed_while_weights_are_converted_is_not_lost(tmp_path, source):
    library()  # loading it is not what is tried here
    timer = threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()

    def work():
        convert(source, tmp_path / "f32.gguf", "f32", usable_cores())
        time.sleep(5)  # where a machine is so fast that it is pressed afterwards

    with pytest.raises(KeyboardInterrupt):
        work()
