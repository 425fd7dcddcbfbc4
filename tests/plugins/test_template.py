"""What the copier template writes works as it stands: its own tests pass, it is clean, and icon lists it whole."""

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

copier = pytest.importorskip("copier", reason="copier is not installed")

TEMPLATE = Path(__file__).resolve().parents[2] / "plugins/template"
KINDS = {"scorer": "distinct", "selector": "worded", "backend": "bigrams"}


def generate(folder, **answers):
    """Generate a distribution and leave the metadata beside it that installing it would leave."""
    copier.run_copy(str(TEMPLATE), folder, data=answers, defaults=True, quiet=True)
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    asked = "".join(f"Requires-Dist: {each}\n" for each in project["dependencies"])
    head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (info / "METADATA").write_text(head + asked)
    entries = "".join(f"{name} = {value}\n" for name, value in project["entry-points"]["icon"].items())
    (info / "entry_points.txt").write_text(f"[icon]\n{entries}")
    return folder


def python(*arguments, folders):
    """A module of Python in a child process, with the folders on its path, as `pip install` would put them there."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders)), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-m", *arguments, *map(str, folders)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=folders[0].parent,
        env=environment,
    )


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """A distribution of each kind, generated with the template's own answers, beside each other."""
    folder = tmp_path_factory.mktemp("generated")
    return {kind: generate(folder / kind, kind=kind) for kind in KINDS}


def test_its_own_tests_pass_as_generated(generated):
    """All in one process, whose files of one name importlib keeps apart; the page on plugins tests one by itself."""
    folders = list(generated.values())
    together = ["--import-mode=importlib", "-p", "no:cacheprovider", f"--rootdir={folders[0].parent}"]
    done = python("pytest", "-v", *together, folders=folders)
    assert done.returncode == 0, done.stdout
    assert "failed" not in done.stdout
    for kind in KINDS:
        assert len(re.findall(rf"^{kind}/tests/test_conformance\.py::\S+ PASSED", done.stdout, re.MULTILINE)) >= 3


@pytest.mark.skipif(find_spec("ruff") is None, reason="ruff is not installed")
@pytest.mark.parametrize("check", [["check"], ["format", "--check"]], ids=" ".join)
def test_it_is_clean_and_formatted(generated, check):
    done = python("ruff", *check, "--no-cache", folders=list(generated.values()))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_icon_lists_it_with_its_options_and_finds_nothing_wrong(generated, kind, command_line):
    paths = [generated[kind]]
    done = command_line("plugins", f"icon-{KINDS[kind]}", "--json", "--check", paths=paths, code=0)
    (entry,) = json.loads(done.stdout)["plugins"]
    (offered,) = entry["strategies"]
    assert (entry["version"], entry["faults"]) == ("0.1.0", [])
    assert (offered["kind"], offered["name"]) == (kind, KINDS[kind])
    assert len(offered["options"]) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_uses_it(generated, kind, command_line, tmp_path):
    few = ("--assessment-size", "2", "--subset", "30", "--selector", "top")  # of two, auto would choose nothing: code 3
    used = {
        "scorer": ["--scorer", "distinct", "--baseline", "length"],
        "selector": ["--scorer", "length", "--baseline", "random", "--selector", "worded"],
        "backend": ["--backend", "bigrams", "--baseline", "length", *few],
    }
    command_line("run", *used[kind], "--json", "--out", "run", paths=[generated[kind]], code=0)
    manifest = json.loads((tmp_path / "run/run.json").read_text(encoding="utf-8"))
    assert manifest["status"] == "done"
    assert manifest["versions"][f"icon-{KINDS[kind]}"] == "0.1.0"


def test_the_answers_are_where_they_belong(tmp_path, command_line):
    answers = {"name": "two-words", "summary": "it's <short> & naïve", "author": "Zoë O'Neil"}
    folder = generate(tmp_path / "plugin", kind="scorer", **answers)
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["name"] == "icon-two-words"
    assert project["entry-points"]["icon"] == {"icon-two-words": "icon_two_words.hooks"}
    assert project["authors"] == [{"name": "Zoë O'Neil"}]
    done = command_line("plugins", "two-words", "--json", paths=[folder], code=0)
    (entry,) = json.loads(done.stdout)["plugins"]
    assert entry["strategies"][0]["summary"] == "it's <short> & naïve"


@pytest.mark.parametrize(
    "answer",
    [
        {"name": "My Scorer"},
        {"name": "9lives"},
        {"name": "select"},
        {"name": "random"},
        {"name": "torch"},
        {"summary": 'a "quote"'},
        {"author": "a\\b"},
    ],
)
def test_an_answer_that_would_not_work_is_refused(tmp_path, answer):
    with pytest.raises(ValueError, match="Validation error"):
        generate(tmp_path / "plugin", **answer)


def test_a_name_that_icon_has_already_is_refused_with_that_reason(tmp_path):
    with pytest.raises(ValueError, match="of the name select already"):
        generate(tmp_path / "plugin", name="select")
