"""Whether a run's selection was validated: the verdict in its directory, and whether it is of this selection."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from icon.errors import RunError
from icon.runs.directory import RunDirectory
from icon.runs.manifest import Manifest

if TYPE_CHECKING:
    from icon.runs.validation import Validation


@dataclass(frozen=True, slots=True)
class Validated:
    """What a run directory says of the validation of its selection.

    Attributes:
        validation: The outcome, also where it is of an earlier selection; None where there is none.
        is_current: Whether it is of the present selection.
        fault: Why the verdict cannot be read; empty where it can.
        has_judge: Whether the run has judge samples that no score saw.
    """

    validation: Validation | None = None
    is_current: bool = False
    fault: str = ""
    has_judge: bool = False


def validated(path: Path, manifest: Manifest) -> Validated:
    """Read what a run directory says of the validation of its selection; a file that cannot be read is a fault.

    Args:
        path: The run directory.
        manifest: Its run.json.
    """
    from icon.runs.validation import read_validation  # it loads numpy, and exports are named by `icon --help`

    assess = manifest.stages.assess
    has_judge = assess is not None and assess.judge_samples > 0
    try:
        found = read_validation(path)
        current = found is not None and found.selection == selected_digest(path, manifest)
    except RunError as error:
        return Validated(fault=str(error), has_judge=has_judge)
    return Validated(found, current, has_judge=has_judge)


def selected_digest(path: Path, manifest: Manifest) -> str:
    """Digest of the run's selection; of a run that does not record it, from scores.parquet.

    Raises:
        RunError: scores.parquet is missing or damaged.
    """
    from icon.runs.scores import scores_of
    from icon.validation.arms import digest_of

    stage = manifest.stages.select
    if stage is not None and stage.digest:
        return stage.digest
    return digest_of(scores_of(RunDirectory(path), manifest).selected_ids)
