"""A share to keep is one of the pool's candidates, halves rounded up, and the summary says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import icon
from icon.assessment.set_aside import set_aside
from icon.cli._closing import show
from icon.runs.manifest import load_manifest
from icon.testing import FakeBackend
from icon.types import Keep, Message, Sample, part_of

WORKED = [
    (0.15, 30, 5),  # 4.5
    (0.5, 5, 3),  # 2.5
    (0.5, 6, 3),
    (0.15, 29, 4),  # 4.35
    (0.15, 10, 2),  # 1.5
    (0.35, 10, 4),  # 3.5
    (0.145, 100, 15),  # 14.5, in binary 14.499999999999998
    (0.285, 100, 29),  # 28.5, in binary 28.499999999999996
    (0.07, 100, 7),  # in binary 7.000000000000001
    (1 / 3, 3, 1),
    (1.0, 7, 7),
]


@pytest.mark.parametrize(("share", "n", "kept"), WORKED)
def test_halves_are_rounded_up_as_they_are_written_in_decimals(share: float, n: int, kept: int):
    assert part_of(share, n) == kept
    assert Keep(share=share).of(n) == kept


def test_at_least_one_is_kept_and_at_most_all():
    assert (Keep(share=0.1).of(3), Keep(share=0.1).of(0), Keep(count=9).of(4)) == (1, 0, 4)


def test_the_number_that_a_share_is_of_is_said():
    assert Keep(share=0.5).words(6) == "50% of 6"
    assert Keep(share=0.15).words(30) == "15% of 30, rounded"
    assert Keep(share=0.145).words(52_000) == "14.5% of 52,000"
    assert Keep(count=4).words(30) == "4"


def test_judge_samples_are_set_aside_by_the_same_rule():
    samples = [Sample(f"{n:016x}", n, (Message("user", f"ask {n}"),), "answer") for n in range(30)]
    _, judge = set_aside(samples, Keep(share=0.35), seed=1)  # 10.5
    assert len(judge) == 11


def records(n: int, what: str, long: tuple[int, ...] = ()) -> str:
    texts = [f"{what} {'word ' * (i + 500 * (i in long))}end." for i in range(n)]
    return "".join(json.dumps({"instruction": f"{what} {i}?", "output": text}) + "\n" for i, text in enumerate(texts))


@pytest.fixture
def closing(tmp_path: Path, capsys):
    """Runs a pool of so many candidates, and gives the result with its closing summary."""

    def run(n: int, long: tuple[int, ...] = (), **settings: object):
        (tmp_path / "tasks.jsonl").write_text(records(3, "task"))
        (tmp_path / "pool.jsonl").write_text(records(n, "bird", long))
        common = {"assessment": str(tmp_path / "tasks.jsonl"), "selector": "top", "report": False, "template": "plain"}
        out = tmp_path / "run"
        found = icon.run(str(tmp_path / "pool.jsonl"), out=str(out), baselines=(), **common | settings)
        show(load_manifest(out / "run.json"), out, as_json=False)
        return found, " ".join(capsys.readouterr().out.split())

    return run


@pytest.mark.parametrize(
    ("n", "keep", "kept", "said"),
    [
        (30, "15%", 5, "15% of 30, rounded"),
        (5, "50%", 3, "50% of 5, rounded"),
        (6, "50%", 3, "50% of 6"),
        (6, "2", 2, "2"),
    ],
)
def test_the_summary_says_how_many_of_how_many(closing, n: int, keep: str, kept: int, said: str):
    found, line = closing(n, keep=keep, scorer="length")
    assert sum(row.selected for row in found.rows) == kept
    assert f"selected {kept} of {n} candidates ({said}), dropped {n - kept} records; selector top" in line


def test_with_every_turn_a_candidate_the_records_are_counted_beside(tmp_path: Path, capsys):
    turns = [{"role": role, "content": f"{role} says {i}"} for i in range(3) for role in ("user", "assistant")]
    (tmp_path / "turns.jsonl").write_text(json.dumps({"messages": turns}) + "\n")
    settings = {"scorer": "random", "selector": "top", "report": False, "baselines": (), "turns": "every"}
    icon.run(str(tmp_path / "turns.jsonl"), out=str(tmp_path / "run"), keep="0.5", assessment="demo", **settings)
    show(load_manifest(tmp_path / "run/run.json"), tmp_path / "run", as_json=False)
    line = " ".join(capsys.readouterr().out.split())
    assert "selected 2 of 3 candidates (50% of 3, rounded), in 1 record, dropped no records" in line


def test_a_candidate_that_failed_counts(closing):
    """Two of seven are too long for the model: 70% of 7 is 4.9, of the 5 with a score it would be 3.5."""
    found, line = closing(7, keep="0.7", backend=FakeBackend(context_length=260), long=(2, 4))
    assert sum(row.status == "failed" for row in found.rows) == 2
    assert sum(row.selected for row in found.rows) == 5
    assert "selected 5 of 7 candidates (70% of 7, rounded)" in line


def test_of_a_subset_the_share_is_of_the_pool_as_well(closing):
    found, line = closing(20, keep="25%", scorer="length", subset=12)
    assert sum(row.selected for row in found.rows) == 5
    assert "selected 5 of 20 candidates (25% of 20)" in line


def test_where_fewer_are_scored_than_the_share_of_the_pool_is_they_are_kept_and_the_first_line_says_not_yet(closing):
    found, line = closing(20, keep="50%", scorer="length", subset=5)
    assert sum(row.selected for row in found.rows) == 5  # the selector was named: it is obeyed
    assert line.startswith("Not usable yet:")
    assert "5 of 20 candidates are scored, too few to choose the best 10 of" in line
