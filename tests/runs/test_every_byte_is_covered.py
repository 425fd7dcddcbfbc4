"""Every file that a run hands on is covered by a digest: one flipped bit is an error in words, never another number."""

import contextlib
import json
import random
import shutil

import pytest

import icon
from icon.config import resolve
from icon.errors import ConfigError, RunError
from icon.runs.checksums import checksum_of
from icon.runs.manifest import load_manifest
from support.sealed import of_format_3, seal
from support.small_pool import write_small_pool

SETTINGS = {"scorer": "length", "baselines": ("random",), "selector": "top", "keep": "3"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A finished run without a model, with its page."""
    folder = tmp_path_factory.mktemp("made")
    write_small_pool(folder)
    return icon.run(folder / "pool.jsonl", assessment=folder / "tasks.jsonl", out=folder / "run", **SETTINGS).path


@pytest.fixture
def run(made, tmp_path):
    return shutil.copytree(made, tmp_path / "run")


def flip(path, seed):
    """Flip one bit of a file, another one per seed."""
    data, choice = bytearray(path.read_bytes()), random.Random(seed)
    data[choice.randrange(len(data))] ^= 1 << choice.randrange(8)
    path.write_bytes(data)


def read(run, tmp_path):
    """All that an export hands on: the selected records, and every number of the table."""
    own = icon.export(run, "own", tmp_path / "own.jsonl", which="all", force=True)["files"]
    table = icon.export(run, "csv", tmp_path / "all.csv", force=True)["files"]
    return [open(path, "rb").read() for path in (*own, *table)]  # noqa: PTH123


@pytest.mark.parametrize("name", ["scores.parquet", "selected.jsonl", "dropped.jsonl"])
def test_a_flipped_bit_in_a_file_that_is_handed_on_is_an_error_that_names_it_and_the_way_out(run, name, tmp_path):
    whole, good = (run / name).read_bytes(), read(run, tmp_path)
    for seed in range(20):
        flip(run / name, seed)
        with pytest.raises(RunError) as error:
            read(run, tmp_path)
        assert f"{name}: damaged or changed since the run wrote it" in str(error.value)
        assert f"icon doctor {run}" in str(error.value)
        (run / name).write_bytes(whole)
    assert read(run, tmp_path) == good


def test_a_flipped_bit_in_run_json_changes_no_value_that_anyone_reads(run):
    path = run / "run.json"
    whole, good = path.read_bytes(), load_manifest(path)
    for seed in range(120):
        flip(path, seed)
        with contextlib.suppress(RunError):
            assert load_manifest(path) == good  # a blank that became another one
        path.write_bytes(whole)


def test_a_changed_value_in_run_json_is_refused_with_the_way_out(run):
    path = run / "run.json"
    path.write_text(path.read_text().replace('"keep": "3"', '"keep": "4"', 1))
    with pytest.raises(RunError, match=r"field 'checksum': found .* damaged, or was changed by hand; .*icon doctor"):
        load_manifest(path)


def test_damaged_settings_of_a_run_are_not_replayed_and_those_that_were_changed_on_purpose_are(run, tmp_path):
    changed = (run / "run.json").read_text().replace('"keep": "3"', '"keep": "4"', 1)
    (tmp_path / "run.json").write_text(changed)
    with pytest.raises(ConfigError, match=r"damaged, or changed by hand: .* 'checksum'; valid: .* without that field"):
        resolve({}, file=str(tmp_path / "run.json"))
    given = json.loads(changed)
    del given["checksum"]
    (tmp_path / "run.json").write_text(json.dumps(given))
    assert resolve({}, file=str(tmp_path / "run.json")).keep == "4"
    assert resolve({}, file=str(run / "run.json")).keep == "3"


def test_a_file_that_is_gone_is_an_error_with_the_way_out(run):
    (run / "selected.jsonl").unlink()
    with pytest.raises(RunError, match=r"selected\.jsonl: does not exist; .*icon doctor"):
        icon.export(run, "own")


def test_the_assessment_set_and_the_token_details_are_compared_too(run, command_line):
    flip(run / "assessment.jsonl", 1)
    assert "assessment.jsonl: damaged or changed" in command_line("select", run, code=1).stderr
    assert json.loads((run / "run.json").read_text())["files"].keys() == {
        *("assessment.jsonl", "scores.parquet", "selected.jsonl", "dropped.jsonl", "report.html", "texts.parquet")
    }


def test_the_checksum_is_of_the_content_and_not_of_its_form(run):
    data = json.loads((run / "run.json").read_text())
    assert checksum_of(dict(reversed(data.items()))) == data["checksum"]
    (run / "run.json").write_text(json.dumps(data))
    assert load_manifest(run / "run.json").status == "done"


def test_a_run_of_format_3_is_read_as_before_and_gets_digests_as_files_are_written(run, command_line, tmp_path):
    good = read(run, tmp_path)
    of_format_3(run)
    assert read(run, tmp_path) == good
    flip(run / "report.html", 1)  # nothing is known of it
    command_line("report", run, code=0)
    manifest = json.loads((run / "run.json").read_text())
    assert (manifest["format"], list(manifest["files"])) == (4, ["texts.parquet", "report.html"])
    command_line("select", run, "--keep", "2", code=0)
    assert {*json.loads((run / "run.json").read_text())["files"]} == {
        *("scores.parquet", "selected.jsonl", "dropped.jsonl", "report.html", "texts.parquet")
    }


def test_a_name_in_run_json_that_is_no_file_of_a_run_is_refused(run):
    data = json.loads((run / "run.json").read_text())
    seal(run, files={"../pool.jsonl": data["files"]["scores.parquet"]})
    with pytest.raises(RunError, match=r"field 'files\.\.\./pool\.jsonl"):
        load_manifest(run / "run.json")
