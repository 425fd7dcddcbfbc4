"""The command that the page prints selects what the page shows, also where a classifier ranked the pool."""

import json
import random
import shlex
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from icon.cli._app import build_app
from icon.results import report
from icon.results.report._threshold import command, ranking
from icon.runs.scores import read_scores
from support.records import with_choice, with_summary

WORDS = [
    "river",
    "table",
    "engine",
    "garden",
    "letter",
    "window",
    "market",
    "winter",
    "teacher",
    "bridge",
    "colour",
    "harbour",
    "bottle",
    "lamp",
]


def write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(path)


@pytest.fixture
def run(start, tmp_path):
    """A run of 80 candidates, half of them scored, of which a classifier keeps 12."""
    draw = random.Random(4)
    pool = [
        {"instruction": f"write {i} of {draw.choice(WORDS)}", "output": " ".join(draw.choices(WORDS, k=4 + i % 9))}
        for i in range(80)
    ]
    tasks = [
        {"instruction": f"task {i} {WORDS[i]}", "output": f"done {WORDS[-i]}", "group": "ab"[i % 2]} for i in range(6)
    ]
    out = tmp_path / "run"
    given = {"keep": "12", "subset": 40, "selector": "classifier"}
    session = start(write(tmp_path / "pool.jsonl", pool), write(tmp_path / "tasks.jsonl", tasks), out, **given)
    report.report(session.run, session.pool)
    return out


def selected(run):
    return {row.row for row in read_scores(run / "scores.parquet") if row.selected}


def preview(page, n):
    """The command that the page prints for so many records, and the rows that it shows as selected by it."""

    def shown(which):
        page.select_option("#rows-filter", which)
        return {int(row) for row in page.locator("#rows-table tbody td:first-child button").all_inner_texts()}

    page.select_option("#rows-per-page", "50")
    page.fill("#cut-count", str(n))
    command = page.locator("#cut-command").inner_text()
    return shlex.split(command), (shown("selected") | shown("enter")) - shown("leave")


def test_the_printed_command_keeps_the_rows_that_the_page_previews(run, open_html):
    opened = open_html((run / "report.html").read_text(encoding="utf-8"))
    previews = {n: preview(opened.page, n) for n in (5, 12, 30)}
    before = {row.id: row.probability for row in read_scores(run / "scores.parquet")}
    for n, (words, previewed) in previews.items():
        assert len(previewed) == n
        assert words[:2] == ["icon", "select"]
        result = CliRunner().invoke(build_app(), words[1:])
        assert result.exit_code == 0, result.output
        assert selected(run) == previewed
        assert {row.id: row.probability for row in read_scores(run / "scores.parquet")} == before


def of_classifier(page_of, quality, **stage):
    page = page_of([4.0, 3.0, 2.0, 1.0], 2)
    page = with_summary(with_choice(page, selector="classifier", **stage), selection_quality=quality)
    return replace(page, rows=[replace(row, probability=row.score / 10) for row in page.rows])


def printed(page):
    return command(page, ranking(page.rows))


def test_the_share_of_labels_is_named_where_a_classifier_ranked_and_it_was_left_open(page_of):
    page = of_classifier(page_of, {"label_share": 0.15})
    assert printed(page) == "icon select runs/one --selector classifier -o selector.label_share=0.15 --keep"
    page = of_classifier(page_of, {"label_share": 0.15}, selector_options={"label_share": None})
    assert printed(page) == "icon select runs/one --selector classifier -o selector.label_share=0.15 --keep"


def test_a_share_of_labels_that_was_chosen_stays_as_it_was_given(page_of):
    page = of_classifier(page_of, {"label_share": 0.2}, selector_options={"label_share": 0.2})
    assert printed(page).count("label_share=0.2 ") == 1
    assert printed(page).count("label_share") == 1


def test_a_selector_that_tells_no_share_of_labels_is_given_none(page_of):
    assert "label_share" not in printed(of_classifier(page_of, {}))
