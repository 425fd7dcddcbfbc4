"""Strategies: named implementations of a stage, listed without heavy imports, and checked when built."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from inspect import get_annotations
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError

from icon._near import did_you_mean
from icon._setting_faults import lines_of, together
from icon.errors import ConfigError, IconError, PluginError
from icon.plugins.containing import contained, kind_of
from icon.plugins.contract import remember


class Options(BaseModel):
    """Base class of a strategy's options; unknown options are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    exact: ClassVar[Mapping[str, Any]] = {}
    """Of a backend: the option values under which its numbers are most exact, for `icon verify`."""

    instead: ClassVar[Mapping[str, str]] = {}
    """What to say of options that only other strategies of the kind have: what to write in their place, by name."""

    narrows: ClassVar[bool] = False
    """Of a selector: whether it has the ability `icon.plugins.Narrowing`, so that it need not be built to know it."""

    @classmethod
    def as_begun(cls, given: Mapping[str, Any], model: Mapping[str, Any]) -> Mapping[str, Any]:
        """Of a backend: what to add to the options so that a run goes on with the model that it was begun with.

        Args:
            given: The options as the run's settings have them.
            model: What `run.json` records of the model: the fields of `icon.types.BackendInfo`.

        Returns:
            Option values, such as a precision that an earlier version chose otherwise; by default none.
        """
        return {}


@dataclass(frozen=True, slots=True)
class Strategy:
    """A named implementation that a plugin offers.

    Attributes:
        name: What users type.
        summary: One line for listings.
        build: Builds the object from its options; heavy imports belong in here.
        options: The options as a pydantic model, each field with a description.
        distribution: Filled in by the manager: the distribution that offers it.
        find: Of a backend: refuses options whose model is not there, in a moment and without loading it, so that a run
            is refused before anything is written. It may leave to `build` what it cannot know so quickly.
        advice: Of a backend: one sentence on what would be faster or better on this machine, from what is found in a
            moment without loading anything; mostly empty. `icon backends` prints it.
    """

    name: str
    summary: str
    build: Callable[[Any], Any]
    options: type[BaseModel] = Options
    distribution: str = field(default="", compare=False)
    find: Callable[[Any], None] | None = field(default=None, compare=False)
    advice: Callable[[], str] | None = field(default=None, compare=False)

    def make(self, options: dict[str, Any]) -> Any:
        """Validate the options and build the object.

        Raises:
            ConfigError: An option is unknown or has a wrong value; the message lists every fault.
        """
        return self.build(self.validate(options))

    def validate(self, options: dict[str, Any]) -> BaseModel:
        """Validate the options; returns them as their model.

        Raises:
            ConfigError: An option is unknown or has a wrong value; the message lists every fault.
        """
        try:
            return self.options.model_validate(options)
        except ValidationError as error:
            faults = lines_of(error, self.options, self._unknown, what="option")
            head = self.name if len(faults) == 1 else f"{self.name}: options that do not fit"
            raise ConfigError(together(head, faults)) from None

    def _unknown(self, name: str) -> str:
        """What to say of an option that the strategy does not have."""
        if known := getattr(self.options, "instead", {}).get(name):
            return f"; {known}"
        takes = f"; {self.name} takes {', '.join(self.options.model_fields) or 'none'}"
        meant = did_you_mean(name, self.options.model_fields)
        return takes + (f".{meant}" if meant else "")


def built(strategy: Strategy, options: dict[str, Any], protocol: type, kind: str) -> Any:
    """Build a strategy's object, and check that it has everything its protocol names.

    Args:
        strategy: The strategy.
        options: Its options.
        protocol: One of the protocols in `icon.plugins`.
        kind: Its kind, for messages: "scorer", "selector", "assessment builder", "reader".

    Raises:
        ConfigError: The options are invalid.
        PluginError: It cannot be built, or lacks something.
    """
    with blamed(strategy, kind, "could not be built"):
        made = strategy.make(options)
    if missing := [name for name in _members(protocol) if not hasattr(made, name)]:
        raise PluginError(
            f"{_named(strategy, kind)}: what it builds has no {', '.join(missing)}; valid: all that "
            f"icon.plugins.{protocol.__name__} names"
        )
    remember(made, strategy)
    return made


@contextmanager
def blamed(strategy: Strategy, kind: str, what: str) -> Iterator[None]:
    """Turn any error that is not icon's own into a `PluginError` that names the strategy.

    Args:
        strategy: The strategy whose code runs.
        kind: Its kind, for the message.
        what: What happened, for the message: "raised", "could not be built".
    """
    try:
        with contained():
            yield
    except IconError:
        raise
    except Exception as error:  # a plugin may raise anything
        raise PluginError(f"{_named(strategy, kind)} {what}: {kind_of(error)}: {error}") from error


def _named(strategy: Strategy, kind: str) -> str:
    return f"{kind} {strategy.name} ({strategy.distribution or 'icon'})"


def _members(protocol: type) -> list[str]:
    """Names of the attributes and methods that a protocol class defines itself."""
    methods: list[Callable[..., Any]] = [member for member in vars(protocol).values() if callable(member)]
    names = [*get_annotations(protocol), *(method.__name__ for method in methods)]
    return [name for name in names if not name.startswith("_")]
