"""Notes in the cache: of several that are written at one time none is lost, and the first one can be made to hold."""

import json
import threading

import pytest

from icon.inference import cache, cache_files


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path))
    return tmp_path / "models"


def at_once(*tasks):
    """Run these functions in threads that begin together."""
    ready = threading.Barrier(len(tasks))

    def run(task):
        ready.wait()
        task()

    threads = [threading.Thread(target=run, args=[task]) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_notes_that_are_written_at_one_time_are_all_kept(folder):
    def write(writer):
        for number in range(10):
            cache.remember("digests", f"{writer}-{number}", number)

    at_once(*(lambda writer=writer: write(writer) for writer in range(6)))
    assert len(json.loads((folder / "notes.json").read_text())["digests"]) == 60
    assert not list(folder.glob(".notes.json-*"))


def test_the_first_note_holds_for_all_where_it_is_asked_for():
    told = []
    at_once(
        *(lambda value=value: told.append(cache.remember("fastest", "key", value, first=True)) for value in range(6))
    )
    assert told == [cache.recall("fastest", "key")] * 6


def test_the_last_note_holds_otherwise():
    for value in ("one", "two"):
        assert cache.remember("digests", "key", value) == value
    assert cache.recall("digests", "key") == "two"


def test_a_cache_that_cannot_be_written_gives_the_value_back(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "file"))
    assert cache.remember("fastest", "key", 3, first=True) == 3
    assert cache.recall("fastest", "key") is None


def test_without_locks_notes_are_written_all_the_same(monkeypatch):
    def refuse(*_arguments, **_options):
        raise OSError("no locks available")

    monkeypatch.setattr(cache_files, "_lock", refuse)
    cache.remember("digests", "key", 1)
    assert cache.recall("digests", "key") == 1


def test_a_reader_in_the_way_is_waited_for(folder, monkeypatch):
    from pathlib import Path

    tries, replace = [], Path.replace

    def busy(self, target):
        tries.append(target)
        if len(tries) < 3:
            raise PermissionError(13, "being read")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", busy)
    cache.remember("digests", "key", 1)
    assert cache.recall("digests", "key") == 1
