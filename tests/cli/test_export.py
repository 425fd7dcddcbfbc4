"""`icon export`: what it prints is what the Python side gives, and wrong use is told with what is valid."""

import json
import re
import subprocess
import sys

import pytest

import icon


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


def command(*arguments, cwd):
    line = [sys.executable, "-m", "icon", "export", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=120, cwd=cwd)


def test_json_is_what_the_python_side_gives(run, tmp_path):
    done = command("run", "--to", "trl", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["records"] == 2
    assert found["left_out"][0]["row"] == 30
    assert found == json.loads(json.dumps(icon.export(run, "trl", force=True))) | {
        key: found[key] for key in ("run", "files", "next")
    }


def test_people_are_told_what_is_left_out_and_what_comes_next(run, tmp_path):
    done = command("run", "--to", "ms-swift", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "note: 1 records do not fit this format and are left out" in done.stdout
    assert "row 30: its field 'tools'" in done.stdout
    assert "next: MODEL=" in done.stdout
    assert "\x1b" not in done.stdout


def test_the_list_has_a_line_for_each_format(tmp_path):
    from icon.exporting import FORMATS

    done = command("--list", cwd=tmp_path)
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(FORMATS)


def test_listing_imports_nothing_heavy(tmp_path):
    code = (
        "import sys; sys.argv = ['icon', 'export', '--list']\n"
        "from icon.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = ('torch', 'datasets', 'numpy', 'pyarrow', 'pandas', 'huggingface_hub')\n"
        "print('LOADED', [name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip().endswith("LOADED []")


def test_without_a_format_the_command_ends_with_2_and_names_them(run, tmp_path):
    done = command("run", cwd=tmp_path)
    assert done.returncode == 2
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


def test_what_is_no_finished_run_is_refused(run, tmp_path):
    done = command("nowhere", "--to", "own", cwd=tmp_path)
    assert done.returncode == 2
    assert "run.json" in done.stderr
    manifest = json.loads((tmp_path / "run" / "run.json").read_text())
    (tmp_path / "run" / "run.json").write_text(json.dumps({**manifest, "status": "interrupted"}))
    done = command("run", "--to", "own", cwd=tmp_path)
    assert done.returncode == 2
    assert "not done" in done.stderr
