"""The run directory: the paths of its files, and the rules for going on with an existing one."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from typing import Any

from icon.config import HOW_FAR, LATER, RunConfig
from icon.errors import ConfigError, WrongRunError
from icon.runs.checksums import COVERED
from icon.runs.given import STDIN, given_path, is_given_file
from icon.runs.manifest import Manifest, load_manifest, refuse_differences
from icon.runs.pins import Pins
from icon.runs.writing import refuse_place
from icon.samples.shareable import without_secrets

LOCK = ".lock"
"""Name of the file that a process which writes to a run has locked."""

LONGEST_NAME = 246
"""Bytes of the pool's name in that of a run directory; with the digest it has the 255 that file systems allow."""

RUNS = "icon-runs"
"""The folder of runs whose place is not given."""


OF_A_RUN = frozenset(("contributions", "validation", "export", *COVERED))
"""Names in a run directory beside run.json; a run that has lost its run.json goes on with what is measured."""


class RunDirectory:
    """Paths of a run's files, and its manifest.

    Args:
        path: The folder; it is made when something is first written.
        pins: Its files as they were when its run.json was read, kept open; None to open them by name.
    """

    def __init__(self, path: Path, pins: Pins | None = None) -> None:
        self.path = path
        self.pins = pins

    @property
    def manifest_path(self) -> Path:
        """run.json."""
        return self.path / "run.json"

    @property
    def assessment(self) -> Path:
        """The assessment set as used."""
        return self.path / "assessment.jsonl"

    @property
    def held_out(self) -> Path:
        """The judge samples that were set aside."""
        return self.path / "held_out.jsonl"

    @property
    def scores(self) -> Path:
        """One row per candidate of the pool."""
        return self.path / "scores.parquet"

    @property
    def selected(self) -> Path:
        """The selected records."""
        return self.path / "selected.jsonl"

    @property
    def dropped(self) -> Path:
        """The dropped records, with score, rank and reason."""
        return self.path / "dropped.jsonl"

    @property
    def explained(self) -> Path:
        """Log-probabilities of response tokens, for a few pairs."""
        return self.path / "explained.jsonl"

    @property
    def report(self) -> Path:
        """The report, one self-contained page."""
        return self.path / "report.html"

    @property
    def texts(self) -> Path:
        """The candidates' texts, compared for the report."""
        return self.path / "texts.parquet"

    def contributions(self, scorer: str | None = None) -> Path:
        """The folder with the parts of the run's scorer, or of the baseline scorer of that name."""
        folder = self.path / "contributions"
        return folder if scorer is None else folder / scorer

    @property
    def has_parts(self) -> bool:
        """Whether any scorer has a stored measurement."""
        return any(self.contributions().rglob("part-*.parquet"))

    def open(self, config: RunConfig) -> Manifest:
        """Open the run in this folder, or begin one.

        Returns:
            Its manifest, with these settings.

        Raises:
            ConfigError: The run in this folder has other settings, or the folder cannot be made.
            WrongRunError: The folder holds something else than an icon run.
        """
        self.refuse_other()
        if self.manifest_path.exists():
            manifest = load_manifest(self.manifest_path)
            advice = (
                "Use another --out for new settings; to select again from the same scores: icon select RUN --keep ..."
            )
            if manifest.config.template == "paper" != config.template:
                advice += (
                    "\nA run from before the default template was auto has the paper's form, which it called alpaca: "
                    "with --template paper it goes on"
                )
            refuse_differences(str(self.path), what_it_measures(manifest.config), what_it_measures(config), advice)
            return manifest.updated(config=config)
        return Manifest(config=config)

    def refuse_other(self) -> None:
        """Refuse a folder that cannot be made or written, or that holds something else than an icon run.

        Raises:
            ConfigError: Nothing can be written to it.
            WrongRunError: It holds something else.
        """
        self._refuse_link_to_nothing()
        refuse_place(self.path, f"--out {self.path}")
        if self.manifest_path.exists() or not self.path.exists():
            return
        names = {path.name for path in self.path.iterdir() if not _may_come_first(path.name)}
        if names and not ("contributions" in names and names <= OF_A_RUN):
            raise WrongRunError(f"{self.path}: exists and is not an icon run (no run.json in it); use another --out")

    def _refuse_link_to_nothing(self) -> None:
        """Refuse a path through a link whose target is not there.

        Raises:
            ConfigError: It leads through one.
        """
        for place in (self.path, *self.path.parents):
            if os.path.islink(place) and not place.exists():  # noqa: PTH114  False for a name that no file can have
                place.resolve()  # a circle has a sentence of its own
                raise ConfigError(
                    f"--out {self.path}: {place} is a link to {place.readlink()}, which leads to nothing; valid: a "
                    "folder that can be made or written. Remove the link, make the folder it leads to, or give another "
                    "--out"
                )

    def discard(self) -> None:
        """Delete a run that was just begun, so that the corrected command can use the same folder."""
        rmtree(self.contributions(), ignore_errors=True)
        for path in (self.manifest_path, self.assessment, self.held_out, given_path(self.path)):
            if path is not None:
                path.unlink(missing_ok=True)
        with suppress(OSError):  # not empty: it holds other files
            self.path.rmdir()  # without its lock; with it, the folder goes when that is released


def _may_come_first(name: str) -> bool:
    """Whether a file of that name may lie in the folder of a run that has no run.json."""
    return name.endswith((".tmp", ".next", ".damaged")) or name.startswith(LOCK) or is_given_file(name)


def default_path(config: RunConfig, content: str = "") -> Path:
    """The default run directory: its name depends on the settings alone, so the same command finds its run again.

    Args:
        config: The settings.
        content: Digest of a pool that has no address, of which the settings have the type alone.
    """
    name = "stdin" if config.pool == STDIN else re.sub("[:@*?]+", "-", _last_name(config.pool))
    name = name.strip("-") or "run"
    name = name.encode("utf-8", "surrogatepass")[:LONGEST_NAME].decode("utf-8", "ignore")
    usual = {name for name in LATER if getattr(config, name) == RunConfig.model_fields[name].default}
    settings = {name: value for name, value in what_it_measures(config).items() if name not in usual}
    settings |= {"content": content} if content else {}
    return Path(RUNS) / f"{name}-{fingerprint(settings)[:8]}"


def _last_name(address: str) -> str:
    """The name of a pool's file, folder or data set without its endings, and without an address's query."""
    return Path(without_secrets(address)).name.split(".")[0].strip("<>")


def what_it_measures(config: RunConfig) -> Mapping[str, Any]:
    """The settings without those that only say how far to go; of the budget, only whether there is one.

    Whether there is a budget decides the first slices of a race, so it stays.
    """
    settings = config.model_dump(mode="json", exclude=set(HOW_FAR))
    return settings | {"budget": "given" if config.budget else None}


def fingerprint(settings: Mapping[str, Any]) -> str:
    """Digest of settings, independent of the order of their keys."""
    text = json.dumps(settings, sort_keys=True, ensure_ascii=False, default=str)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]  # a name of a file may be no UTF-8
