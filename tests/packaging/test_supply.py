"""An audit passes where every package was looked up and none is vulnerable, and nowhere else."""

import importlib.util
import json
import re
import sys
import tomllib
from types import SimpleNamespace

import pytest

from support.distributions import FOLDERS, ROOT


@pytest.fixture(scope="module")
def supply():
    spec = importlib.util.spec_from_file_location("supply", ROOT / ".ci/supply.py")
    sys.modules["supply"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules["supply"]


SOUND = {"name": "numpy", "version": "2.0", "vulns": []}
SKIPPED = {"name": "rich", "skip_reason": "Dependency not found on PyPI and could not be audited: rich (13.8)"}
OWN = {"name": "icon-select", "skip_reason": "Dependency not found on PyPI"}
VULNERABLE = {"name": "jinja2", "version": "3.0", "vulns": [{"id": "GHSA-1"}, {"id": "GHSA-2"}]}


@pytest.mark.parametrize(
    ("dependencies", "code", "said"),
    [
        ([SOUND, OWN], 0, "1 packages, no known vulnerability"),
        ([SOUND, SKIPPED], 3, "NOT AUDITED.*rich"),
        ([SKIPPED, OWN], 3, "NOT AUDITED.*of 1 packages"),
        ([], 3, "NOT AUDITED"),
        ([OWN], 3, "NOT AUDITED"),
        ([SOUND, VULNERABLE, SKIPPED], 1, "2 known vulnerabilities: jinja2 3.0: GHSA-1; jinja2 3.0: GHSA-2"),
    ],
)
def test_only_what_was_looked_up_counts_as_sound(supply, dependencies, code, said):
    verdict = supply.judge({"dependencies": dependencies}, ["icon-select"])
    assert verdict.code == code
    assert re.search(said, verdict.text)


@pytest.mark.parametrize(
    ("stdout", "stderr", "code", "said"),
    [
        ("", "ERROR: cannot connect to the service", 3, "NOT AUDITED: ERROR: cannot connect"),
        ("", "", 3, "NOT AUDITED: pip-audit printed nothing"),
        (json.dumps({"dependencies": [SKIPPED]}), "No known vulnerabilities found", 3, "NOT AUDITED"),
        (json.dumps({"dependencies": [SOUND]}), "No known vulnerabilities found", 0, "no known"),
    ],
)
def test_a_service_that_is_not_reached_is_no_pass(supply, tmp_path, monkeypatch, stdout, stderr, code, said):
    done = SimpleNamespace(stdout=stdout, stderr=stderr, returncode=0)
    monkeypatch.setattr(supply.subprocess, "run", lambda *_, **__: done)
    verdict = supply.audit(sys.executable, tmp_path, [])
    assert verdict.code == code
    assert said in verdict.text


def requirements():
    """Every requirement from elsewhere by name, with its lower bound and the distributions that have it."""
    found = {}
    for folder in FOLDERS:
        table = tomllib.loads((ROOT / folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        extras = [line for lines in table.get("optional-dependencies", {}).values() for line in lines]
        for line in [*table.get("dependencies", []), *extras]:
            name, _, bound = re.sub(r"\[.*?\]", "", line).partition(">=")
            if not line.startswith("icon-"):
                found.setdefault((name, bound), set()).add(table["name"])
    return found


def test_every_direct_dependency_has_one_lower_bound_and_a_reason_in_the_documentation():
    page = (ROOT / "docs/reference/dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| ([\w.]+) \| ([^|]+) \| ([^|]{20,}) \|$", page, re.MULTILINE)
    listed = {(name, bound): set(re.findall(r"`([\w-]+)`", users)) for name, bound, users, _ in rows}
    assert listed == requirements()
