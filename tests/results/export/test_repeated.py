"""An export that was killed is repeated without --force; another file is never overwritten, nor a link followed."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

import pytest

from icon.errors import ConfigError
from icon.pipeline.builtin import default_plugins
from icon.results.export import FORMATS, RunSource, export

LOCAL = [name for name in FORMATS if name != "hub"]


@pytest.fixture
def run(make_run, alpaca):
    return make_run(alpaca).path


def write(run, to, **options):
    return export(RunSource.of(run, default_plugins), to, **options)


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("to", LOCAL)
def test_what_a_killed_export_left_is_completed_without_force(run, to):
    """A kill after each of its files; and after all, before the command could say that it was done."""
    first = write(run, to)
    whole = contents(run / "export")
    assert write(run, to) == first
    for name in whole:
        shutil.rmtree(run / "export")
        (run / "export" / name).parent.mkdir(parents=True)
        (run / "export" / name).write_bytes(whole[name])
        assert write(run, to) == first
        assert contents(run / "export") == whole


@pytest.mark.parametrize("to", LOCAL)
def test_a_file_with_other_bytes_is_left_as_it_is_without_force(run, to):
    write(run, to)
    whole = contents(run / "export")
    name = min(whole, key=lambda name: name.endswith("dataset_info.json"))
    (run / "export" / name).write_bytes(b"mine")
    with pytest.raises(ConfigError, match="--force"):
        write(run, to)
    assert contents(run / "export") == {**whole, name: b"mine"}
    write(run, to, force=True)
    assert contents(run / "export") == whole


def test_a_folder_with_other_files_is_left_as_it_is_without_force(run, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match=r"notes\.txt.*--force"):
        write(run, "axolotl", out=tmp_path / "mine")
    assert list(contents(tmp_path / "mine")) == ["notes.txt"]


@pytest.mark.parametrize(("to", "name"), [("trl", "run-trl.jsonl"), ("parquet", "mine")])
def test_what_a_killed_export_left_half_done_is_removed_by_the_next(run, tmp_path, to, name):
    child = os.spawnlp(os.P_NOWAIT, "true", "true")
    os.waitpid(child, 0)
    (tmp_path / "out").mkdir()
    left = tmp_path / "out" / f".{name}.{platform.node()}.{child}.tmp"
    left.write_bytes(b"half") if to == "trl" else left.mkdir()
    write(run, to, out=tmp_path / "out" / name)
    assert not left.exists()


@pytest.mark.parametrize("to", LOCAL)
def test_a_link_out_of_the_run_is_not_followed_where_no_place_was_named(run, tmp_path, to):
    (tmp_path / "elsewhere").mkdir()
    (run / "export").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match=r"leads out of the run, to .*elsewhere.*--out"):
        write(run, to)
    assert list((tmp_path / "elsewhere").iterdir()) == []
    write(run, to, out=run / "export" / "named")
    assert list((tmp_path / "elsewhere").iterdir()) != []


@pytest.mark.parametrize("to", LOCAL)
def test_out_is_a_folder_for_every_format_whether_it_is_there_or_not(run, tmp_path, to):
    (tmp_path / "there").mkdir()
    found = [write(run, to, out=tmp_path / name).files for name in ("there", "new", "v1.2")]
    inside = [sorted(contents(tmp_path / name)) for name in ("there", "new", "v1.2")]
    assert inside[0] == inside[1] == inside[2] != []
    for name, files in zip(("there", "new", "v1.2"), found, strict=True):
        assert all((tmp_path / name) in (Path(file), *Path(file).parents) for file in files)


@pytest.mark.parametrize("to", LOCAL)
def test_out_names_a_file_by_its_ending_for_a_format_of_one_file_and_no_other_takes_it(run, tmp_path, to):
    if to in ("own", "trl", "trl-prompt-completion", "trl-text", "csv"):
        assert write(run, to, out=tmp_path / "new/mine.jsonl").files == (str(tmp_path / "new/mine.jsonl"),)
        return
    with pytest.raises(
        ConfigError, match=r"mine\.jsonl: found the name of a file, and this format has several; .*/mine$"
    ):
        write(run, to, out=tmp_path / "mine.jsonl")
    assert not (tmp_path / "mine.jsonl").exists()


def test_a_file_that_is_a_link_is_not_followed_either(run, tmp_path):
    (run / "export").mkdir()
    (run / "export/run-trl.jsonl").symlink_to(tmp_path / "elsewhere.jsonl")
    with pytest.raises(ConfigError, match="leads out of the run"):
        write(run, "trl", force=True)
    assert not (tmp_path / "elsewhere.jsonl").exists()
