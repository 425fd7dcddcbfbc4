"""Plugins in a single file: loaded as a module of their own, and identified by the digest of their bytes."""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from inspect import isroutine
from pathlib import Path
from types import CodeType, ModuleType

from icon import trust
from icon._near import did_you_mean
from icon._small_files import MAX_PLUGIN, read_small
from icon.errors import ConfigError, UntrustedCodeError
from icon.plugins import specs
from icon.plugins._faults import place
from icon.plugins.containing import contained, kind_of

DIGITS = 12
HOOKS = tuple(name for name in vars(specs) if name.startswith("icon_"))
UNCALLED = "icon_commands"
"""The hook that a single file cannot implement: commands are built before --plugin is read."""


@dataclass(frozen=True, slots=True)
class SingleFile:
    """A loaded plugin file.

    Attributes:
        name: The file's name, used as the name of its distribution.
        digest: First 12 hex digits of the SHA-256 of its bytes, used as its version.
        path: Its absolute path.
        module: The file as a module.
    """

    name: str
    digest: str
    path: str
    module: ModuleType


def load_file(path: str, *, received: bool = False) -> SingleFile:
    """Load a plugin file; a loaded file that has not changed is not run again.

    Args:
        path: The file.
        received: Whether settings name it, and not the user: it is run only if the user allowed these very bytes.

    Raises:
        UntrustedCodeError: The user did not allow it.
        ConfigError: It does not exist, is not a Python file, raises, or implements no hook.
    """
    file = Path(path)
    source = _read(file)
    place_ = str(file.resolve())
    digest = sha256(source).hexdigest()
    if received and not trust.allows(path, digest):
        raise UntrustedCodeError(
            f"plugin {path} (SHA-256 {digest}) was not run: the settings name it, and you have not allowed this file. "
            f"Read it, and if you trust it, add --trust {path} (once; it is remembered)",
            digest,
        )
    if not received:
        trust.name(plugins={path: digest})
    module = _module(place_, file.stem, source)
    implemented = [name for name in dir(module) if _is_implementation(module, name)]
    _check_hooks(place_, module, implemented)
    return SingleFile(file.name, digest[:DIGITS], place_, module)


def absolute(path: str) -> str:
    """The absolute path of a plugin file, so that a run that records it can go on from another folder."""
    try:
        return str(Path(path).expanduser().absolute())
    except RuntimeError:  # no user has that ~name: a file of that name
        return str(Path(path).absolute())


class _Loader(SourceFileLoader):
    """Runs exactly the bytes whose digest was computed; no compiled copy is read or written."""

    def __init__(self, name: str, path: str, source: bytes) -> None:
        super().__init__(name, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        """The compiled bytes."""
        code: CodeType = self.source_to_code(self._source, self.path)
        return code


def _read(file: Path) -> bytes:
    if file.is_dir():
        raise ConfigError(f"plugin {file}: a folder; valid: one Python file. A plugin of several files is installed")
    if file.suffix != ".py":
        raise ConfigError(f"plugin {file}: found the ending {file.suffix!r}; valid: a Python file, which ends in .py")
    try:
        return read_small(file, MAX_PLUGIN)
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise ConfigError(f"plugin {file}: {reason}; looked in {file.parent.resolve()}") from None


def _module(path: str, stem: str, source: bytes) -> ModuleType:
    """The file as a module, under a name that follows from its path and bytes and that no import uses."""
    place_ = path.encode("utf-8", "surrogateescape")  # a name of a file may be no UTF-8
    name = f"icon_plugin_file_{stem}_{sha256(place_ + b'/' + source).hexdigest()[:DIGITS]}"
    if name in sys.modules:
        return sys.modules[name]
    loader = _Loader(name, path, source)
    spec = spec_from_file_location(name, path, loader=loader)
    assert spec is not None  # the loader is given
    module = module_from_spec(spec)
    sys.modules[name] = module  # before it runs: dataclasses and pydantic look their module up there
    try:
        with contained():
            loader.exec_module(module)
    except Exception as error:  # a plugin may raise anything at import
        del sys.modules[name]
        text = error.msg if isinstance(error, SyntaxError) else error
        where = place(error, [path]) or path
        raise ConfigError(f"plugin {where}: {kind_of(error)}: {text}; fix the file") from error
    return module


def _is_implementation(module: ModuleType, name: str) -> bool:
    """Whether that name is a function with the decorator `@hookimpl`."""
    value = getattr(module, name, None)
    return isroutine(value) and hasattr(value, f"{specs.hookimpl.project_name}_impl")


def _check_hooks(path: str, module: ModuleType, implemented: Collection[str]) -> None:
    usable = [name for name in HOOKS if name != UNCALLED]
    if unknown := [name for name in implemented if name not in HOOKS]:
        meant = did_you_mean(unknown[0], usable)
        raise ConfigError(f"plugin {path}: no hook is called {unknown[0]}; hooks: {', '.join(usable)}.{meant}")
    if any(name in usable for name in implemented):
        return
    if UNCALLED in implemented:
        raise ConfigError(f"plugin {path}: commands come from installed distributions only; hooks: {', '.join(usable)}")
    bare = [name for name in usable if callable(getattr(module, name, None))]
    do = f"put @hookimpl above {bare[0]}" if bare else "define one, with @hookimpl above it"
    raise ConfigError(f"plugin {path}: implements no hook; {do}. Hooks: {', '.join(usable)}")
