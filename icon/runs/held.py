"""What a run was begun with is held: noted in run.json at first, and refused where a later start finds another."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from icon.runs.manifest import Manifest, refuse_differences
from icon.types import BackendInfo


def hold_input(manifest: Manifest, path: Path, name: str, found: dict[str, Any]) -> None:
    """Note an input, or refuse it where an earlier start of the run in that folder found another.

    Raises:
        ConfigError: It differs; every difference is shown.
    """
    if name in manifest.inputs:
        advice = "The input changed; start a new run with another --out."
        refuse_differences(f"{path}: {name}", manifest.inputs[name], found, advice)
    manifest.inputs[name] = found


def hold_model(manifest: Manifest, path: Path, info: BackendInfo) -> None:
    """Note what the backend says of its model, or refuse another model than that of an earlier start.

    Raises:
        ConfigError: It differs; every difference is shown.
    """
    found = json.loads(json.dumps(asdict(info)))
    found.pop("parameters")  # follows from the digest, and older runs have none
    if manifest.model:
        advice = "Scores of two models are never mixed; use the same model, or start a new run with another --out."
        refuse_differences(f"{path}: model", manifest.model, found, advice)
    manifest.model = found


def hold_offers(manifest: Manifest, path: Path, scorer: str, offers: dict[str, str]) -> None:
    """Note which distributions, in which versions, a scorer is measured with, or refuse others than at first.

    Args:
        manifest: What run.json says so far.
        path: The run directory, for the message.
        scorer: Name of the scorer.
        offers: Distribution and version by what it offers; what is not known now is left as it is.

    Raises:
        ConfigError: One of them is another than that of an earlier start.
    """
    held = manifest.inputs.setdefault("offered_by", {}).setdefault(scorer, {})
    both = held.keys() & offers.keys()
    old, new = ({kind: found[kind] for kind in both} for found in (held, offers))
    advice = "What two versions measured is never mixed: install that one again, or start a new run with another --out."
    refuse_differences(f"{path}: {scorer}", old, new, advice)
    held.update(offers)


def hold_files(manifest: Manifest, where: str, files: dict[str, str]) -> None:
    """Note the digests of plugin files by name; one that an earlier start of this run took in another form is refused.

    Raises:
        ConfigError: A file changed.
    """
    held = manifest.inputs.get("plugins", {})
    both = held.keys() & files.keys()
    advice = (
        "Results of two versions of a plugin are never mixed: put the file back as it was, or start a new run with "
        "another --out."
    )
    old, new = ({name: digests[name] for name in both} for digests in (held, files))
    refuse_differences(f"{where}: plugin files", old, new, advice)
    if files:
        manifest.inputs["plugins"] = held | files
