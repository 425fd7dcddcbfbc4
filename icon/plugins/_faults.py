"""Faults of plugins: what is wrong, where in the plugin's files, and what to do."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution
from importlib.util import find_spec
from traceback import walk_tb

from icon.plugins.containing import kind_of


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a plugin.

    Attributes:
        what: What is wrong.
        where: File and line in the plugin; empty where that is not known.
        advice: What to do.
    """

    what: str
    where: str = ""
    advice: str = ""

    def __str__(self) -> str:
        return ". ".join(part for part in (self.what, self.where and f"In {self.where}", self.advice) if part)


def raised(error: BaseException, roots: Sequence[str], distribution: str, doing: str = "") -> Fault:
    """The fault of a plugin that raised an exception.

    Args:
        error: The exception.
        roots: Its folders and files.
        distribution: Its name, for the advice.
        doing: What raised, such as the name of a hook; empty at import.
    """
    text = " ".join(str(error).partition("\n\n")[0].split()) or "without a message"  # pydantic adds a link below
    if isinstance(error, SyntaxError):
        text = error.msg
    what = f"{doing} raised {kind_of(error)}: {text}" if doing else f"{kind_of(error)}: {text}"
    return Fault(what, place(error, roots), _advice(error, distribution))


def place(error: BaseException, roots: Sequence[str]) -> str:
    """File and line of the innermost frame of an exception in the plugin's files; empty where there is none."""
    if isinstance(error, SyntaxError) and error.filename and _inside(error.filename, roots):
        return f"{error.filename}, line {error.lineno}"
    frames = [
        (frame.f_code.co_filename, line)
        for frame, line in walk_tb(error.__traceback__)
        if _inside(frame.f_code.co_filename, roots)
    ]
    return "{}, line {}".format(*frames[-1]) if frames else ""


def roots_of(module: str) -> list[str]:
    """Folders and files of the package that a module belongs to, without importing it."""
    try:
        spec = find_spec(module.partition(".")[0])
    except (ImportError, ValueError):
        return []
    if spec is None:
        return []
    return [*(spec.submodule_search_locations or ()), *([spec.origin] if spec.origin else [])]


def misfits(distribution: Distribution, name: str, installed: str) -> list[Fault]:
    """Faults for the requirements of a distribution on `name` that the installed version does not meet."""
    plain = (name, f"{name}=={installed}")
    asking = [text for text in distribution.requires or [] if text.startswith(name) and text not in plain]
    if not asking:
        return []
    from packaging.requirements import InvalidRequirement, Requirement  # takes 20 ms, and few plugins need it
    from packaging.utils import canonicalize_name

    found = []
    for text in asking:
        try:
            requirement = Requirement(text)
            applies = canonicalize_name(requirement.name) == name and (
                requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            )
        except InvalidRequirement:
            continue  # pip would not have installed it
        except ValueError as error:  # a marker that compares values that cannot be compared
            found.append(Fault(f"its requirement {text!r} cannot be evaluated ({error})", advice="Fix its metadata"))
            continue
        if applies and not requirement.specifier.contains(installed, prereleases=True):
            advice = f"Install versions that fit: pip install --upgrade {name} {distribution.metadata['Name']}"
            found.append(Fault(f"it needs {name}{requirement.specifier}, and {installed} is installed", advice=advice))
    return found


def _inside(file: str, roots: Sequence[str]) -> bool:
    return any(file == root or file.startswith(root.rstrip(os.sep) + os.sep) for root in roots)


def _advice(error: BaseException, distribution: str) -> str:
    missing = getattr(error, "name", None) if isinstance(error, ImportError) else None
    if missing and missing.partition(".")[0] == "icon":
        return f"It was written for another version of icon-select: pip install --upgrade {distribution}"
    if isinstance(error, ModuleNotFoundError) and missing:
        return f"Install what has the module {missing}; `pip check` says what is missing, too"
    return "Fix the file" if distribution.endswith(".py") else f"Fix it, or remove it: pip uninstall {distribution}"
