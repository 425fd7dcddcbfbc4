"""What this user allows to run: code that a run folder or a settings file names runs only if it is among that.

Settings are data, wherever they come from: they may name a plugin file or a model with code of its own, and neither
runs for that reason. It runs where the user named it (`--plugin FILE`, `-o backend.trust_remote_code=true`,
`--trust PATH`, an argument of the Python interface), or where the user began a run with the same bytes before: their
SHA-256 is in a store of the user's own, a folder with one small file per digest.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from icon.errors import ConfigError, UntrustedCodeError

STORE = "ICON_TRUST_STORE"
"""Environment variable with the folder of the store, in place of the user's own."""

PASSED_ON = "ICON_TRUSTED"
"""Environment variable with the digests that a process passes on to the processes it starts."""


@dataclass(slots=True)
class Caller:
    """What the user named in one command, or in one call of the Python interface.

    Attributes:
        plugins: Digests of plugin files by absolute path; empty until a file is loaded.
        options: Options of strategies, such as `backend.trust_remote_code`.
        trusted: Values of `--trust`: plugin files, folders of models, names of models on the hub.
        allowed: Digests that were allowed so, for the processes that work for this one: the store may be read-only.
        faults: Why something allowed could not be remembered, a sentence each.
    """

    plugins: dict[str, str] = field(default_factory=dict)
    options: set[str] = field(default_factory=set)
    trusted: tuple[str, ...] = ()
    allowed: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def trusts(self, target: str) -> bool:
        """Whether `--trust` names this file, folder or hub name."""
        return any(target == given or _place(target) == _place(given) for given in self.trusted)


_CALLER: ContextVar[Caller | None] = ContextVar("icon_caller", default=None)
_GUARDED: ContextVar[bool] = ContextVar("icon_guarded", default=False)


@contextmanager
def calling(
    *, plugins: Iterable[str] = (), options: Iterable[str] = (), trusted: Iterable[str] = ()
) -> Iterator[Caller]:
    """Context of one command or call: what its user named."""
    named = Caller(dict.fromkeys(plugins, ""), set(options), tuple(trusted))
    token = _CALLER.set(named)
    try:
        yield named
    finally:
        _CALLER.reset(token)


def caller() -> Caller:
    """What the user named in the present command or call; nothing outside of `calling`."""
    return _CALLER.get() or Caller()


def name(*, plugins: Mapping[str, str] | None = None, options: Iterable[str] = ()) -> None:
    """Note what the present command names, plugin files with their digests; without effect outside of `calling`."""
    if (known := _CALLER.get()) is not None:
        known.plugins |= plugins or {}
        known.options |= set(options)


def remember_plugins() -> None:
    """Remember the plugin files that the present command names: a run is begun or goes on with them."""
    for path, digest in caller().plugins.items():
        if digest:
            remember(digest, path)


@contextmanager
def guarded() -> Iterator[None]:
    """Context in which a model is opened with the settings of a run: `check_code` asks for the user's permission."""
    token = _GUARDED.set(True)
    try:
        yield
    finally:
        _GUARDED.reset(token)


def check_code(option: str, target: str, digest: str, what: str, *, lasting: bool = True) -> None:
    """Refuse to run code that comes with a model, unless the user allowed it; for backends, before they run it.

    Outside of a run the options are the caller's own, and nothing is refused.

    Args:
        option: The option of the backend that lets it run, without its stage: `trust_remote_code`.
        target: Folder or hub name of the model, as `--trust` takes it.
        digest: SHA-256 of the code and of the files that say which code is run, in hex.
        what: What would run, for the message.
        lasting: Whether the digest covers all of it, so that it is remembered; otherwise each command names it.

    Raises:
        UntrustedCodeError: The user did not allow it.
    """
    if not _GUARDED.get():
        return
    named = f"backend.{option}" in caller().options
    if not lasting:
        if named or caller().trusts(target):
            caller().allowed.add(digest)
        allowed, how = digest in caller().allowed | _inherited(), "with each command: it may change from day to day"
    else:
        if named:
            remember(digest, target)
        allowed, how = named or allows(target, digest), "once; it is remembered"
    if not allowed:
        raise UntrustedCodeError(
            f"{what} (SHA-256 {digest}) was not run: the settings ask for it ({option}), and you have not allowed it. "
            f"Read it, and if you trust it, add --trust {target} ({how})",
            digest,
        )


def check_folder(option: str, folder: Path) -> None:
    """Refuse to make files in a folder that a run's settings name, unless the user did; for strategies that write.

    Outside of a command or call of the Python interface the options are the caller's own, and nothing is refused.

    Args:
        option: The option that names it, with its stage: `selector.checkpoints`.
        folder: The folder.

    Raises:
        ConfigError: The user did not allow it.
    """
    if _CALLER.get() is None:
        return
    place = str(folder.absolute())
    digest = sha256(_encoded(f"folder {place}")).hexdigest()
    if option in caller().options:
        remember(digest, place)
    elif not allows(place, digest):
        raise ConfigError(
            f"{option}={folder}: the settings of a run folder name this place, and you have not: nothing is written "
            f"there. If you want that, add --trust {place} (once; it is remembered)"
        )


def allows(target: str, digest: str) -> bool:
    """Whether the user allowed these bytes: by `--trust` now, which is remembered, or earlier."""
    if caller().trusts(target):
        remember(digest, target)
        return True
    return is_trusted(digest)


def is_trusted(digest: str) -> bool:
    """Whether the user has allowed bytes of this SHA-256."""
    if digest in caller().allowed or digest in _inherited():
        return True
    folder = store()
    try:
        return folder is not None and (folder / digest).is_file()
    except OSError:
        return False


def remember(digest: str, target: str) -> None:
    """Put a digest into the user's store; where it cannot be written, the caller gets a fault to report."""
    caller().allowed.add(digest)
    folder, reason = store(), "no home folder is known"
    if folder is not None:
        try:
            if not (folder / digest).is_file():
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                (folder / digest).write_bytes(_encoded(f"{target}\n{datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n"))
        except OSError as error:
            reason = error.strerror or str(error)
        else:
            return
    fault = (
        f"{target}: that you allow it could not be remembered ({reason}; {STORE} names another folder for that); later "
        f"commands on this run need --trust {target}"
    )
    if fault not in caller().faults:
        caller().faults.append(fault)


def store() -> Path | None:
    """The folder of the user's store; None where no home folder is known.

    `ICON_TRUST_STORE`, else `icon/trusted` in `XDG_CONFIG_HOME` or `~/.config`.
    """
    try:
        if given := os.environ.get(STORE):
            return Path(given).expanduser()
        config = os.environ.get("XDG_CONFIG_HOME", "")
        return (Path(config) if Path(config).is_absolute() else Path.home() / ".config") / "icon" / "trusted"
    except RuntimeError:
        return None


def for_children() -> Mapping[str, str]:
    """Environment variables for processes that work for this one: what it allowed, they may run."""
    allowed = sorted(caller().allowed | _inherited())
    return {PASSED_ON: ",".join(allowed)} if allowed else {}


def digest_of_files(folder: Path, files: Iterable[Path]) -> str:
    """SHA-256 over the names and contents of files of a folder.

    Raises:
        OSError: One cannot be read.
    """
    whole = sha256()
    for path in sorted(files):
        name = _encoded(path.relative_to(folder).as_posix())
        whole.update(name + f"\0{sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def _encoded(text: str) -> bytes:
    """A text with names of files in it, which may be no UTF-8, and surrogates of another origin (of JSON)."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _inherited() -> set[str]:
    """Digests that the process this one works for has allowed."""
    return set(filter(None, os.environ.get(PASSED_ON, "").split(",")))


def _place(text: str) -> str:
    """The absolute path, links resolved, or the text where it is none."""
    try:
        return str(Path(text).expanduser().resolve())
    except (OSError, RuntimeError, ValueError):
        return text
