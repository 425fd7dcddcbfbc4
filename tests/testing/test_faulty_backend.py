"""The backend that fails on request: sound before the call that was asked for, and then as it was asked to."""

import signal
import subprocess
import sys
import time

import pytest

from icon.errors import PluginError
from icon.inference.received import scored
from icon.testing import BackendSuite, FakeBackend, FaultyBackend
from icon.testing.faulty_backend import DEAD, FAULTS, LYING
from icon.types import Target

TARGETS = [Target("Say hello:", " hello there"), Target("Say yes:", " yes it is")]
GONE = {"leave": 0, "abort": -signal.SIGABRT, "kill": -signal.SIGKILL}


class TestWithoutAFault(BackendSuite):
    tolerance = 1e-12

    @pytest.fixture(scope="class")
    @classmethod
    def make_backend(cls):
        return FaultyBackend


@pytest.mark.parametrize("fault", [name for name in LYING if name != "few tokens"])  # seen beside a sound pass
def test_what_breaks_the_contract_is_refused_from_the_call_on_that_was_asked_for(fault):
    class Plugin(FaultyBackend):
        pass

    backend = Plugin(fault, at=2)
    assert scored(backend, "", TARGETS) == FakeBackend().score("", TARGETS)
    with pytest.raises(PluginError):
        scored(backend, "", TARGETS)


@pytest.mark.parametrize("fault", [name for name in DEAD if name not in GONE])
def test_a_dead_one_raises(fault):
    with pytest.raises(BaseException) as raised:
        FaultyBackend(fault).score("", TARGETS)
    assert type(raised.value).__name__ != "AssertionError"


@pytest.mark.parametrize("fault", GONE)
def test_a_dead_one_takes_its_process_with_it(fault):
    program = f"from icon.testing import FaultyBackend as F; from icon.types import Target as T; F({fault!r})"
    done = subprocess.run([sys.executable, "-c", f"{program}.score('', [T('a', 'b')]); print('alive')"], check=False)
    assert done.returncode == GONE[fault]


def test_a_hung_one_returns_no_earlier_than_it_was_asked_to():
    backend, start = FaultyBackend("hang", seconds=0.05), time.monotonic()
    assert backend.score("", TARGETS) == FakeBackend().score("", TARGETS)
    assert time.monotonic() - start >= 0.05


def test_a_drifting_one_gives_possible_numbers_that_are_not_the_right_ones():
    given = scored(FaultyBackend("drift"), "", TARGETS)
    right = FakeBackend().score("", TARGETS)
    assert all(one.logprobs != other.logprobs for one, other in zip(given, right, strict=True))


def test_an_unknown_fault_is_refused():
    with pytest.raises(ValueError, match="valid: backend error"):
        FaultyBackend("tired")
    assert len(set(FAULTS)) == len(FAULTS)
