"""Nothing in the code prints but through the consoles, and on a terminal colours are icon's own."""

from __future__ import annotations

import ast
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.payloads import REORDERING, STEERING
from icon.cli._door import one_door
from support.installed import install

ROOT = Path(__file__).resolve().parents[2]

FOLDERS = ("icon", "backends/*/icon_*", "plugins/*/icon_*")

CONSOLES = {"icon/cli/_console.py", "icon/pipeline/progress/__init__.py"}
"""Where consoles are made."""

STREAMS = {
    "icon/cli/_door.py": "the door itself",
    "icon/cli/_encodings.py": "what an encoding lacks",
    "icon/pipeline/progress/__init__.py": "progress of `icon.run`, which has no console of the command line",
    "plugins/observers/icon_observers/quiet.py": "kept silent while a tracker prints",
    "plugins/validate/icon_validate/tasks.py": "flushed before what a library prints in C is caught",
}
"""Where the standard streams are touched, and what for."""

ECHOES = {"icon/cli/_app.py"}
"""The version, by Typer's own way."""


def names(call):
    """The dotted name of what is called, or of what is read."""
    parts = []
    while isinstance(call, ast.Attribute):
        parts.append(call.attr)
        call = call.value
    return ".".join(reversed([*parts, getattr(call, "id", "?")]))


def printing(path):
    """What a module does that prints: calls and uses of streams, with their lines."""
    place = str(path.relative_to(ROOT))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = names(node.func)
            if name in ("print", "input", "breakpoint", "pprint.pprint", "rich.print"):
                yield node.lineno, name
            if name == "os.write" and getattr(node.args[0], "value", None) in (1, 2):
                yield node.lineno, name
            if name.rpartition(".")[2] in ("echo", "secho") and place not in ECHOES:
                yield node.lineno, name
            if name.rpartition(".")[2] == "Console" and place not in CONSOLES:
                yield node.lineno, name
        if isinstance(node, ast.Attribute) and place not in STREAMS:
            name = names(node)
            if re.fullmatch(r"sys\.(__)?(stdout|stderr)(__)?", name):
                yield node.lineno, name


def test_nothing_in_the_code_prints_but_through_the_consoles():
    files = [file for pattern in FOLDERS for folder in ROOT.glob(pattern) for file in folder.rglob("*.py")]
    assert len(files) > 300
    found = {f"{file.relative_to(ROOT)}:{line} {what}" for file in files for line, what in printing(file)}
    assert found == set()


LIVE = """
import sys, time, warnings

import typer

from icon.plugins import Strategy, StageStarted, hookimpl

TEXTS = {texts!r}


class Loud:
    @hookimpl
    def icon_event(self, event):
        if isinstance(event, StageStarted):
            for text in TEXTS:
                print(text)
                print(text, file=sys.stderr)
                warnings.warn(text)


@hookimpl
def icon_event(event):
    Loud().icon_event(event)


@hookimpl
def icon_commands(app):
    @app.command()
    def colours():
        typer.secho("in green", fg="green")
"""


def on_a_terminal(folder, *words):
    """What `icon` writes to a terminal, and its exit code."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(folder / "site"), "TERM": "xterm-256color", "COLUMNS": "200"}
    command = [sys.executable, "-m", "icon", *words]
    with subprocess.Popen(command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        written = b""
        try:
            while piece := os.read(ours, 65536):
                written += piece
        except OSError:  # Linux says so where the other end is closed
            pass
    os.close(ours)
    return written.decode(), process.returncode


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("terminal")
    payloads = [payload for payload in STEERING + REORDERING if "\n" not in payload.text]
    install(place / "site", "icon-live", LIVE.format(texts=[payload.text for payload in payloads]))
    rows = "".join(f'{{"instruction": "{n}", "output": "{n * 7}"}}\n' for n in range(6))
    (place / "pool.jsonl").write_text(rows)
    return place, payloads


def test_while_progress_is_shown_what_others_print_comes_out_as_the_table_says(folder):
    place, payloads = folder
    written, code = on_a_terminal(place, "run", "pool.jsonl", "--scorer", "length", "--keep", "2", "--no-report")
    assert code == 0
    assert "2 of 6 candidates" in written
    assert "\x1b[" in written  # icon's own colours and progress
    for payload in payloads:
        assert payload.text not in written, payload
        assert payload.shown in written, payload


def test_colours_of_a_plugins_echo_are_left_out_not_shown_as_escapes(folder):
    written, code = on_a_terminal(folder[0], "colours")
    assert (written.strip().splitlines()[-1], code) == ("in green", 0)


def test_help_has_its_colours_on_a_terminal(folder):
    written, code = on_a_terminal(folder[0], "--help")
    assert code == 0
    assert "\x1b[1" in written
    assert "\\u001b" not in written


@pytest.mark.parametrize("indent", [None, 2])
def test_json_that_a_plugin_prints_reads_as_the_same_values(indent, capsys):
    """Escapes of Python for characters beyond U+FFFF are none of JSON."""
    values = {"a\u202e": ["x\U000e0001", "two \U000e0001\u200b"], "n": 1}
    with one_door():
        print(json.dumps(values, ensure_ascii=False, indent=indent))
        print("{no JSON \U000e0001")
    printed = capsys.readouterr().out
    assert printed.isascii()
    document, _, rest = printed.rpartition("{no")
    assert json.loads(document) == values
    assert rest == " JSON \\U000e0001\n"


@pytest.mark.parametrize("indent", [None, 1])
def test_json_that_is_written_in_pieces_or_as_lines_does_so_too(indent, capsys):
    """`json.dump` writes a document in many pieces, most of them no document, and JSON Lines are several in one."""
    values = {
        "x\U000e0001": ["\U000e0001", {"\U0001d173": ["\U0001bca0", -1.5e-3, float("inf"), None, True, '\\"\u202e']}]
    }
    with one_door():
        json.dump(values, sys.stdout, ensure_ascii=False, indent=indent)
    printed = capsys.readouterr().out
    assert printed.isascii()
    assert json.loads(printed) == values
    with one_door():
        print("\n".join(json.dumps({"a": text}, ensure_ascii=False) for text in ("x\U000e0001", "y")))
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line) for line in lines] == [{"a": "x\U000e0001"}, {"a": "y"}]
