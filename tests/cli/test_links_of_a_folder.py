"""A run folder from elsewhere may hold links: no command writes to, empties or removes what they point to."""

from __future__ import annotations

import os
import platform
import shutil

import pytest

from icon.runs.directory import LOCK
from support.command_line import CommandLine
from support.installed import FAKE_BACKEND, install

SETTINGS = ["--backend", "fake", "--assessment", "tasks.jsonl", "--keep", "3", "--template", "plain"]
FILES = ("assessment.jsonl", "scores.parquet", "selected.jsonl", "dropped.jsonl", "explained.jsonl", "report.html")
WRITING = {
    "select": ["select", "recv"],
    "share": ["score", "recv", "--scorer", "ppl", "--share", "1/2"],
    "run": ["run", "pool.jsonl", *SETTINGS, "--out", "recv"],
}


@pytest.fixture(scope="module")
def begun(tmp_path_factory, write_sums):
    """A finished run of one's own."""
    folder = tmp_path_factory.mktemp("begun")
    install(folder / "plugins", "icon-faked", FAKE_BACKEND)
    write_sums(folder / "pool.jsonl", range(8))
    write_sums(folder / "tasks.jsonl", range(40, 43))
    CommandLine(folder, [folder / "plugins"])("run", "pool.jsonl", *SETTINGS, "--out", "recv", code=0)
    return folder


@pytest.fixture
def folder(begun, tmp_path):
    """A copy of it, and a file and a folder of the user's beside it."""
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/.note.tmp").write_text("mine")
    return tmp_path


@pytest.fixture
def icon(folder, monkeypatch):
    monkeypatch.setenv("ICON_TRUST_STORE", str(folder / "trusted"))
    return CommandLine(folder, [folder / "plugins"])


def untouched(folder):
    """Whether the user's file and folder are as they were."""
    names = [path.name for path in (folder / "mine").iterdir()]
    return (folder / "mine.txt").read_text() == "mine" and names == [".note.tmp"]


@pytest.mark.parametrize("words", WRITING.values(), ids=WRITING)
def test_the_lock_and_temporary_names_are_no_way_out(icon, folder, words):
    run = folder / "recv"
    names = [LOCK, *(f".{name}.{platform.node()}.{os.getpid()}.tmp" for name in (*FILES, "run.json"))]
    for name in names:
        (run / name).unlink(missing_ok=True)
        (run / name).symlink_to(folder / "mine.txt")
    done = icon(*words)
    assert untouched(folder)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("words", WRITING.values(), ids=WRITING)
def test_linked_files_are_replaced_and_not_written_to(icon, folder, words):
    for name in FILES:
        shutil.copy(folder / "recv" / name, folder / f"original-{name}")
        (folder / "recv" / name).unlink()
        (folder / "recv" / name).symlink_to(folder / f"original-{name}")
    before = {name: (folder / f"original-{name}").read_bytes() for name in FILES}
    icon(*words)
    assert {name: (folder / f"original-{name}").read_bytes() for name in FILES} == before


@pytest.mark.parametrize("words", WRITING.values(), ids=WRITING)
def test_a_linked_folder_outside_is_refused(icon, folder, words):
    name = "validation" if words[0] == "select" else "contributions"
    shutil.rmtree(folder / "recv" / name, ignore_errors=True)
    (folder / "recv" / name).symlink_to(folder / "mine")
    done = icon(*words)
    assert untouched(folder)
    assert done.returncode == 2
    assert f"--trust recv/{name}" in " ".join(done.stderr.split())


@pytest.mark.parametrize("name", ["ppl", "length", "slice-00", "ppl/slice-00"])
def test_a_linked_folder_further_in_is_refused(icon, folder, name):
    link = folder / "recv/contributions" / name
    shutil.rmtree(link, ignore_errors=True)
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(folder / "mine")
    done = icon("select", "recv", code=2)
    assert f"--trust recv/contributions/{name}" in " ".join(done.stderr.split())
    assert untouched(folder)


@pytest.mark.parametrize("first", ["contributions", "contributions/ppl"])
def test_a_link_within_the_folder_is_no_way_to_one_outside(icon, folder, first):
    link = folder / "recv" / first
    shutil.rmtree(link, ignore_errors=True)
    (folder / "recv/kept").mkdir()
    (folder / "recv/kept/slice-00").symlink_to(folder / "mine")
    link.symlink_to(folder / "recv/kept")
    done = icon("select", "recv", code=2)
    assert f"--trust recv/{first}/slice-00" in " ".join(done.stderr.split())
    assert untouched(folder)


def test_a_link_in_a_circle_is_an_error_in_words(icon, folder):
    shutil.rmtree(folder / "recv/contributions")
    (folder / "recv/contributions").symlink_to("contributions")
    assert "contributions" in icon("select", "recv").stderr
    (folder / "recv/contributions").unlink()
    (folder / "recv/contributions").mkdir()
    (folder / "recv/contributions/ppl").symlink_to("..")
    icon("select", "recv")


def test_a_link_of_ones_own_is_allowed_once(icon, folder):
    shutil.move(folder / "recv/contributions", folder / "scratch")
    (folder / "recv/contributions").symlink_to(folder / "scratch")
    icon("score", "recv", "--scorer", "ppl", "--trust", "recv/contributions", code=0)
    icon("select", "recv", code=0)
    (folder / "recv/contributions").unlink()
    (folder / "recv/contributions").symlink_to(folder / "mine")
    icon("select", "recv", code=2)
    assert untouched(folder)


def test_links_within_the_folder_are_the_users_own(icon, folder):
    shutil.move(folder / "recv/contributions", folder / "recv/measured")
    (folder / "recv/contributions").symlink_to("measured")
    icon("select", "recv", code=0)
