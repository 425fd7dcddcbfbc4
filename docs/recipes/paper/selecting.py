"""Stages `run` and `select`: scores by `icon run`, and what icon keeps of each share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from icon.config import parse_keep
from icon.errors import ConfigError, RunError
from icon.pipeline.ending import PARENT
from paper import results
from paper.cells import Places
from paper.settings import Chain

if TYPE_CHECKING:
    from icon.types import ScoreRow

STANDARD_ERROR = 2
"""Its file descriptor: standard output is for the tables."""


def run_is_done(run: Path) -> bool:
    """Whether `icon run` has finished there."""
    found = results.read(run / "run.json")
    return found is not None and found.get("status") == "done"


def check_run(chain: Chain, model: str) -> None:
    """Refuse a run that this chain made with other settings; one that was put there is taken as it is.

    Raises:
        ConfigError: It is one.
    """
    results.done(_settings_of(chain, model), chain.run_settings(model))


def _settings_of(chain: Chain, model: str) -> Path:
    return chain.work / model / "run.settings.json"


def run(chain: Chain, model: str, *, here: bool = False) -> None:
    """Score and select with the model's settings, or go on with the run; it is resumable by itself.

    Args:
        chain: The settings.
        model: The model's name.
        here: Whether icon runs in this process, not in one of its own.

    Raises:
        ConfigError: icon refuses the settings.
        RunError: It fails.
    """
    places = Places(chain.work)
    settings = chain.work / model / "icon.json"
    check_run(chain, model)
    results.write(_settings_of(chain, model), chain.run_settings(model), {})
    results.write_text(settings, json.dumps(chain.run_settings(model), indent=1))
    devices = chain.models[model].devices
    _icon(
        "run", "--config", settings, "--out", places.run(model), *(["--devices", devices] if devices else []), here=here
    )


def select(chain: Chain, model: str, share: str, *, here: bool = False) -> None:
    """Note the ids that icon keeps of this share, and once those of all that it could have kept.

    Raises:
        RunError: There is no finished run, or `icon select` fails.
    """
    places = Places(chain.work)
    if not run_is_done(places.run(model)):
        raise RunError(f"{places.run(model)}: no finished run; the stage run comes first")
    if chain.labels == "per-share":
        _icon("select", places.run(model), "--keep", share, here=here)
    ranked = _ranked(places.run(model))
    kept = [row for row in ranked if row.selected]
    if chain.labels == "once":
        kept = ranked[: parse_keep(share).of(len(ranked))]
    in_pool = sorted(ranked, key=lambda row: (row.row, row.turn))
    results.write(places.eligible(model), {}, {"ids": [row.id for row in in_pool]})
    results.write(places.choice(model, share), choice_settings(chain, share), {"ids": [row.id for row in kept]})


def choice_settings(chain: Chain, share: str) -> Mapping[str, object]:
    """What decides a choice, beside the run."""
    return {"share": share, "labels": chain.labels}


def ids(path: Path) -> list[str]:
    """The ids of a choice.

    Raises:
        RunError: The stage select has not come so far.
    """
    found = results.read(path)
    if found is None:
        raise RunError(f"{path}: does not exist; the stage select comes first")
    return [str(id_) for id_ in found["ids"]]


def _ranked(run: Path) -> list[ScoreRow]:
    """The candidates with a rank, from the top: those that the selector could have kept."""
    from icon import load_run

    found = [(row.rank, row) for row in load_run(run).rows if row.rank is not None]
    return [row for _, row in sorted(found, key=lambda pair: pair[0])]


def _icon(*words: object, here: bool) -> None:
    """One command of icon, which ends with this process; what it prints goes to standard error.

    Args:
        words: Its words.
        here: Whether it runs in this process, not in one of its own.
    """
    ended = _in_this_process(words) if here else _in_a_process(words)
    if ended == ConfigError.exit_code:
        raise ConfigError(f"icon {words[0]} refused its settings, see above")
    if ended:
        raise RunError(f"icon {words[0]} ended with {ended}, see above; the same command goes on")


def _in_a_process(words: Sequence[object]) -> int:
    command = [sys.executable, "-m", "icon", *map(str, words)]
    environment = os.environ | {PARENT: str(os.getpid())}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=STANDARD_ERROR, env=environment) as process:
        return process.wait()


def _in_this_process(words: Sequence[object]) -> int:
    from icon.cli import main

    before = sys.argv
    sys.argv = ["icon", *map(str, words)]
    try:
        with redirect_stdout(sys.stderr):
            main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.argv = before
    return 0
