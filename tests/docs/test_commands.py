"""Every command of the documentation is run for real, or says why it is not (docs/contributing.md has the rules)."""

import itertools
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest

from support.shell_blocks import Blocks, icon_commands
from support.tiers import FULL, of_tier

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("backends/*/README.md")),
    *sorted(ROOT.glob("plugins/*/README.md")),
]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
IN_BASH = of_tier(["README.md"], NAMES)
"""Pages whose every command is a process, as a reader's are."""
REASONS = re.compile(
    r"needs a GPU|needs the network|shown as output|example of another tool"
    r"|(?:takes \d+ minutes?|installs); (?P<covered>\S+)"
)
COMMENT = re.compile(r"<!-- (not run|file|given|run by): (.+?) -->")
COMMAND = re.compile(r"(?:^|&& )(icon [a-z][a-z-]*[^#\n&|]*)", re.MULTILINE)
FENCE = re.compile(r"^ *(```+)(\S*)")


@dataclass
class Block:
    """A fenced block: where it is, its language, its text, and what the comment before it says."""

    line: int
    language: str
    text: str
    word: str = ""
    said: str = ""


def read(page):
    """The fenced blocks of a page, what is said of the page as a whole, and the lines outside of blocks."""
    found, whole, outside, fence, comment = [], {"given": [], "run by": []}, [], None, None
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        opened = FENCE.match(line)
        if fence is not None and line.strip() == fence:
            fence = None
        elif fence is not None:
            found[-1].text += line + "\n"
        elif opened:
            fence = opened[1]
            found.append(Block(number, opened[2], "", *(comment or ("", ""))))
            comment = None
        elif match := COMMENT.fullmatch(line.strip()):
            if match[1] in whole:
                whole[match[1]] += match[2].split()
            else:
                comment = match.groups()
        else:
            outside.append((number, line))
            if line.strip():
                assert comment is None, f"{page}:{number}: the comment {comment} stands before no block"
    return found, whole, outside


def runs(page):
    """The blocks of a page that are run here."""
    blocks, whole, _ = read(page)
    return [each for each in blocks if each.language == "sh" and each.word != "not run" and not whole["run by"]]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_a_command_that_is_not_run_says_why(page):
    blocks, whole, outside = read(page)
    assert all((ROOT / each).is_file() for each in whole["run by"])
    for each in blocks:
        place = f"{page}:{each.line}"
        assert each.language, f"{place}: a block without a language; commands are sh, output is text"
        assert each.language not in ("bash", "shell", "console", "shell-session"), f"{place}: commands are sh blocks"
        if each.word == "not run":
            assert each.language == "sh", f"{place}: only sh blocks are run"
            reason = REASONS.fullmatch(each.said)
            assert reason, f"{place}: not run: {each.said}: valid: {REASONS.pattern}"
            assert not reason["covered"] or (ROOT / reason["covered"]).exists(), f"{place}: {reason['covered']}"
    indented = [
        f"{page}:{number}: {line}"
        for (_, before), (number, line) in itertools.pairwise(outside)
        if not before.strip() and re.match(r" {4,}(\$ )?(icon|pip|nox|python3?|pytest|uv) ", line)
    ]
    assert not indented


def not_run():
    found = set()
    for page in PAGES:
        for each in read(page)[0]:
            if each.language == "sh" and each.word == "not run":
                found |= set(COMMAND.findall(each.text.replace("\\\n", " ")))
    return sorted(command.strip() for command in found)


@pytest.mark.parametrize("command", not_run())
def test_a_command_that_is_not_run_exists_with_its_options(command, command_line):
    words = command.split()
    done = command_line(words[1], "--help", code=0)
    options = {word.split("=")[0] for word in words if word.startswith("--")}
    assert all(option in done.stdout for option in options), options


def test_commands_are_split_as_bash_splits_them():
    blocks = [block.text for page in PAGES for block in runs(page) if icon_commands(block.text)]
    split = [words for block in blocks for words in icon_commands(block)]
    assert len(split) > 30
    shown = "icon() { printf '%s\\0' \"$@\" '<end>'; }\n" + "\n".join(blocks)
    done = subprocess.run(["bash", "-eu", "-c", shown], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split("\0")[:-1] == [word for words in split for word in (*words, "<end>")]


@pytest.mark.parametrize(
    "block",
    [
        "icon run > out.txt",
        "icon run | head",
        "icon run; ls",
        "icon run &",
        "icon run $POOL",
        'icon run "$POOL"',
        "icon run *.jsonl",
        "icon run pool.{json,csv}",
        "icon run ~/pool.jsonl",
        "icon run a\\ b.jsonl",
        "icon run 'a",
        "NAME=1 icon run",
        "icon run\npython program.py",
        "icon run || true",
        "# nothing",
    ],
)
def test_what_a_shell_does_more_than_split_is_left_to_one(block):
    assert icon_commands(block) is None


def embedded(name, n):
    """The shortest records of an embedded file, in their order and without what marks the planted ones."""
    records = [
        json.loads(line) for line in files("icon.samples.demo").joinpath(name).read_text(encoding="utf-8").splitlines()
    ]
    shortest = sorted(records, key=lambda each: len(each["instruction"] + each["input"] + each["output"]))[:n]
    plain = [{key: each[key] for key in ("instruction", "input", "output")} for each in records if each in shortest]
    return "".join(json.dumps(each) + "\n" for each in plain)


def prepare(folder):
    folder.joinpath("pool.jsonl").write_text(embedded("demo_pool.jsonl", 24), encoding="utf-8")
    folder.joinpath("my_tasks.jsonl").write_text(embedded("demo_assessment.jsonl", 3), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def model(tiny_embedded):
    """Folders for Python's path: the tiny model in the place of the embedded one; in the long tier that itself."""
    pytest.importorskip("icon_llamacpp", reason="the backend llamacpp is not installed")
    return [] if FULL else [tiny_embedded]


@pytest.fixture(scope="module")
def finished(tmp_path_factory, model):
    """Gives a finished run by its name, made when it is first asked for."""
    folder = prepare(tmp_path_factory.mktemp("finished"))
    seeds = {"runs/mine": 42, "runs/other": 7}

    def _finished(name):
        if not (folder / name).exists():
            options = f"--assessment my_tasks.jsonl --keep 25% --seed {seeds[name]} --out {name}"
            Blocks(folder, model)(f"icon run pool.jsonl {options}")
        return folder / name

    return _finished


@pytest.mark.parametrize("name", [name for name, page in zip(NAMES, PAGES, strict=True) if runs(page)])
def test_the_commands_of_a_page_run_from_top_to_bottom(name, tmp_path, finished, model):
    blocks, whole, _ = read(ROOT / name)
    carry_out = Blocks(prepare(tmp_path), model, in_bash=name in IN_BASH)
    for run in whole["given"]:
        shutil.copytree(finished(run), tmp_path / run)
    for each in blocks:
        if each.word == "file":
            place = tmp_path / each.said
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(each.text, encoding="utf-8")
        elif each in runs(ROOT / name):
            carry_out(each.text)
