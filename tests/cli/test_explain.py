"""`icon explain` on a run of an installed fake backend: readable, marked, clean of control characters, and JSON."""

import json
from functools import partial

import pytest

import icon
from icon.cli._token_text import legend, token_text
from icon.results.explain import TokenTable
from icon.testing import FakeBackend
from support.installed import FAKE_BACKEND


@pytest.fixture
def explain(with_fake_backend):
    return partial(with_fake_backend, "explain", columns=80)


def write(path, records):
    path.write_text("".join(json.dumps(each) + "\n" for each in records))
    return path


@pytest.fixture
def run(tmp_path):
    """A finished run whose texts hold what a terminal would obey and what rich would take for markup."""
    rows = [
        {"instruction": f"question {i} \x1b[31m [bold]x[/bold]", "output": f"answer {i} of alpha"} for i in range(8)
    ]
    rows += [rows[2], {"instruction": "?", "output": 5}]
    tasks = [{"instruction": f"task {i} \x1b[2J alpha", "output": f"alpha [red]{i}\nover", "t": "g"} for i in range(4)]
    pool, assessment = write(tmp_path / "pool.jsonl", rows), write(tmp_path / "tasks.jsonl", tasks)
    made = {"out": tmp_path / "run", "selector": "top", "keep": 2, "on_bad_row": "skip"}
    icon.run(pool, backend=FakeBackend(), assessment=assessment, **made, report=False)
    return tmp_path / "run"


@pytest.mark.parametrize("columns", [80, 120])
def test_it_fits_the_terminal_and_hands_no_control_character_on(explain, run, columns):
    done = explain("run", "row:3", columns=columns, code=0)
    assert all(len(line) <= columns for line in done.stdout.splitlines())
    assert "\x1b" not in done.stdout
    assert "[bold]x[/bold]" in done.stdout
    assert "of 4 assessment samples" in done.stdout
    assert "nearest kept" in done.stdout
    assert "{+likelier+} or [-less likely-] by 0.5 nats or more" in done.stdout
    assert (run / "explained.jsonl").exists()


def test_without_tokens_no_model_is_opened(explain, run):
    broken = FAKE_BACKEND.replace("lambda options: FakeBackend()", "lambda options: 1 / 0")
    done = explain("run", "row:3", "--no-tokens", plugin=broken, code=0)
    assert "they are not measured yet" in done.stdout
    assert "likelier" not in done.stdout
    assert not (run / "explained.jsonl").exists()


def test_the_json_is_what_the_python_side_gives(explain, run):
    done = explain("run", "row:3", "--top", "2", "--json", code=0)
    found = json.loads(done.stdout)
    assert found.pop("run") == "run"
    expected = json.loads(json.dumps(icon.explain(run, "row:3", top=2, tokens=False)))
    expected.pop("run")
    assert found == expected
    assert any(each["tokens"] for each in (*found["helped"], *found["hurt"]))


def test_what_is_no_candidate_is_explained_and_what_is_not_there_ends_with_2(explain, run):
    duplicate = explain("run", "row:8", code=0)
    assert "exact duplicate, no candidate" in duplicate.stdout
    assert "dropped: exact duplicate of row 2" in duplicate.stdout
    bad = explain("run", "row:9", columns=200, code=0)
    assert "row that could not be read" in bad.stdout
    for name, told in (("row:10", "valid: row:0 to row:9"), ("zz", "no row has the id 'zz'")):
        done = explain("run", name, code=2)
        assert told in done.stderr
        assert "Traceback" not in done.stderr
    assert explain("run", "row:3", "--top", "0").returncode == 2
    assert explain("nowhere", "row:3").returncode == 2


TOKENS = TokenTable(
    pieces=("The", " cat", " sat", "\n", "on", "\x07 it"),
    given=(-1.0, -1.0, -2.0, -3.0, -1.0, -5.0),
    control=(-1.5, -4.0, -2.05, -3.2, -1.3, -2.0),  # +0.5, +3, +0.05, +0.2, +0.3, -3
)


def test_without_colour_the_tokens_beyond_half_a_nat_are_marked():
    assert token_text(TOKENS, colour=False).plain == r"{+The cat+} sat↵ on[-\u0007 it-]"
    assert "{+" in legend(control=True, colour=False).plain


def test_with_colour_the_form_tells_how_much():
    text = token_text(TOKENS, colour=True)
    assert text.plain == r"The cat sat↵ on\u0007 it"
    styles = {text.plain[span.start : span.end]: str(span.style) for span in text.spans}
    expected = {"The": "bold green", " cat": "bold reverse green", "↵ ": "green", "on": "green"}
    assert styles == expected | {r"\u0007 it": "bold reverse red"}
    assert "nothing in front" in legend(control=False, colour=True).plain


def test_a_long_answer_is_cut_and_that_is_said():
    long = TokenTable(pieces=("x",) * 125, given=(-1.0,) * 125, control=(-1.0,) * 125)
    assert token_text(long, colour=False).plain == "x" * 120 + " … 5 more tokens, all of them in --json"
