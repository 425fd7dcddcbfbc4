"""`icon export`: what it prints is what the Python side gives, and wrong use is told with what is valid."""

import json
import re
from functools import partial

import pytest

import icon
from support.sealed import seal


@pytest.fixture
def run(tmp_path):
    rows = [{"instruction": f"question {n}", "output": "word " * n} for n in range(1, 31)]
    rows.append({"instruction": "odd [red]one[/]", "output": "word " * 99, "tools": [{"name": "\x1b[31m"}]})
    (tmp_path / "pool.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))
    (tmp_path / "tasks.jsonl").write_text('{"instruction": "a task", "output": "done"}\n')
    given = {"scorer": "length", "baselines": (), "selector": "top"}
    return icon.run(
        tmp_path / "pool.jsonl",
        assessment=tmp_path / "tasks.jsonl",
        out=tmp_path / "run",
        keep="3",
        report=False,
        **given,
    )


@pytest.fixture
def export(command_line):
    return partial(command_line, "export")


def test_json_is_what_the_python_side_gives(export, run):
    done = export("run", "--to", "trl", "--json", code=0)
    found = json.loads(done.stdout)
    assert found["records"] == 2
    assert found["left_out"][0]["row"] == 30
    assert found == json.loads(json.dumps(icon.export(run, "trl", force=True))) | {
        key: found[key] for key in ("run", "files", "next")
    }


def test_people_are_told_what_is_left_out_and_what_comes_next(export, run):
    done = export("run", "--to", "ms-swift", code=0)
    assert "note: 1 records do not fit this format and are left out" in done.stdout
    assert "row 30: its field 'tools'" in done.stdout
    assert "next: MODEL=" in done.stdout
    assert "\x1b" not in done.stdout


def test_the_list_has_a_line_for_each_format(export):
    from icon.results.export import FORMATS

    done = export("--list", code=0)
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(FORMATS)


def test_without_a_format_the_command_ends_with_2_and_names_them(export, run):
    done = export("run", code=2)
    assert "--to: found nothing; valid: own, llamafactory" in done.stderr


@pytest.mark.parametrize(
    ("to", "options", "told"),
    [
        ("llama-factory", {}, "Did you mean llamafactory?"),
        ("trl", {"which": "best"}, "valid: selected, dropped, all"),
        ("trl", {"full": True}, "--full: means nothing to --to trl"),
        ("own", {"repo": "a/b"}, "--repo: means nothing to --to own"),
    ],
)
def test_wrong_use_says_what_is_valid_and_writes_nothing(run, tmp_path, to, options, told):
    with pytest.raises(icon.ConfigError, match=re.escape(told)):
        icon.export(run, to, **options)
    assert not (tmp_path / "run" / "export").exists()


def test_what_is_no_finished_run_is_refused(export, run, tmp_path):
    done = export("nowhere", "--to", "own", code=2)
    assert "run.json" in done.stderr
    seal(tmp_path / "run", status="running", results=None)
    done = export("run", "--to", "own", code=2)
    assert "the run is not done" in done.stderr
    assert not (tmp_path / "run" / "export").exists()


def test_a_run_that_was_stopped_with_a_selection_is_exported_as_partial(export, run, tmp_path):
    seal(tmp_path / "run", status="interrupted")
    done = export("run", "--to", "own", code=0)
    assert "partial: the run was stopped" in done.stdout
    assert len((tmp_path / "run/export/run.jsonl").read_text().splitlines()) == 3
