"""A strategy: one named way of doing a stage, listed without importing anything heavy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError

from icon.errors import ConfigError


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
