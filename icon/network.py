"""Whether this process may reach a hub: only for what its own user names, and never when it is to stay offline.

The names of models and data sets that a run folder states are looked up on this machine alone, in the local caches of
the hub's libraries: a folder from elsewhere must not decide which addresses this machine contacts.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar

from icon._hub_answers import NOT_REACHED, no_answer
from icon.errors import ConfigError

OFFLINE = "ICON_OFFLINE"
"""Environment variable that keeps every command offline, as `--offline` does one."""

PASSED_ON = "ICON_ONLINE"
"""Environment variable for processes that work for one that may reach the hub, and may do so as well."""

BY_USER = "this command is to stay offline (--offline or ICON_OFFLINE)"
OF_RUN = (
    "what a run folder or a run.json names is looked up on this machine only; if you know the name, add --online to "
    "ask the hub for it"
)
BESIDE = (
    "another call in this process works on a run folder or is to stay offline, and keeps the hub's libraries offline; "
    "call again when it has ended, or in a process of its own"
)
SWITCHED_OFF = "the hub is switched off for its libraries ({})"
FOR_ALL, FOR_DATA_SETS = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"), "HF_DATASETS_OFFLINE"
"""Variables that keep all of the hub's libraries offline, and the one for the library of data sets alone."""

ENVIRONMENT = (*FOR_ALL, FOR_DATA_SETS)
SWITCHES = {
    "huggingface_hub.constants": ("HF_HUB_OFFLINE",),
    "datasets.config": ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"),
}
"""What the hub's libraries made of these variables when they were imported, by module."""

_said: set[str] = set()

_WHY: ContextVar[str] = ContextVar("icon_offline", default="")


def is_on(variable: str) -> bool:
    """Whether an environment variable is set to something other than 0, false, no or nothing."""
    return os.environ.get(variable, "").strip().lower() not in ("", "0", "false", "no", "off")


def reason(*, received: bool, offline: bool = False, online: bool = False) -> str:
    """Why a command may not reach the hub; empty where it may.

    Args:
        received: Whether the names that it looks up are those of a run folder or a run.json.
        offline: Whether its user wants it offline; so does `ICON_OFFLINE`.
        online: Whether its user allows the names of the run folder; so does the process that this one works for.
    """
    if offline or is_on(OFFLINE):
        return BY_USER
    return OF_RUN if received and not online and not is_on(PASSED_ON) else ""


def why() -> str:
    """Why the hub may not be reached now; empty where it may."""
    return _WHY.get() or (BY_USER if is_on(OFFLINE) else BESIDE if _offline.calls else "")


def not_asked(because: str) -> str:
    """Words for a message that says a name was not found: the hub cannot be reached, or was not asked, and why."""
    because = because or "the hub cannot be reached"
    return because if because.startswith("the hub") else f"the hub was not asked: {because}"


@contextmanager
def asking(*, data_sets: bool = False) -> Iterator[str]:
    """Context in which names are looked up on the hub: where it cannot be reached, its libraries stay offline.

    So they find what was downloaded before, and fail at once where it was not, instead of asking for minutes. Where
    they found it, a warning of the logger `icon` says once that the hub was not reached.

    Args:
        data_sets: Whether the library `datasets` looks them up, which has a switch of its own.

    Yields:
        Why the hub is not asked; empty where it is.
    """
    because = unasked(data_sets=data_sets)
    with limited("" if why() else because):
        yield because
    if because.startswith(NOT_REACHED) and because not in _said:
        import logging

        _said.add(because)
        logging.getLogger("icon").warning("warning: %s; what was downloaded before is used as it is", because)


def unasked(*, data_sets: bool = False) -> str:
    """Why the hub is not asked now, be it that it cannot be reached; empty where it is asked. As in `asking`."""
    if because := why():
        return because
    switch = switched_off(data_sets=data_sets)
    return SWITCHED_OFF.format(switch) if switch else no_answer()


def switched_off(*, data_sets: bool = False) -> str:
    """The variable by which the hub is switched off for its libraries, or for that of data sets; empty where none is.

    A program may switch them off without it: then the name is that of the library's switch.
    """
    variables = (*FOR_ALL, FOR_DATA_SETS) if data_sets else FOR_ALL
    if found := next(filter(is_on, variables), ""):
        return found
    modules = SWITCHES if data_sets else ("huggingface_hub.constants",)
    return next((name for (module, name), value in _switches() if value and module in modules), "")


def refuse(what: str) -> None:
    """Refuse something that needs the network while the process is to stay offline.

    Raises:
        ConfigError: It is to stay offline.
    """
    if why() == BY_USER:
        raise ConfigError(f"{what}: {BY_USER}; leave that out to reach the network")


@contextmanager
def limited(because: str) -> Iterator[None]:
    """Context in which the hub's libraries stay offline for this reason; nothing changes where it is empty.

    Their switches are of the whole process: they are on while any thread is in such a context.
    """
    if not because:
        yield
        return
    token = _WHY.set(because)
    _offline.enter()
    try:
        yield
    finally:
        _offline.leave()
        _WHY.reset(token)


def as_named() -> AbstractContextManager[None]:
    """Context in which a name of the caller's own is looked up: offline where `ICON_OFFLINE` is set."""
    return limited(reason(received=False))


def for_children() -> Mapping[str, str]:
    """Environment variables for processes that work for this one: they may reach the hub where this one may."""
    if why() not in ("", BESIDE):
        return {PASSED_ON: "0"}
    return {PASSED_ON: "1", **_offline.environment_before()}


class _Offline:
    """The switches of the hub's libraries: on from the first call that needs them on to the end of the last.

    Attributes:
        calls: How many calls, of any thread, keep them on.
    """

    def __init__(self) -> None:
        self.calls = 0
        self._lock = threading.Lock()
        self._environment: dict[str, str | None] = {}
        self._switched: dict[tuple[str, str], bool] = {}

    def enter(self) -> None:
        with self._lock:
            if not self.calls:
                self._environment = {name: os.environ.get(name) for name in ENVIRONMENT}
                self._switched = dict(_switches())
            self.calls += 1
            os.environ.update(dict.fromkeys(ENVIRONMENT, "1"))
            _switch({place: True for place, _ in _switches()})

    def leave(self) -> None:
        with self._lock:
            self.calls -= 1
            if self.calls:
                return
            for name, value in self._environment.items():
                os.environ.pop(name, None) if value is None else os.environ.update({name: value})
            usual = any(map(is_on, ENVIRONMENT))  # of a library that was imported meanwhile
            _switch({place: self._switched.get(place, usual) for place, _ in _switches()})

    def environment_before(self) -> dict[str, str]:
        """The variables as they were, empty where unset; nothing while they are so."""
        with self._lock:
            return {name: value or "" for name, value in self._environment.items()} if self.calls else {}


_offline = _Offline()


def _switches() -> Iterator[tuple[tuple[str, str], bool]]:
    for module, names in SWITCHES.items():
        loaded = sys.modules.get(module)
        for name in names:
            if hasattr(loaded, name):
                yield (module, name), bool(getattr(loaded, name))


def _switch(values: Mapping[tuple[str, str], bool]) -> None:
    for (module, name), value in values.items():
        setattr(sys.modules[module], name, value)
