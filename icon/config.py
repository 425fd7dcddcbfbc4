"""Every setting of a run in one place: validated together, and saved with the run, which they suffice to replay."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, Field, ValidationError, field_validator

from icon._data_settings import DEMO as DEMO
from icon._data_settings import LATER as LATER
from icon._data_settings import DataSettings
from icon._near import did_you_mean
from icon._presets import PRESETS as PRESETS
from icon._setting_faults import TextByName, are_tables, lines_of, together, unknown_setting
from icon._settings_file import from_format_2 as from_format_2
from icon._settings_file import read_settings
from icon.errors import ConfigError
from icon.types import Budget, Keep, parse_budget

Mapping = dict[str, Any]

Builders = Callable[[], Container[str]]
"""Gives the names of the assessment builders."""


class RunConfig(DataSettings):
    """The settings of a run; strategies are chosen by name and validate their own options."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    backend: str = Field("llamacpp", description="Backend; icon backends lists those installed.")
    backend_options: Mapping = Field({}, description="Options of the backend.")
    template: str = Field(
        "auto",
        description="Prompt template: alpaca, paper, plain, chat, or a Jinja file; auto is the model's own chat "
        "template where it has one, else alpaca.",
    )
    max_prompt_tokens: int = Field(1024, ge=1, description="Longest assessment prompt, in tokens.")
    max_demonstration_tokens: int = Field(2040, ge=1, description="Longest demonstration, in tokens.")
    max_response_tokens: int = Field(1024, ge=1, description="Longest response, in tokens.")
    on_too_long: Literal["truncate", "fail"] = Field(
        "truncate", description="What to do with texts beyond these limits of tokens."
    )
    skip_tokens: int = Field(
        0, ge=0, description="How many tokens at the beginning of each response count in no score, in any pass."
    )
    primed: bool = Field(
        False, description="Put one neutral demonstration in front of every text, so that its form is known before."
    )

    scorer: str = Field("nuggets", description="Contribution scorer; icon plugins lists those installed.")
    scorer_options: Mapping = Field({}, description="Options of the scorer.")
    equal_length: Literal["auto", "regress", "strata", "none"] = Field(
        "auto",
        description="Rank at equal response length: by what its logarithm does not explain (regress), within strata of "
        "length, or not at all; auto is what the scorer prefers.",
    )
    baselines: tuple[str, ...] = Field(("length", "random"), description="Scorers to compare the score with.")
    subset: int | None = Field(None, ge=1, description="How many candidates to score, if not all.")
    subset_draw: Literal["icon", "pandas"] = Field(
        "icon",
        description="How the subset is drawn: by seed and ids, whatever the order of rows, or as pandas samples rows.",
    )
    skip_urls: bool = Field(False, description="Leave candidates with a URL in the prompt out of the subset.")

    schedule: Literal["auto", "race", "uniform", "exact"] = Field(
        "auto",
        description="Which pairs are measured; auto is a race from 32 assessment samples on, or within a budget, "
        "where the scorer allows it, else exact.",
    )
    order: Literal["stratified", "informative"] = Field(
        "stratified", description="Order of the assessment samples in a race."
    )
    confidence: float = Field(0.95, ge=0.5, lt=1, description="Confidence at which a candidate counts as decided.")
    capture: float = Field(
        0.99,
        gt=0,
        le=1,
        description="Expected share of the exact choice's gain at which race and uniform end; 1 for no such end. A "
        "race to at most 0.95 also rests candidates that are only likely to be on their side of the cut.",
    )
    budget: str | None = Field(None, description="Most that scoring may spend: 5m, '200k tokens', '5000 passes'.")

    plugins: tuple[str, ...] = Field((), description="Python files with strategies of your own.")
    selector: str = Field(
        "auto",
        description="Selector, one of icon plugins; auto is top where all candidates or enough are scored, else "
        "classifier where it is better than chance, else nothing is selected.",
    )
    selector_options: Mapping = Field({}, description="Options of the selector.")
    keep: str = Field("15%", description="How much to select: a share (15% or 0.15) or a count (500).")
    seed: int = Field(42, ge=0, description="Seed of every draw.")
    dropped: Literal["full", "ids", "none"] = Field(
        "full",
        description="What dropped.jsonl keeps of a record: all of it, its row, id and reason alone (ids), or no such "
        "file (none), for pools of which a second copy is too large.",
    )
    report: bool = Field(True, description="Draw report.html at the end.")

    @field_validator("keep", "hold_out", mode="before")
    @classmethod
    def _amount_as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value

    @field_validator("keep")
    @classmethod
    def _keep_is_valid(cls, value: str) -> str:
        parse_keep(value)
        return value

    @field_validator("hold_out")
    @classmethod
    def _hold_out_is_valid(cls, value: str | None) -> str | None:
        if value is not None:
            parse_keep(value)
        return value

    @field_validator("budget")
    @classmethod
    def _budget_is_valid(cls, value: str | None) -> str | None:
        if value is not None:
            parse_budget(value)
        return value

    @property
    def budget_amount(self) -> Budget | None:
        """`budget` as an amount of a unit."""
        return None if self.budget is None else parse_budget(self.budget)

    @property
    def hold_out_amount(self) -> Keep | None:
        """`hold_out` as a share or a count."""
        return None if self.hold_out is None else parse_keep(self.hold_out)

    @property
    def keep_amount(self) -> Keep:
        """`keep` as a share or a count."""
        return parse_keep(self.keep)


def settings_schema() -> dict[str, Any]:
    """The JSON schema of a settings file: every setting with its type, choices, bounds and default, for editors."""
    from icon._settings_schema import schema_of

    return schema_of(RunConfig)


HOW_FAR = ("budget", "capture", "baselines", "dropped", "report", "plugins")
"""Settings that say how far a run goes or what it writes, not what its score is: an existing run is resumed with new
ones. The contents of plugin files decide scores, and are checked apart from their paths."""


def parse_keep(text: str) -> Keep:
    """A share such as '15%' or '0.15', or a count such as '500'.

    Raises:
        ValueError: It is neither, or out of range.
    """
    value = text.strip()
    if re.fullmatch(r"\d{1,15}", value) and int(value) >= 1:
        return Keep(count=int(value))
    if match := re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)(%?)", value):
        share = float(match[1]) / (100 if match[2] else 1)
        if 0 < share < 1 or (match[2] and share == 1):
            return Keep(share=share)
    raise ValueError(
        f"found {text[:60]!r}; valid: a share such as 15% or 0.15, or a count such as 500 (a share above 0% and up to "
        "100%, a count of at least 1)"
    )


def resolve(
    overrides: Mapping,
    *,
    preset: str | None = None,
    file: str | None = None,
    below: Mapping | None = None,
    spelled: TextByName | None = None,
    builders: Builders | None = None,
) -> RunConfig:
    """The settings of a run: defaults, those of the command, the preset, the file, then those given directly.

    The embedded demo pool has a preset of its own, below all others. `spelled` says how the user wrote the name of a
    setting that was given directly, for messages. With `builders` the file's assessment set may be a file of tasks.

    Raises:
        ConfigError: A setting is unknown or has a wrong value; all faults are reported at once.
    """
    settings: Mapping = dict(below or {})
    if preset is not None:
        if preset not in PRESETS:
            meant = did_you_mean(preset, PRESETS)
            raise ConfigError(f"--preset {preset[:60]}: no such preset; valid: {', '.join(PRESETS)}.{meant}")
        settings = merge(settings, PRESETS[preset])
    of_file = {} if file is None else read_settings(Path(file))
    if builders is not None and isinstance(tasks := of_file.get("assessment"), str) and tasks not in ("", "file"):
        others = {name: value for name, value in of_file.items() if name != "assessment"}
        of_file = merge(others, assessment_setting(tasks, builders()))
    settings = merge(merge(settings, of_file), overrides)
    if settings.get("pool", DEMO) == DEMO:
        settings = merge(PRESETS["demo"], settings)
    return validate(settings, dict.fromkeys(of_file.keys() - overrides.keys(), str(file)), spelled)


def validate(settings: Mapping, places: TextByName | None = None, spelled: TextByName | None = None) -> RunConfig:
    """The settings as a `RunConfig`.

    Args:
        settings: The values by name.
        places: Where a value comes from, such as a file, by name; it is named before the fault.
        spelled: How the user wrote the name of a setting, such as `--keep`, by name.

    Raises:
        ConfigError: A setting is unknown or has a wrong value; all faults are reported at once.
    """
    try:
        return RunConfig.model_validate(settings)
    except ValidationError as error:
        faults = lines_of(
            error, RunConfig, unknown_setting(RunConfig.model_fields), places=places or {}, spelled=spelled or {}
        )
        raise ConfigError(together("settings that do not fit" if len(faults) > 1 else "", faults)) from None


def assessment_setting(value: str, builders: Container[str]) -> Mapping:
    """Settings for an assessment set: a builder by its name, or else a file of target tasks."""
    if value != "file" and value in builders:
        return {"assessment": value}
    return {"assessment": "file", "assessment_options": {"path": value}}


def merge(base: Mapping, over: Mapping) -> Mapping:
    """The later settings win; options of a strategy are merged while the strategy's name stays the same."""
    merged = {**base, **over}
    if "pool" in over:
        merged["more_pools"] = over.get("more_pools", ())
    for stage in ("assessment", "backend", "scorer", "selector"):
        key = f"{stage}_options"
        before, now = base.get(stage), over.get(stage)
        if are_tables(base.get(key), over.get(key)) and (now or before) == (before or now):
            merged[key] = {**base[key], **over[key]}
        elif stage in over and key in base and key not in over and over[stage] != base.get(stage, over[stage]):
            merged[key] = {}
    return merged
