"""A digest is that of a file's present bytes, also when another file takes its place without a visible trace."""

import hashlib
import os

import pytest

from icon.inference import cache


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("ICON_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "model.gguf"
    path.write_bytes(b"first")
    return path


def keeping_times(path, write):
    """Let a function change the file, and give it the size and the time of modification that it had."""
    before = path.stat()
    write(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def of(text):
    return hashlib.sha256(text).hexdigest()


def replaced(path):
    other = path.with_name("other")
    other.write_bytes(b"other")
    other.replace(path)


@pytest.mark.parametrize("write", [replaced, lambda path: path.write_bytes(b"other")], ids=["renamed", "rewritten"])
def test_another_file_of_the_same_path_size_and_time_has_another_digest(file, write):
    assert cache.digest(file) == of(b"first")
    keeping_times(file, write)
    assert cache.digest(file) == of(b"other")


@pytest.fixture
def untraced(file, monkeypatch):
    """The file, replaced on a file system that shows no more of it than size and time of modification."""
    monkeypatch.setattr(cache, "_stamp", lambda path: [path.stat().st_size, path.stat().st_mtime_ns])
    assert cache.digest(file) == of(b"first")
    keeping_times(file, replaced)
    return file


def test_where_numbers_are_mixed_the_bytes_are_read_whatever_is_cached(untraced):
    assert cache.digest(untraced) == of(b"first")
    with cache.content_read():
        assert cache.digest(untraced) == of(b"other")
    assert cache.digest(untraced) == of(b"other")  # the note is put right


def test_there_each_file_is_read_once(file, monkeypatch):
    read, digest = [], hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda *given: read.append(1) or digest(*given))
    with cache.content_read():
        assert {cache.digest(file) for _ in range(3)} == {of(b"first")}
    assert cache.digest(file) == of(b"first")
    assert len(read) == 1


def test_a_file_that_changes_while_it_is_read_is_not_noted(file, monkeypatch):
    digest = hashlib.file_digest

    def slow(*given):
        found = digest(*given)
        file.write_bytes(b"longer than before")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(hashlib, "file_digest", slow)
        cache.digest(file)
    assert cache.digest(file) == of(b"longer than before")
