"""The documentation says what is there: links lead somewhere, versions agree, and CI runs the README's command."""

import re
import tomllib
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
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    links = re.findall(r"\]\(([^)#]+)", text)
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not missing


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
    read = {path: tomllib.loads(path.read_text(encoding="utf-8")) for path in files}
    assert all("version" in settings["project"]["dynamic"] for settings in read.values())
    sources = {
        (path.parent / settings["tool"]["hatch"]["version"]["path"]).resolve() for path, settings in read.items()
    }
    assert sources == {ROOT / "icon/__init__.py"}
    code = re.search(r'__version__ = "(.+)"', (ROOT / "icon/__init__.py").read_text())[1]
    pins = {pin for path in files for pin in re.findall(r'"icon-[\w-]+(?:\[\w+\])?==([^"]+)"', path.read_text())}
    assert pins == {code}
