"""On the terminal people see of every payload what the table says, whoever prints it, and honest texts as they are."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unicodedata

import pytest

from corpus.payloads import HONEST, PAYLOADS, REORDERING, STEERING
from support.installed import install

SHOUTING = """
import logging, sys, warnings

import rich
import typer
from rich.panel import Panel
from tqdm import tqdm

from icon.cli import out, warn
from icon.plugins import hookimpl

loud = logging.Logger("loud")  # not of the tree, where pytest keeps messages: its processes exchange no half characters
loud.addHandler(logging.StreamHandler())


def bar(text):
    for _ in tqdm([1], desc=text, bar_format="{desc}|{n}", file=sys.stderr):
        pass


WAYS = {
    "print": print,
    "stdout": lambda text: sys.stdout.writelines([text, "\\n"]),
    "stderr": lambda text: sys.stderr.write(text + "\\n"),
    "warning": lambda text: warnings.warn(text),
    "log": loud.warning,
    "echo": typer.echo,
    "rich": lambda text: rich.get_console().print(text, markup=False, emoji=False, soft_wrap=True),
    "panel": lambda text: rich.get_console().print(Panel(rich.text.Text(text))),
    "bar": bar,
    "out": lambda text: out().print(text, soft_wrap=True),
    "warn": warn,
}


@hookimpl
def icon_commands(app):
    @app.command()
    def shout(way: str, file: str):
        import json
        for text in json.load(open(file, encoding="utf-8")):
            WAYS[way](text)

    @app.command()
    def fail(file: str):
        import json
        raise ValueError(" ".join(json.load(open(file, encoding="utf-8"))))
"""

WAYS = ["print", "stdout", "stderr", "warning", "log", "echo", "rich", "out", "warn"]

NEEDED = "\u200c"
"""A non-joiner that an Arabic letter of the table needs."""


def unseen(text):
    """Characters of a printed text that no payload may bring to the terminal."""
    return {one for one in text if unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp", "Cs")} - {"\n", "\t", NEEDED}


def with_single_blanks(text):
    """The text as it is compared where rich has written blanks for a tab."""
    return re.sub("[ \t]+", " ", text)


@pytest.fixture
def icon(command_line, tmp_path):
    """Runs `icon` where a plugin prints what a file holds in the way that is asked for."""
    install(tmp_path / "site", "icon-shouting", SHOUTING)

    def run(*words, **more):
        return command_line(*words, paths=[tmp_path / "site"], cwd=tmp_path, **more)

    return run


@pytest.fixture
def texts(tmp_path):
    """Writes texts to a file that the plugin reads, and gives its name."""

    def write(every):
        (tmp_path / "texts.json").write_text(json.dumps(list(every)))
        return "texts.json"

    return write


@pytest.mark.parametrize("way", WAYS)
def test_whoever_prints_a_payload_people_see_what_the_table_says(icon, texts, way):
    done = icon("shout", way, texts(payload.text for payload in PAYLOADS), code=0)
    printed = done.stdout + done.stderr
    stripped = {payload.name for payload in PAYLOADS if "\x1b[" in payload.text} if way == "echo" else set()
    for payload in PAYLOADS:
        assert payload.shown in printed or payload.name in stripped, payload  # Typer's echo takes styles out itself
    assert unseen(printed) == set()


@pytest.mark.parametrize("way", WAYS)
def test_whoever_prints_an_honest_text_people_see_it_as_it_is(icon, texts, way):
    done = icon("shout", way, texts(HONEST.values()), code=0)
    printed = with_single_blanks(done.stdout + done.stderr)
    for text in HONEST.values():
        assert with_single_blanks(text) in printed


def test_a_progress_bar_moves_the_cursor_and_its_texts_do_not(icon, texts):
    done = icon("shout", "bar", texts(payload.text for payload in STEERING), code=0)
    for payload in STEERING:
        assert payload.shown.split("\n")[-1] in done.stderr
    moves = re.sub(r"\r(?!z)", "", done.stderr)  # what tqdm begins every step with
    assert unseen(moves) == set()
    assert "\r" in done.stderr


def test_a_box_keeps_its_width_around_a_payload(icon, texts):
    done = icon("shout", "panel", texts(["a\u202ez", "a\x1b[31mz"]), code=0, columns=60)
    assert r"a\u202ez" in done.stdout
    assert unseen(done.stdout) == set()


def test_a_traceback_passes_the_door_too(icon, texts, tmp_path):
    icon("--version", code=0)  # the plugin is installed
    file = texts(payload.text for payload in STEERING + REORDERING)
    command = [sys.executable, "-m", "icon", "fail", file]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    printed = done.stderr.decode()
    assert "ValueError: a" in printed
    assert unseen(printed) == set()
    for payload in STEERING + REORDERING:
        assert payload.shown in printed, payload


def batched(items, n):
    """The items in lists of n, as `itertools.batched` of Python 3.12."""
    items = list(items)
    return [items[at : at + n] for at in range(0, len(items), n)]


def is_name(text):
    """Whether a command can be given that name: there are names without null, and icon refuses what is no text."""
    return not re.search("[\0/\n\ud800-\udfff]", text)


@pytest.mark.parametrize("several", batched(filter(lambda one: is_name(one.text), PAYLOADS), 8))
def test_a_file_named_like_payloads_is_named_as_the_table_says(command_line, tmp_path, several):
    done = command_line("run", "".join(payload.text for payload in several) + ".jsonl", cwd=tmp_path, code=2)
    assert "".join(payload.shown for payload in several) + ".jsonl: " in done.stderr
    assert unseen(done.stdout + done.stderr) == set()


STEERED = "a\x1b[31m\x07\u202e\u061c\u2028\u200b\ufeff\u206a\u206fz"

AS_SHOWN = r"a\u001b[31m\u0007\u202e\u061c\u2028\u200b\ufeff\u206a\u206fz"


@pytest.mark.parametrize(
    "words",
    [
        (STEERED,),
        ("run", f"--{STEERED}"),
        ("run", "pool.jsonl", "--subset", STEERED),
        ("run", "pool.jsonl", "--format", STEERED),
        ("run", "pool.jsonl", "--scorer", STEERED),
        ("run", "pool.jsonl", "--keep", STEERED),
        ("run", "pool.jsonl", "-o", STEERED),
        ("run", "pool.jsonl", "--config", STEERED),
        ("run", "pool.jsonl", "--template", STEERED),
        ("run", "pool.jsonl", "--device", STEERED),
        ("run", "pool.jsonl", STEERED),
        ("score", "pool.jsonl", "--share", STEERED),
        ("report", STEERED),
        ("explain", STEERED, STEERED),
        ("compare", STEERED, STEERED),
        ("export", STEERED, "--to", STEERED),
        ("verify", STEERED),
        ("select", STEERED),
        ("show-prompt", STEERED),
        ("plugins", STEERED),
        ("backends", STEERED),
    ],
)
def test_wrong_use_is_said_without_a_raw_character(command_line, tmp_path, words):
    (tmp_path / "pool.jsonl").write_text('{"instruction": "a", "output": "b"}\n')
    done = command_line(*words, cwd=tmp_path, code=2)
    assert unseen(done.stdout + done.stderr) == set()


def test_a_run_in_a_folder_named_like_its_pool_is_said_without_a_raw_character(command_line, tmp_path):
    pool = tmp_path / f"{STEERED}.jsonl"
    good = [payload for payload in PAYLOADS if not re.search("[\0\ud800-\udfff]", payload.text)]
    rows = [
        {"instruction": payload.text, "output": f"{payload.text} {n}", "kind": payload.text}
        for n, payload in enumerate(good)
    ]
    pool.write_text("".join(json.dumps(row) + "\n" for row in rows))
    tasks = tmp_path / f"tasks {STEERED}.jsonl"
    tasks.write_text('{"instruction": "a task", "output": "done"}\n')
    settings = ("--scorer", "length", "--assessment", tasks.name, "--group-field", "kind", "--keep", "5")
    done = command_line("run", pool.name, *settings, "--no-report", cwd=tmp_path, code=0)
    assert f"icon-runs/{AS_SHOWN}-" in done.stdout
    assert unseen(done.stdout + done.stderr) == set()
    (run,) = (tmp_path / "icon-runs").iterdir()
    for words in (("select", run, "--keep", "4"), ("report", run), ("explain", run, "row:3"), ("compare", run, run)):
        done = command_line(*words, cwd=tmp_path, code=0)
        assert unseen(done.stdout + done.stderr) == set(), words
    for words in (("select", run, "--keep", "3", "--json"), ("explain", run, "row:3", "--json")):
        done = command_line(*words, cwd=tmp_path, code=0)
        assert unseen(done.stdout + done.stderr) == set(), words
        assert json.loads(done.stdout)
    assert json.loads(done.stdout)["prompt"] == rows[3]["instruction"]  # JSON brings the text itself
    for to in ("csv", "parquet"):
        done = command_line("export", run, "--to", to, cwd=tmp_path, code=0)
        assert unseen(done.stdout + done.stderr) == set(), to


BROKEN = """
import warnings

from icon.plugins import Strategy, hookimpl

TEXT = {text!r}
warnings.warn(TEXT)
print(TEXT)


@hookimpl
def icon_selectors():
    return [Strategy(TEXT, TEXT, lambda options: None)]


@hookimpl
def icon_commands(app):
    raise ValueError(TEXT)
"""


@pytest.mark.parametrize("words", [("plugins",), ("plugins", "--all"), ("--help",), ("run", "nowhere.jsonl")])
def test_what_a_broken_plugin_says_comes_without_a_raw_character(command_line, tmp_path, words):
    install(tmp_path / "site", "icon-broken", BROKEN.format(text=STEERED))
    done = command_line(*words, paths=[tmp_path / "site"], cwd=tmp_path)
    assert AS_SHOWN in done.stdout + done.stderr
    assert unseen(done.stdout + done.stderr) == set()
