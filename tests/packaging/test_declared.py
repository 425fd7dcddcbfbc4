"""What a distribution imports it requires itself: nothing comes along only because something else needs it."""

import ast
import sys
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from support.distributions import FOLDERS, ROOT

OTHER_NAMES = {"sklearn": "scikit-learn", "llama_cpp": "llama-cpp-python", "icon": "icon-select", "yaml": "pyyaml"}
OTHER_NAMES |= {"mlflow": "mlflow-skinny"}
"""Modules whose distribution has another name."""

WITHOUT = {
    "pytest": "icon.testing is for test suites, which bring it along",
    "IPython": "asked for only where a notebook runs",
    "pydantic_core": "the half of pydantic that is compiled: pydantic requires exactly one version of it",
}
"""Modules that are imported without being required, and why."""


def imported(tree):
    """Top-level modules of the imports that run, so those for type checkers are left out."""
    skipped = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            skipped.update(id(inner) for part in node.body for inner in ast.walk(part))
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.partition(".")[0]


def required(project):
    """Names of what a pyproject.toml asks for, its extras included, and its own."""
    table = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = table.get("optional-dependencies", {}).values()
    lines = [*table.get("dependencies", []), *(line for extra in extras for line in extra)]
    return {canonicalize_name(Requirement(line).name) for line in lines} | {canonicalize_name(table["name"])}


@pytest.mark.parametrize("project", FOLDERS, ids=lambda project: project.name)
def test_every_import_of_another_package_is_a_requirement(project):
    (package,) = (path for path in project.glob("icon*") if path.is_dir())
    found = {}
    for path in sorted(package.rglob("*.py")):
        for name in imported(ast.parse(path.read_text(encoding="utf-8"))):
            if name not in sys.stdlib_module_names and name not in WITHOUT:
                found.setdefault(canonicalize_name(OTHER_NAMES.get(name, name)), path.relative_to(ROOT).as_posix())
    missing = {name: path for name, path in found.items() if name not in required(project)}
    assert missing == {}, "pyproject.toml: dependencies"


def test_the_imports_are_seen_but_for_those_of_type_checkers():
    tree = ast.parse(
        "from __future__ import annotations\nfrom typing import TYPE_CHECKING\nimport numpy.linalg as n, os\n"
        "if TYPE_CHECKING:\n    import pandas\nelse:\n    import torch\n"
        "def f():\n    from scipy import stats\n    from . import here\n"
    )
    assert set(imported(tree)) == {"__future__", "typing", "numpy", "os", "torch", "scipy"}
