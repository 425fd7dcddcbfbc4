"""A result says what to do, shows itself in a notebook, and does what the functions of the same names do."""

import json
import re
from html.parser import HTMLParser

import pytest

import icon
from icon.testing import FakeBackend


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="module")
def result(folder):
    rows = [{"instruction": f"question {n}", "output": "word " * (n % 7 + 1), "n": n} for n in range(12)]
    tasks = [{"instruction": f"task {n}", "output": f"done {n}"} for n in range(8)]
    (folder / "tasks.jsonl").write_text("".join(json.dumps(task) + "\n" for task in tasks))
    given = {"backend": FakeBackend(), "assessment": folder / "tasks.jsonl", "progress": False}
    return icon.run(rows, out=folder / "a <b> run", scorer="icon", keep=3, selector="top", **given)


class Shown(HTMLParser):
    """The elements and the text of a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self.open = [], "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data + "\n"


def test_the_repr_is_one_line_with_the_folder_and_what_to_do(result):
    assert repr(result) == f"RunResult({str(result.path)!r}): {result.advice.sentence}"
    assert "\n" not in repr(result)
    assert len(repr(result)) < 250


def test_a_notebook_shows_what_to_do_why_and_the_next_command(result):
    shown = Shown(result._repr_html_())
    assert shown.open == []
    assert set(shown.tags) <= {"p", "strong", "pre", "details", "summary", "table", "tr", "td"}
    for text in (result.advice.sentence, result.advice.why, result.advice.commands[0], str(result.path)):
        assert text in shown.text
    assert shown.text.index(result.advice.sentence) == 0


def test_what_a_notebook_shows_is_escaped(result):
    assert "a <b> run" in str(result.path)
    assert "<b>" not in result._repr_html_()
    assert "a &lt;b&gt; run" in result._repr_html_()


def test_a_result_whose_folder_is_gone_still_shows_itself(result, folder):
    gone = icon.RunResult(folder / "gone", result.config, result.summary)
    assert repr(gone).endswith("3 of 12 candidates selected.")
    assert "gone" in gone._repr_html_()


def test_a_result_does_what_the_functions_do(result, folder):
    best = max((row for row in result.rows if row.score is not None), key=lambda row: row.score)
    assert result.explain(best.id, tokens=False)["rank"]["rank"] == 1
    assert result.report(folder / "page.html").read_text().startswith("<!doctype html>")
    done = result.export("own", folder / "own.jsonl")
    assert (done["records"], done["files"]) == (3, [str(folder / "own.jsonl")])
    assert result.compare() == icon.compare(result.path)


def test_a_number_is_explained_as_the_row_of_that_number(result):
    assert result.explain(3, tokens=False)["row"] == 3
    assert icon.explain(result.path, 11, tokens=False) == result.explain("row:11", tokens=False)
    with pytest.raises(icon.InputError, match="no row '12'; valid: row:0 to row:11"):
        result.explain(12)


@pytest.mark.parametrize("call", [icon.run, icon.preview], ids=lambda call: call.__name__)
def test_progress_of_another_kind_is_refused_before_a_folder_is_made(call, tmp_path):
    with pytest.raises(icon.ConfigError, match="progress: found 'bar'; valid: 'auto', True, False, or a function"):
        call([{"instruction": "a", "output": "b"}], out=tmp_path / "run", progress="bar", backend=FakeBackend())
    assert not (tmp_path / "run").exists()


def test_selecting_anew_replaces_the_selection_and_keeps_the_scores(result):
    before = {row.id: row.score for row in result.rows}
    kept = {row.id for row in result.rows if row.selected}
    wider = icon.select(result, keep="50%")
    assert wider.summary["selected"] == 6
    assert {row.id: row.score for row in wider.rows} == before
    assert kept < {row.id for row in wider.rows if row.selected}
    back = icon.select(result.path, keep=3)
    assert {row.id for row in back.rows if row.selected} == kept


def test_selecting_needs_a_run_and_a_valid_setting(result, tmp_path):
    with pytest.raises(icon.WrongRunError):
        icon.select(tmp_path / "none")
    with pytest.raises(icon.ConfigError, match="keep"):
        icon.select(result, keep="all of them")
    with pytest.raises(icon.UnknownStrategyError):
        icon.select(result, selector="tpo")


def test_a_preview_says_how_far_to_trust_it(folder):
    rows = [{"instruction": f"question {n}", "output": "word " * (n % 7 + 1) + str(n)} for n in range(12)]
    given = {"assessment": folder / "tasks.jsonl", "out": folder / "preview", "report": False, "progress": False}
    found = icon.preview(rows, backend=FakeBackend(), keep=3, budget="30s", **given)
    assert found.judgement is not None
    assert found.judgement["full_tokens"] > 0
    assert found.config.schedule == "race"
    assert (found.config.subset, found.config.capture) == (200, 1.0)
    assert icon.load_run(found.path).judgement is None


def test_help_begins_with_an_example():
    first = icon.__doc__.strip().split("\n\n")
    assert first[0].startswith("icon")
    assert first[1].startswith("    import icon")
    example = "\n".join(re.findall(r"(?m)^    (.*)$", icon.__doc__))
    assert "icon.run(" in example
    compile(example, "help(icon)", "exec")
