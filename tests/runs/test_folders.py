"""A place in which no folder can be made is refused in a sentence, before any work."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from icon.errors import ConfigError
from icon.runs.lock import RunLock


def test_a_folder_that_the_file_system_has_no_place_for_is_refused(tmp_path, monkeypatch):
    """As in /proc: making a folder there is answered with ENOENT, although its parent is there."""
    usual, asked = os.mkdir, []

    def refuse(path, *given, **named):
        asked.append(path)
        if Path(path).name == "x":
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        usual(path, *given, **named)

    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(ConfigError, match=r"^--out .*/x: cannot be made \(No such file or directory\); valid: "):
        RunLock.take(tmp_path / "x")
    assert len(asked) < 100


def test_a_folder_that_others_remove_meanwhile_is_made_again(tmp_path, monkeypatch):
    usual, left = os.open, [3]

    def racing(path, *given, **named):
        if left[0]:
            left[0] -= 1
            Path(path).parent.rmdir()
        return usual(path, *given, **named)

    monkeypatch.setattr(os, "open", racing)
    lock = RunLock.take(tmp_path / "x")
    assert (tmp_path / "x").is_dir()
    lock.release()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc")
def test_the_command_says_so_with_exit_code_2(command_line, tmp_path):
    (tmp_path / "pool.jsonl").write_text('{"instruction": "say one", "output": "one"}\n')
    words = ["--assessment", tmp_path / "pool.jsonl", "--scorer", "length", "--out", "/proc/x"]
    said = command_line("run", tmp_path / "pool.jsonl", *words, code=2).stderr
    assert "--out /proc/x: " in said
    assert "Traceback" not in said
