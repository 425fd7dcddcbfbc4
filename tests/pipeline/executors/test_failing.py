"""Errors of workers come back as errors of the same class, with the worker's name."""

import pickle

import pytest

from icon.errors import (
    BadRowsError,
    ConfigError,
    ExecutorError,
    InputError,
    ModelNameError,
    RowFault,
    UntrustedCodeError,
)
from icon.pipeline.executors.failing import Failure, attempt


def raised(error):
    def call():
        raise error

    return pickle.loads(pickle.dumps(attempt(call)))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ConfigError("no such thing"), ConfigError),
        (ModelNameError("no such model"), ModelNameError),
        (UntrustedCodeError("not allowed", "f" * 64), UntrustedCodeError),
        (BadRowsError("pool", [RowFault(0, "line 1", "x", "nothing", "a text")]), InputError),
        (type("Own", (InputError,), {})("of a plugin"), InputError),
    ],
)
def test_an_error_of_icon_is_of_its_class_and_names_the_worker(error, kind):
    failure = raised(error)
    again = failure.error("cuda:1")
    assert failure.is_icon
    assert type(again) is kind
    assert str(again) == f"worker cuda:1: {error}"
    assert str(failure.error("")) == str(error)
    assert again.exit_code == error.exit_code


def test_any_other_error_is_one_of_the_executor_with_its_class_and_trace():
    failure = raised(RuntimeError("CUDA error:\n  no kernel image"))
    assert not failure.is_icon
    assert failure.reason == "RuntimeError: CUDA error: no kernel image"
    assert "test_failing.py" in failure.trace
    assert type(failure.error("node-a")) is ExecutorError


def test_what_ends_the_process_passes():
    with pytest.raises(KeyboardInterrupt):
        raised(KeyboardInterrupt())


def test_what_works_is_returned():
    assert attempt(lambda: 7) == 7
    assert not isinstance(attempt(lambda: None), Failure)
