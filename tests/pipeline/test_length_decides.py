"""At equal length, equal scores are ordered by length alone: it is said where that is half of the choice or more."""

import json
from dataclasses import replace

import pytest

import icon
from icon.pipeline._length_notes import length_warning, side_warning
from icon.results.at_length import AtLength
from icon.testing import FakeBackend
from icon.types import Contribution, Decision, Selection
from support.opened import Opened


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        ({"a": 1.0, "b": 1.0, "c": 1.0, "d": 0.5}, "2 of the 2 selected"),
        ({"a": 2.0, "b": 1.0, "c": 1.0, "d": 0.5}, "1 of the 2 selected"),
        ({"a": 2.0, "b": 1.5, "c": 1.0, "d": 1.0}, None),
    ],
)
def test_how_many_of_the_selected_tie_as_measured_with_others_that_are_left_out(measured, said):
    """a and b are selected, c and d are not."""
    main = {id_: Contribution(id_, score - 0.1, raw_score=score) for id_, score in measured.items()}
    decisions = [Decision(id_, selected=id_ in "ab", rank=n, reason="") for n, id_ in enumerate("abcd", 1)]
    selection = Selection(decisions, {})
    found = length_warning("regress", main, selection)
    assert [said in line for line in found] == ([True] if said else [])
    assert length_warning("none", main, selection) == []


@pytest.mark.parametrize(("selector", "is_said"), [("top", True), ("cascade", True), ("drop-worst", False)])
def test_it_is_said_of_every_selector_that_keeps_the_best_by_score_alone(selector, is_said, tmp_path):
    """On one assessment sample a share of votes is 0 or 1, and candidates with the same one are left out."""
    lines = [json.dumps({"instruction": f"Task {n}", "output": "word " * (3 + n % 7)}) for n in range(24)]
    (tmp_path / "pool.jsonl").write_text("\n".join(lines), "utf-8")
    (tmp_path / "tasks.jsonl").write_text(json.dumps({"instruction": "Say it", "output": "a b c"}), "utf-8")
    given = {"assessment": str(tmp_path / "tasks.jsonl"), "keep": 4, "template": "plain", "report": False}
    given |= {"baselines": (), "schedule": "exact", "equal_length": "regress", "selector": selector}
    out = tmp_path / "run"
    rows = icon.run(str(tmp_path / "pool.jsonl"), backend=FakeBackend(), out=out, **given).rows
    left_out = {row.raw_score for row in rows if row.raw_score is not None and not row.selected}
    tied = sum(row.raw_score in left_out for row in rows if row.selected)
    assert tied
    said = f"equal_length regress: {tied} of the 4 selected have the same measured score"
    assert any(line.startswith(said) for line in Opened.at(out).manifest.warning_lines) == is_said


@pytest.mark.parametrize(
    ("n_short", "how", "said"),
    [
        (16, "regress", "16 of the 20 selected have a response that is shorter"),
        (15, "regress", None),
        (4, "strata", "16 of the 20 selected have a response that is longer"),
        (16, "none", None),
    ],
)
def test_a_choice_that_follows_the_length_at_equal_length_all_the_same_is_said(n_short, how, said):
    """Of 20 selected so many have one token and the others 9; 40 others have 1, 5 or 9, so that the median is 5."""
    kept = {f"k{n:02}": 1.0 if n < n_short else 9.0 for n in range(20)}
    others = {f"o{n:02}": 5.0 for n in range(20)} | {f"p{n:02}": 9.0 if n < n_short else 1.0 for n in range(20)}
    lengths = kept | others
    decisions = [Decision(id_, selected=id_ in kept, rank=n, reason="") for n, id_ in enumerate(lengths, 1)]
    found = side_warning(AtLength(how, "tokens", lengths), Selection(decisions, {}))
    assert [said in line for line in found] == ([True] if said else [])
    assert all(f"({1 if n_short > 10 else 9} against 5 tokens in the median)" in line for line in found)
    assert all(("--equal-length strata" in line) == (how == "regress") for line in found)
    more = Selection([*decisions, Decision("unscored", selected=True, rank=61, reason="")], {})
    assert all(
        "of the 20 selected that are scored" in line for line in side_warning(AtLength(how, "tokens", lengths), more)
    )
    few = [replace(one, selected=one.selected and one.id < "k19") for one in decisions]
    assert side_warning(AtLength(how, "tokens", lengths), Selection(few, {})) == []
