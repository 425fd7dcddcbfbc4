"""The table of decisions: every candidate has its line, numbers are numbers, and no cell is a formula."""

import csv
import io
import json
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import icon
from icon.results.export.csv import guarded
from support.sealed import seal


def table(path):
    with open(path, newline="", encoding="utf-8") as file:  # noqa: PTH123
        return list(csv.DictReader(file, strict=True))


def test_every_candidate_has_a_line_with_its_decision(make_run, tmp_path):
    pool = tmp_path / "pool.jsonl"
    rows = [{"instruction": "one", "output": "a"}, {"instruction": "two", "input": "p", "output": "bb"}]
    pool.write_text("\n".join([*map(json.dumps, rows), json.dumps(rows[0]), "{"]))
    run = make_run(pool, keep=1, on_bad_row="skip", baselines=("random",))
    found = table(icon.export(run, "csv")["files"][0])
    assert [(row["row"], row["status"], row["selected"]) for row in found] == [
        ("0", "scored", "no"),
        ("1", "scored", "yes"),
        ("2", "duplicate", "no"),
        ("3", "bad_row", "no"),
    ]
    assert [float(row["score"]) for row in found[:2]] == [1.0, 2.0]
    assert 0 <= float(found[0]["baseline random"]) <= 1
    assert [row["rank"] for row in found] == ["2", "1", "", ""]
    assert found[1]["prompt"] == "two p"
    assert found[2]["reason"] == "exact duplicate of row 0"
    assert "invalid JSON" in found[3]["reason"]
    assert found[3]["prompt"] == ""


def test_the_selected_alone_can_be_asked_for(make_run, alpaca):
    found = table(icon.export(make_run(alpaca), "csv", which="selected")["files"][0])
    assert [row["row"] for row in found] == ["1", "3"]


def test_texts_are_shortened_unless_they_are_asked_for_in_full(make_run, tmp_path):
    long = "word " * 300 + "\r\nend"
    run = make_run([{"instruction": long, "output": "=cmd|' /C calc'!A0 " + long}], keep=1)
    short = table(icon.export(run, "csv")["files"][0])[0]
    assert len(short["prompt"]) == 201
    assert short["prompt"].endswith("…")
    assert short["response"].startswith("'=cmd")
    full = table(icon.export(run, "csv", tmp_path / "full.csv", full=True)["files"][0])[0]
    assert full["prompt"] == long
    assert full["response"] == "'=cmd|' /C calc'!A0 " + long


def test_negative_numbers_stay_numbers(make_run, alpaca, tmp_path):
    from icon.runs.directory import RunDirectory
    from icon.runs.scores import read_scores, write_scores

    run = make_run(alpaca)
    path = RunDirectory(run.path).scores
    rows = [row.__class__(**{**as_dict(row), "score": -0.5, "baselines": {"=x": -3.25}}) for row in read_scores(path)]
    write_scores(path, rows, "f")
    seal(run.path)
    found = table(icon.export(run, "csv")["files"][0])
    assert {row["score"] for row in found} == {"-0.5"}
    assert {row["baseline =x"] for row in found} == {"-3.25"}


def as_dict(row):
    from dataclasses import asdict

    return asdict(row)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\rx",
        "\nx",
        "  =1",
        '"=1',
        "'=1",
        "“=1”",
        "\u00a0=1",
        "\u200b=1",
        "\ufeff=1",
        "\x00=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "−1",
        "﹣1",
    ],
)
def test_what_a_spreadsheet_could_run_gets_an_apostrophe(text):
    assert guarded(text) == "'" + text


@pytest.mark.parametrize("text", ["", " ", "plain", "a=1", "1+1", "é", "# heading", "'quoted'", "(+1)"])
def test_other_text_is_left_as_it_is(text):
    assert guarded(text) == text


@given(st.text())
@example("\u2067=1")
@example("\n")
def test_no_guarded_text_starts_a_formula(text):
    found = guarded(text)
    assert found in (text, "'" + text)
    first = found[:1]
    assert first not in ("\t", "\r", "\n")
    assert unicodedata.normalize("NFKC", first)[:1] not in tuple("=+-@−")
    stripped = text.strip().strip("\"'").strip()
    if stripped[:1] in tuple("=+-@＝＋－＠") and stripped:
        assert found == "'" + text


@given(st.floats(allow_nan=False))
def test_numbers_come_back_from_the_file_as_they_were(value):
    from icon.results.export.csv import _cell

    file = io.StringIO()
    csv.writer(file).writerow([_cell(value)])
    ((found,),) = csv.reader(io.StringIO(file.getvalue()))
    assert float(found) == value
