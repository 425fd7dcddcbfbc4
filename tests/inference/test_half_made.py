"""What a killed process leaves half made in the cache is removed by the next one, and damage is seen at the next use.

True processes where the property is what becomes of a dead one's files.
"""

import os
import signal
import subprocess
import sys
import time

import pytest

from icon.inference import cache, cache_files


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path))
    return tmp_path / "models"


MAKING = """
import time
from icon.inference import cache
with cache.workspace() as place:
    (place / "half.gguf").write_bytes(bytes(1000))
    print("making", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def maker():
    """A process in the middle of making a file."""
    process = subprocess.Popen([sys.executable, "-c", MAKING], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "making\n"
    yield process
    process.kill()
    process.communicate()


def half_made(folder):
    return sorted(path.name for path in folder.glob(".making-*"))


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX systems do")
def test_half_made_weights_of_a_killed_process_are_removed_by_the_next_one(maker, folder):
    os.kill(maker.pid, signal.SIGKILL)
    maker.wait()
    assert len(half_made(folder)) == 1
    with cache.workspace() as place:
        assert half_made(folder) == [place.name]
    assert half_made(folder) == []


def test_what_a_living_process_is_making_stays(maker, folder):
    before = half_made(folder)
    cache.sweep()
    with cache.workspace() as place:
        assert half_made(folder) == sorted([*before, place.name])
    assert half_made(folder) == before
    assert (folder / before[0] / "half.gguf").stat().st_size == 1000


def test_leftovers_without_a_lock_go_when_nothing_was_written_to_them_for_an_hour(folder):
    """Versions without locks made such folders."""
    for name, age in ((".making-old", 3700), (".making-new", 3500)):
        (folder / name).mkdir(parents=True)
        (folder / name / "half.gguf").write_bytes(b"half")
        for path in (folder / name / "half.gguf", folder / name):
            os.utime(path, (time.time() - age,) * 2)
    cache.sweep()
    assert half_made(folder) == [".making-new"]


def test_half_written_notes_are_removed(folder):
    folder.mkdir(parents=True)
    (folder / ".notes.json-abc").write_text("{")
    cache.sweep()
    assert not list(folder.glob(".notes.json-*"))


def test_where_there_are_no_locks_work_goes_on_and_nothing_young_is_removed(folder, monkeypatch):
    def refuse(*_arguments, **_options):
        raise OSError(38, "no locks available")

    monkeypatch.setattr(cache_files, "_lock", refuse)
    (folder / ".making-young").mkdir(parents=True)
    with cache.workspace() as place:
        assert place.is_dir()
    assert half_made(folder) == [".making-young"]


def make(folder, name="weights.gguf"):
    with cache.workspace() as place:
        (place / name).write_bytes(b"sound")
        cache.keep(place / name, folder / name)
    return folder / name


def make_folder(folder, name="model"):
    with cache.workspace() as place:
        (place / name).mkdir()
        (place / name / "config.json").write_bytes(b"sound")
        (place / name / "weights").write_bytes(b"sound")
        cache.keep_folder(place / name, folder / name)
    return folder / name


@pytest.mark.parametrize(
    "damage", [lambda path: path.write_bytes(b"sounc"), lambda path: path.write_bytes(b"sou")], ids=["bit", "cut"]
)
def test_a_bit_that_flips_in_what_was_kept_is_seen(folder, damage):
    path = make(folder)
    assert cache.kept(path)
    damage(path)
    assert not cache.kept(path)
    assert cache.kept(make(folder))


def test_a_kept_folder_that_is_damaged_is_seen_and_replaced(folder):
    path = make_folder(folder)
    assert cache.kept(path)
    (path / "weights").write_bytes(b"sounc")
    assert not cache.kept(path)
    assert (make_folder(folder) / "weights").read_bytes() == b"sound"
    assert cache.kept(path)
    (path / "weights").unlink()
    assert not cache.kept(path)


def test_what_an_older_version_kept_is_taken_as_it_is_and_guarded_from_then_on(folder):
    folder.mkdir(parents=True)
    (folder / "old.gguf").write_bytes(b"sound")
    assert cache.kept(folder / "old.gguf")
    (folder / "old.gguf").write_bytes(b"sounc")
    assert not cache.kept(folder / "old.gguf")
    assert not cache.kept(folder / "absent.gguf")
