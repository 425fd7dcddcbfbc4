"""What `icon plan` prints: durations and sizes in words, one line per fact, and the same facts as JSON."""

import json

import pytest
from rich.console import Console

from icon.cli import plan as plan_module
from icon.cli.plan import duration, print_json, show_plan, size
from icon.pipeline.plan import RunPlan

FOUND = {
    "pool": "pool.jsonl",
    "rows": 2100,
    "candidates": 2000,
    "candidates_to_score": 1500,
    "assessment_samples": 64,
    "schedule": "race",
    "budget": "2h",
    "run_directory": "icon-runs/x",
    "pairs": 24_000,
    "pairs_exact": 96_000,
    "passes": 31_234,
    "tokens": 4_500_000,
    "flops": 1.23456e15,
    "tokens_per_second": 1234.5,
    "seconds": 5400.0,
    "seconds_to_open_the_model": 3.4,
    "memory_bytes": 1_300_000_000,
    "disk_bytes": 2_500_000,
    "model": "[bold]tiny, q8, cpu",
}


@pytest.fixture
def shown(monkeypatch, capsys):
    monkeypatch.setattr(plan_module, "out", lambda: Console(width=200, highlight=False))

    def _shown(found, *, as_json=False):
        show_plan(RunPlan.model_validate(found), as_json=as_json)
        return capsys.readouterr().out

    return _shown


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (48.4, "48 s"),
        (99, "99 s"),
        (100, "2 min"),
        (720, "12 min"),
        (99 * 60, "99 min"),
        (100 * 60, "1.7 h"),
        (3.5 * 3600, "3.5 h"),
        (71 * 3600, "71.0 h"),
        (72 * 3600, "3 days"),
        (9 * 86400, "9 days"),
        (2000 * 86400, "2,000 days"),
    ],
)
def test_a_duration_in_words(seconds, words):
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("n_bytes", "words"),
    [
        (0, "0 kB"),
        (512_000, "512 kB"),
        (999_499, "999 kB"),
        (999_999, "1,000 kB"),
        (1_000_000, "1.0 MB"),
        (2_540_000, "2.5 MB"),
        (1.3e9, "1.3 GB"),
        (1.3e12, "1,300.0 GB"),
    ],
)
def test_a_size_in_words(n_bytes, words):
    assert size(n_bytes) == words


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pool", "pool.jsonl: 2,100 rows, 2,000 candidates"),
        ("to score", "1,500 candidates on 64 assessment samples"),
        ("schedule", "race: 96,000 pairs, about 24,000 expected (25%)"),
        ("budget", "2h"),
        ("passes", "31,234"),
        ("tokens", "4,500,000"),
        ("FLOPs", "1.2e+15"),
        ("time here", "90 min (1,234 tokens/s measured; 3 s of it to open the model)"),
        ("memory", "1.3 GB so far, the model included"),
        ("disk", "2.5 MB"),
        ("model", "[bold]tiny, q8, cpu"),
        ("run directory", "icon-runs/x"),
    ],
)
def test_every_fact_has_a_line(shown, name, text):
    lines = [line.strip() for line in shown(FOUND).splitlines()]
    assert [line.removeprefix(name).strip() for line in lines if line.startswith(f"{name} ")] == [text]


def test_an_exact_schedule_expects_every_pair(shown):
    printed = shown({**FOUND, "schedule": "exact", "pairs": 96_000, "budget": None})
    assert "exact: 96,000 pairs\n" in "\n".join(line.strip() for line in printed.splitlines())
    assert "expected" not in printed
    assert "budget" not in printed


def test_without_a_speed_there_is_a_note_and_no_time(shown):
    without = {
        key: value for key, value in FOUND.items() if key not in ("tokens_per_second", "flops", "memory_bytes", "model")
    }
    printed = shown({**without, "seconds": None, "note": "no speed measured: no weights\x1b[2J"})
    assert "time here" not in printed
    assert r"no speed measured: no weights\u001b[2J" in printed
    assert "\x1b" not in printed


def test_a_run_without_pairs_divides_by_nothing(shown):
    assert "0 pairs" in shown({**FOUND, "schedule": "exact", "pairs": 0, "pairs_exact": 0, "seconds": None})


def test_json_is_the_plan_itself(shown):
    assert json.loads(shown(FOUND, as_json=True)) == FOUND


def test_json_steers_no_terminal_and_means_the_same(capsys):
    data = {"prompt": "a\u009b31m \u202e b\x7f", "kept": "line\nbreak ü"}
    print_json(data)
    printed = capsys.readouterr().out
    assert "\\u009b31m \\u202e b\\u007f" in printed
    assert "ü" in printed
    assert json.loads(printed) == data
