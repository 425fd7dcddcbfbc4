"""Settings, templates, plugins and run.json are read within bounds: a device or a huge file is an error at once."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from icon import _small_files
from icon._small_files import parse_json, parse_toml, read_small
from icon.config import read_settings
from icon.errors import ConfigError
from support.measured import MIB, measured


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom"])
def test_a_device_without_an_end_is_read_up_to_the_bound(tmp_path, device):
    (tmp_path / "settings.toml").symlink_to(device)
    with pytest.raises(ConfigError, match=r"settings\.toml: cannot be read: found more than 1,048,576 bytes"):
        read_settings(tmp_path / "settings.toml")


def test_a_pipe_that_nobody_writes_to_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(_small_files, "PATIENCE", 0.3)
    os.mkfifo(tmp_path / "settings.toml")
    with pytest.raises(ConfigError, match="found a pipe or device that did not give a whole file within 0 s"):
        read_settings(tmp_path / "settings.toml")


def test_a_pipe_that_somebody_writes_to_is_read(tmp_path):
    os.mkfifo(tmp_path / "settings.toml")
    writer = threading.Thread(target=(tmp_path / "settings.toml").write_text, args=('keep = "10%"\n',))
    writer.start()
    assert read_settings(tmp_path / "settings.toml") == {"keep": "10%"}
    writer.join()


def test_no_settings_are_settings():
    assert read_settings(Path(os.devnull)) == {}


def test_a_file_of_exactly_the_bound_is_read_and_one_byte_more_is_not(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 100)
    assert read_small(tmp_path / "a", 100) == b"x" * 100
    with pytest.raises(OSError, match="found more than 99 bytes"):
        read_small(tmp_path / "a", 99)


def nested(n):
    return '{"a": ' * n + "1" + "}" * n


@pytest.mark.parametrize("n", [65, 900, 5000, 100_000])
def test_json_beyond_the_bound_of_levels_is_refused(n):
    assert parse_json(nested(64))["a"]
    with pytest.raises(ValueError, match="found more than 64 levels"):
        parse_json(nested(n))


@pytest.mark.parametrize(
    "text",
    [
        b"a = " + b"[" * 900 + b"]" * 900,
        b"a = " + b"[" * 100_000,
        b"a." * 65 + b"b = 1",
        b'"a" . ' * 400 + b"b = 1",
        b'"\\"".' * 400 + b"b = 1",
        b"[" + b"a." * 400 + b"b]\nx = 1",
    ],
)
def test_toml_beyond_the_bound_of_levels_is_refused(text):
    with pytest.raises(ValueError, match="found more than 64 levels"):
        parse_toml(text)


def test_dots_in_texts_are_no_levels():
    long = ".".join("a" * 200)
    assert parse_toml(f'a = "{long}"\nb.c = ["{long}"]'.encode()) == {"a": long, "b": {"c": [long]}}


@pytest.mark.parametrize(
    "text", [b"a." * 200_000 + b"b = 1", b"x" * 1_000_000, b'"' + b'\\"' * 400_000, b',"' * 400_000]
)
def test_a_megabyte_of_toml_is_refused_in_a_second(tmp_path, text):
    (tmp_path / "settings.toml").write_bytes(text)
    program = "from pathlib import Path\nfrom icon.config import read_settings\nread_settings(Path(sys.argv[1]))"
    done = measured(program, "settings.toml", folder=tmp_path)
    assert done.said[0].startswith("ConfigError: settings.toml: not a readable TOML settings file")
    assert done.seconds < 3
    assert done.peak < 200 * MIB


def test_a_path_with_a_nul_is_an_error_of_reading():
    with pytest.raises(ConfigError, match="the path has a NUL character"):
        read_settings(Path("a\0b.toml"))
