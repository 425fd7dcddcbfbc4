"""The virtual environments below .nox that sessions share: made once, and anew when what they are made of changed."""

from __future__ import annotations

import json
import os
import re
import sys
import time
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.version import Version

Run = Callable[..., Any]
"""Runs a program of an environment: its name and its words, and environment variables as `env`."""


def project(folder: str) -> dict[str, Any]:
    """The tables of a distribution's pyproject.toml that decide what is installed."""
    found = tomllib.loads(Path(folder, "pyproject.toml").read_text(encoding="utf-8"))
    return {"project": found["project"], "build": found["build-system"], "hatch": found["tool"]["hatch"]}


def needed(folders: Iterable[str], *, every_extra: bool = False) -> list[str]:
    """What distributions require from elsewhere: the embedded model included, and all other extras where asked for."""
    found: set[str] = set()
    for folder in folders:
        table = project(folder)["project"]
        extras = table.get("optional-dependencies", {})
        wanted = extras if every_extra else extras.keys() & {"embedded"}
        found.update([*table["dependencies"], *(line for name in wanted for line in extras[name])])
    return sorted(line for line in found if not line.startswith("icon-"))


def lowest(*folders: str) -> list[str]:
    """Requirements from elsewhere of distributions, pinned to the lowest versions that all of them allow.

    Raises:
        ValueError: A requirement has no lower bound.
    """
    pinned: dict[str, Version] = {}
    for requirement in map(Requirement, needed(folders)):
        bounds = [each.version for each in requirement.specifier if each.operator in (">=", "==", "~=")]
        if len(bounds) != 1:
            raise ValueError(f"pyproject.toml: {requirement}: expected one lower bound, as in name>=1.2")
        pinned[requirement.name] = max(Version(bounds[0]), pinned.get(requirement.name, Version("0")))
    return sorted(f"{name}=={version}" for name, version in pinned.items())


def environment(
    session: Any, name: str, *steps: Sequence[str], own: Iterable[str], times: dict[str, float] | None = None
) -> Run:
    """Make the virtual environment .nox/`name` unless it is there and made of the same things.

    Args:
        session: The session that wants it.
        name: A folder of .nox.
        steps: The arguments of one `pip install` each.
        own: Folders of our distributions; what their pyproject.toml say belongs to what it is made of.
        times: Where the seconds of making it are noted.

    Returns:
        A function that runs a program of it.
    """
    folder = Path(".nox", name).absolute()
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    version = re.findall(r"^__version__ = .*", Path("icon/__init__.py").read_text(encoding="utf-8"), re.MULTILINE)
    made_of = json.dumps([sys.version, os.fspath(folder), steps, version, *map(project, own)], indent=1)
    stamp = folder / "made-of.json"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != made_of:
        start = time.monotonic()
        stamp.unlink(missing_ok=True)
        session.run_install(sys.executable, "-m", "venv", "--clear", folder, silent=True)
        for step in steps:  # modules are compiled when they are first imported: most never are
            session.run_install(programs / "python", "-m", "pip", "install", "--no-compile", *step, silent=True)
        stamp.write_text(made_of, encoding="utf-8")
        if times is not None:
            times[f"installing {name}"] = time.monotonic() - start

    def run(program: str, *words: str, env: Mapping[str, str] | None = None) -> Any:
        path = os.pathsep.join([os.fspath(programs), os.environ["PATH"]])
        given = {"PATH": path, "VIRTUAL_ENV": os.fspath(folder), **(env or {})}
        return session.run(programs / program, *words, env=given, external=True)

    return run
