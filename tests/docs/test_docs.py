"""The documentation says what is there: links lead somewhere, options exist, and CI runs the README's command."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted(ROOT.glob("docs/**/*.md")),
    *ROOT.glob("backends/*/README.md"),
    *ROOT.glob("plugins/*/README.md"),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not missing


def commands():
    found = set()
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL) + re.findall(r"^    (?=\S)(.*)$", text, re.MULTILINE)
        for line in "\n".join(blocks).splitlines():
            if match := re.match(r"(?:pip install .* && )?(icon [a-z-]+.*)", line):
                found.add(match[1].split("#")[0].strip())
    return sorted(found)


@pytest.mark.parametrize("command", commands())
def test_every_command_and_option_in_the_docs_exists(command):
    words = command.split()
    done = subprocess.run(
        [sys.executable, "-m", "icon", words[1], "--help"], capture_output=True, text=True, check=True, timeout=60
    )
    options = {word.split("=")[0] for word in words if word.startswith("--")}
    assert all(option in done.stdout for option in options), options


def test_ci_runs_the_readmes_second_command_and_nothing_else():
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for line in (ROOT / ".ci/run").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[-1] == blocks[1].strip()
    assert lines[:-1] == [
        "set -euo pipefail",
        'cd "$(dirname "$0")/.."',
        "python3 -m venv .venv",
        ". .venv/bin/activate",
    ]


def test_all_distributions_have_one_version():
    files = [ROOT / "pyproject.toml", *ROOT.glob("backends/*/pyproject.toml"), *ROOT.glob("plugins/*/pyproject.toml")]
    versions = {re.search(r'^version = "(.+)"', path.read_text(), re.MULTILINE)[1] for path in files}
    code = re.search(r'__version__ = "(.+)"', (ROOT / "icon/__init__.py").read_text())[1]
    assert versions == {code}


def test_the_scorer_of_the_how_to_works(tmp_path, monkeypatch):
    page = (ROOT / "docs/how-to/write-a-plugin.md").read_text(encoding="utf-8")
    (tmp_path / "my_scorer.py").write_text(re.search(r"```python\n(.*?)```", page, re.DOTALL)[1])
    monkeypatch.syspath_prepend(tmp_path)
    import my_scorer

    from icon.hooks.manager import Plugins

    plugins = Plugins(entry_points=False)
    plugins.register(my_scorer, "my-scorer")
    scorer = plugins.get("scorer", "questions").make({})
    assert scorer.value_of(type("Sample", (), {"response": "What? Why?"})) == 2
