"""The published JSON schemas are those of the code, and real outputs are valid under them."""

import json
import re
from contextlib import nullcontext

import pytest
from pydantic import TypeAdapter

from icon.config import resolve
from icon.errors import ConfigError
from support.command_line import CommandLine
from support.installed import FAKE_BACKEND, install
from support.schemas import FOLDER, OUTPUTS, SETTINGS, file_of, schema_text, settings_text
from support.validated import conclude

PAGE = (FOLDER.parent / "schemas.md").read_text(encoding="utf-8")
BACKEND = ("--backend", "fake", "--no-report")


def write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


@pytest.fixture(scope="module")
def icon(tmp_path_factory):
    """Runs `icon` with --json in a folder with a pool and tasks, and returns what it prints."""
    folder = tmp_path_factory.mktemp("schemas")
    install(folder / "plugins", "icon-faked", FAKE_BACKEND)
    rows = [{"instruction": f"question {i} alpha", "output": f"answer {i} of {i * 7} words"} for i in range(12)]
    write(folder / "pool.jsonl", [*rows, rows[3]])
    write(
        folder / "tasks.jsonl",
        [{"instruction": f"task {i} alpha", "output": f"done {i} over", "t": f"g{i % 2}"} for i in range(40)],
    )
    command_line = CommandLine(folder, [folder / "plugins"])

    def command(*arguments):
        return json.loads(command_line(*arguments, "--json", code=0).stdout)

    command.folder = folder
    return command


@pytest.fixture(scope="module")
def outputs(icon):
    """Each output by name; of some, several."""
    settings = ("pool.jsonl", "--assessment", "tasks.jsonl", *BACKEND)
    found = {name: [] for name in OUTPUTS}
    found["assess"].append(icon("assess", *settings, "--schedule", "exact", "--out", "one"))
    found["score"].append(icon("score", "one"))
    found["summary"].append(icon("select", "one"))
    found["summary"].append(icon("run", *settings, "--seed", "7", "--out", "two"))
    found["summary"].append(icon("run", "pool.jsonl", "--scorer", "length", "--no-report", "--out", "three"))
    found["preview"].append(icon("preview", *settings, "--out", "four"))
    found["plan"] += [icon("plan", *settings), icon("plan", "pool.jsonl", "--scorer", "length")]
    found["compare-one"].append(icon("compare", "one"))
    found["compare-two"] += [icon("compare", "one", "two"), icon("compare", "one", "three")]
    found["compare-several"].append(icon("compare", "one", "two", "three"))
    found["explain"] += [icon("explain", *words) for words in (("one", "row:1"), ("two", "row:2"), ("one", "row:12"))]
    found["verify"].append(icon("verify", "one", "--pairs", "9"))
    found["export"].append(icon("export", "one", "--to", "trl"))
    found["report"].append(icon("report", "one"))
    found["doctor"].append(icon("doctor", "one"))
    found["show-prompt"].append(icon("show-prompt", "pool.jsonl", "row:1", "--backend", "fake"))
    found["validation"].append(json.loads(conclude(icon.folder / "one").model_dump_json()))
    found["run.json"] += [json.loads((icon.folder / run / "run.json").read_text()) for run in ("one", "two", "three")]
    return found


@pytest.mark.parametrize("name", OUTPUTS)
def test_the_published_schema_is_that_of_the_code(name):
    text = file_of(name).read_text(encoding="utf-8") if file_of(name).exists() else ""
    assert text == schema_text(name), "python tests/support/schemas.py writes the schemas anew"


def test_the_schema_of_settings_is_that_of_the_code():
    text = SETTINGS.read_text(encoding="utf-8")
    assert text == settings_text(), "python tests/support/schemas.py writes the schemas anew"


SETTINGS_FILES = [
    (
        {
            "$schema": "settings.schema.json",
            "pool": ["a.jsonl", "b.jsonl"],
            "keep": 0.15,
            "hold_out": 64,
            "budget": None,
        },
        True,
    ),
    ({"pool": "a.jsonl", "keep": "15%", "turns": "every", "scorer_options": {"rank_by": "log-gain"}}, True),
    ({"kep": "15%"}, False),
    ({"turns": "lst"}, False),
    ({"seed": -1}, False),
    ({"capture": 2}, False),
]


@pytest.mark.parametrize(("settings", "fits"), SETTINGS_FILES)
def test_an_editor_marks_what_the_reader_refuses(settings, fits, tmp_path):
    jsonschema = pytest.importorskip("jsonschema", reason="a check by another implementation, where it is installed")
    schema = json.loads(SETTINGS.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert jsonschema.Draft202012Validator(schema).is_valid(settings) == fits
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    with nullcontext() if fits else pytest.raises(ConfigError):
        resolve({}, file=str(tmp_path / "settings.json"))


def test_every_schema_is_on_the_page_and_no_other_is_there():
    files = {file_of(name).name for name in OUTPUTS}
    assert {path.name for path in FOLDER.iterdir()} == files
    assert set(re.findall(r"\]\(schemas/([^)]+)\)", PAGE)) == files


@pytest.mark.parametrize("name", OUTPUTS)
def test_real_outputs_are_valid_and_complete(name, outputs):
    record = TypeAdapter(OUTPUTS[name])
    assert outputs[name]
    for output in outputs[name]:
        assert record.dump_python(record.validate_python(output), mode="json") == output


@pytest.mark.parametrize("name", OUTPUTS)
def test_real_outputs_fit_the_published_schema_itself(name, outputs):
    jsonschema = pytest.importorskip("jsonschema", reason="a check by another implementation, where it is installed")
    schema = json.loads(file_of(name).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    for output in outputs[name]:
        jsonschema.validate(output, schema)
