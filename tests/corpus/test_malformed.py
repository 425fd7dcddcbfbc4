"""Every malformed input of the corpus is refused with its sentence: no traceback, no hang, nothing accepted."""

from __future__ import annotations

import re
import time

import pytest

from corpus.malformed import MANIFESTS, PLUGINS, POOLS, SETTINGS, TEMPLATES
from icon.config import read_settings, validate
from icon.errors import IconError, UserError
from icon.plugins.single_file import load_file
from icon.runs.manifest import load_manifest
from icon.samples import load_samples
from icon.samples.templates import load_template
from icon.types import Message, Sample
from support.command_line import CommandLine

SAMPLE = Sample("0" * 16, 0, (Message("user", "q"),), "a")

OPENED = {
    "pool": (POOLS, lambda path: load_samples(str(path))),
    "settings": (SETTINGS, lambda path: validate(read_settings(path))),
    "template": (TEMPLATES, lambda path: load_template(str(path)).target(SAMPLE)),
    "manifest": (MANIFESTS, load_manifest),
    "plugin": (PLUGINS, lambda path: load_file(str(path))),
}
CASES = [(kind, name) for kind, (cases, _) in OPENED.items() for name in cases]


def test_there_are_at_least_120_cases():
    assert len(CASES) >= 120


@pytest.mark.parametrize(("kind", "name"), CASES, ids=[f"{kind}: {name}" for kind, name in CASES])
def test_a_malformed_input_is_refused_with_its_sentence(tmp_path, kind, name):
    cases, opened = OPENED[kind]
    file, content, said = cases[name]
    path = tmp_path / file
    path.write_bytes(content)
    start = time.process_time()
    with pytest.raises(IconError) as caught:
        opened(path)
    assert caught.value.exit_code == 2
    assert re.search(said, str(caught.value)), str(caught.value)[:500]
    assert len(str(caught.value)) < 5000
    assert time.process_time() - start < 5


@pytest.mark.parametrize("name", [name for name, (file, _, _) in POOLS.items() if file == "p.jsonl"])
def test_skipped_rows_are_counted_and_never_a_traceback(tmp_path, name):
    file, content, _ = POOLS[name]
    (tmp_path / file).write_bytes(content)
    try:
        loaded = load_samples(str(tmp_path / file), on_bad_row="skip")
    except UserError:
        return
    turned = {sample.row for sample in loaded.samples} | {fault.row for fault in loaded.faults}
    assert turned | {twice.row for twice in loaded.duplicates} == set(range(loaded.n_rows))


COMMANDS = {
    "pool": lambda path: ("run", path, "--scorer", "length", "--out", "run"),
    "settings": lambda path: ("run", "--config", path, "--out", "run"),
    "template": lambda path: ("show-prompt", "demo", "row:0", "--template", path),
    "manifest": lambda path: ("report", path.parent),
    "plugin": lambda path: ("plugins", "--plugin", path),
}


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name"), CASES, ids=[f"{kind}: {name}" for kind, name in CASES])
def test_a_command_ends_with_2_and_the_sentence(tmp_path, kind, name):
    file, content, said = OPENED[kind][0][name]
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / file
    path.write_bytes(content)
    done = CommandLine(tmp_path)(*COMMANDS[kind](path), columns=10_000, code=2)
    assert "Traceback" not in done.stderr
    assert re.search(said, " ".join(done.stderr.split()))
    assert not (tmp_path / "run").exists()
