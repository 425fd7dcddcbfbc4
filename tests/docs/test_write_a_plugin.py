"""The how-to on plugins, block by block: its files are written, its commands and programs run, none with a model."""

import json
import re
import runpy
import tomllib
from contextlib import chdir
from pathlib import Path

import pytest

from icon.runs.scores import read_scores
from support.shell_blocks import Blocks

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/how-to/write-a-plugin.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"(?:<!-- (file|not run): (.+?) -->\n)?```(\w+)\n(.*?)```", re.DOTALL)


def rows(folder):
    return read_scores(folder / "scores.parquet")


def responses():
    """The responses of the demo pool, in its order."""
    lines = (ROOT / "icon/samples/demo/demo_pool.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["output"] for line in lines]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder in which every block of the page was carried out, from top to bottom."""
    place = tmp_path_factory.mktemp("page")
    carry_out = Blocks(place)
    for word, said, language, text in BLOCK.findall(PAGE):
        if word == "file":
            (place / said).write_text(text, encoding="utf-8")
        elif language == "python":
            (place / "program.py").write_text(text, encoding="utf-8")
            with chdir(place):
                runpy.run_path("program.py", run_name="__main__")
        elif word != "not run":
            carry_out(text)
    return place


def test_the_scorer_in_one_file_counts_questions_and_the_most_are_selected(folder):
    found = rows(folder / "questions")
    assert [each.score for each in found] == [each.count("?") for each in responses()]
    kept, left = ([each.score for each in found if each.selected is selected] for selected in (True, False))
    assert len(kept) == 14  # 15% of 90
    assert min(kept) >= max(left)
    assert max(kept) > min(kept)


def test_from_python_it_selects_the_same(folder):
    one, other = (folder / name / "selected.jsonl" for name in ("questions", "from-python"))
    assert one.read_bytes() == other.read_bytes()


def test_it_is_measured_on_the_run_that_was_finished(folder):
    found = rows(folder / "finished")
    assert [each.score for each in found] == [len(each) for each in responses()]
    assert [each.baselines["questions"] for each in found] == [each.count("?") for each in responses()]


def test_its_option_says_what_is_counted_and_failures_have_no_score(folder):
    found = rows(folder / "signs")
    for row, text in zip(found, responses(), strict=True):
        sentences = sum(text.count(each) for each in ".!?")
        assert row.score == (text.count(",") / sentences if sentences else None)
    assert any(each.score is None for each in found)
    assert all("no sentence" in each.reason for each in found if each.score is None)


def test_the_observer_notes_every_stage(folder):
    noted = (folder / "stages.txt").read_text().splitlines()
    assert any(re.fullmatch(r"selecting: \d+\.\d s", line) for line in noted)


def test_the_section_stands_in_the_report(folder):
    kept = sum(each.selected for each in rows(folder / "noted"))
    assert f"{kept} of 90 rows are kept." in (folder / "noted/report.html").read_text(encoding="utf-8")


def test_the_commands_from_the_template_lead_to_a_tested_scorer_in_use(tmp_path):
    """As they stand, but that what `pip install` leaves is written by hand: it would want the network."""
    pytest.importorskip("copier", reason="copier is not installed")
    (lines,) = (text.splitlines() for word, _, _, text in BLOCK.findall(PAGE) if word == "not run")
    assert len(lines) < 10
    assert [line for line in lines if line.startswith(("pip", "python3", ". "))] == [
        "python3 -m venv .venv",
        ". .venv/bin/activate",
        "pip install copier pytest ./icon",
        "pip install -e icon-distinct",
    ]
    (tmp_path / "icon").symlink_to(ROOT)
    carry_out = Blocks(tmp_path, [tmp_path / "icon-distinct"])
    for line in lines:
        if line == "pip install -e icon-distinct":
            install(tmp_path / "icon-distinct")
        elif not line.startswith(("pip", "python3", ". ")):
            shown = carry_out(line)
            assert not line.startswith("pytest") or " passed" in shown
    (run,) = (tmp_path / "icon-runs").iterdir()
    shares = [len(set(words)) / len(words) for words in (each.casefold().split() for each in responses())]
    assert [each.score for each in rows(run)] == pytest.approx(shares)


def install(folder):
    """Leave the metadata that makes a distribution known."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    entries = "".join(f"{name} = {value}\n" for name, value in project["entry-points"]["icon"].items())
    (info / "entry_points.txt").write_text(f"[icon]\n{entries}")
