"""A strategy: one named way of doing a stage, listed without importing anything heavy, and checked when built."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from inspect import get_annotations
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError

from icon.errors import ConfigError, IconError, PluginError


class Options(BaseModel):
    """Base of a strategy's options: unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    exact: ClassVar[Mapping[str, Any]] = {}
    """Of a backend: the option values under which its numbers carry the most digits, for `icon verify`."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """What a plugin offers under a name.

    Attributes:
        name: What users type.
        summary: One line for listings.
        build: Makes the thing from its options; heavy imports belong in here.
        options: The options as a pydantic model, each field with a description.
        distribution: Filled in by the manager: the distribution that offers it.
    """

    name: str
    summary: str
    build: Callable[[Any], Any]
    options: type[BaseModel] = Options
    distribution: str = field(default="", compare=False)

    def make(self, options: dict[str, Any]) -> Any:
        """Validate the options and build.

        Raises:
            ConfigError: An option is unknown or has a wrong value; all faults are told at once.
        """
        return self.build(self.validate(options))

    def validate(self, options: dict[str, Any]) -> BaseModel:
        """The options as their model.

        Raises:
            ConfigError: An option is unknown or has a wrong value; all faults are told at once.
        """
        try:
            return self.options.model_validate(options)
        except ValidationError as error:
            valid = ", ".join(self.options.model_fields) or "none"
            faults = [
                f"  {'.'.join(map(str, e['loc'])) or self.name}: {e['msg']} (found {e['input']!r})"
                for e in error.errors()
            ]
            text = "\n".join([f"{self.name}: options that do not fit (it takes: {valid})", *faults])
            raise ConfigError(text) from None


def built(strategy: Strategy, options: dict[str, Any], protocol: type, kind: str) -> Any:
    """Build a strategy's thing, and see that it has everything its protocol names.

    Args:
        strategy: What to build.
        options: Its options.
        protocol: One of `icon.plugins`.
        kind: What it is, for messages: "scorer", "selector", "assessment builder", "reader".

    Raises:
        ConfigError: The options do not fit.
        PluginError: It cannot be built, or lacks something.
    """
    with blamed(strategy, kind, "could not be built"):
        made = strategy.make(options)
    if missing := [name for name in _named_by(protocol) if not hasattr(made, name)]:
        raise PluginError(
            f"{_told(strategy, kind)}: what it builds has no {', '.join(missing)}; valid: all that "
            f"icon.plugins.{protocol.__name__} names"
        )
    return made


@contextmanager
def blamed(strategy: Strategy, kind: str, what: str) -> Iterator[None]:
    """Within it an error that icon knows nothing of is the plugin's: a PluginError that names it."""
    try:
        yield
    except IconError:
        raise
    except Exception as error:  # a plugin may raise anything
        raise PluginError(f"{_told(strategy, kind)} {what}: {type(error).__name__}: {error}") from error


def _told(strategy: Strategy, kind: str) -> str:
    return f"{kind} {strategy.name} ({strategy.distribution or 'icon'})"


def _named_by(protocol: type) -> list[str]:
    """Attributes and methods that a protocol class names itself."""
    methods: list[Callable[..., Any]] = [each for each in vars(protocol).values() if callable(each)]
    names = [*get_annotations(protocol), *(each.__name__ for each in methods)]
    return [name for name in names if not name.startswith("_")]
