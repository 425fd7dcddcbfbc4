"""A short form of the fuzzing: whatever bytes a reader is given, it reads or refuses them."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzing.mutating import changed, seeds, sound
from fuzzing.targets import TARGETS, Finding, attempt

SEEDS = seeds()
FOLDER = Path(tempfile.mkdtemp())


@pytest.mark.parametrize("name", TARGETS)
def test_sound_inputs_are_read(tmp_path, name):
    assert [attempt(name, data, tmp_path) for data in sound()[name]] == ["read"] * len(sound()[name])


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_changed_inputs_are_read_or_refused(name, seed):
    draw = random.Random(seed)
    data = changed(draw.choice(SEEDS[name]), SEEDS[name], draw)
    assert attempt(name, data, FOLDER) in ("read", "refused")


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=15, deadline=None)
@given(data=st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_or_refused(name, data):
    assert attempt(name, data, FOLDER) in ("read", "refused")


def test_a_parquet_file_with_wrong_statistics_does_not_end_the_process(tmp_path):
    damaged = (Path(__file__).parent / "histogram.parquet").read_bytes()
    assert attempt("parquet", damaged, tmp_path) == "refused"


def test_another_exception_is_a_finding(tmp_path, monkeypatch):
    monkeypatch.setitem(TARGETS, "broken", ("x", lambda path: {}["nothing"]))
    with pytest.raises(Finding, match="KeyError"):
        attempt("broken", b"", tmp_path)
