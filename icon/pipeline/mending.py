"""The assessment set of a run written again from its sources, where its file is missing or damaged."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from icon.errors import RunError
from icon.pipeline.building import guarded_assessment
from icon.runs.checksums import Covered
from icon.runs.files import assessment_of, held_out_of, samples_bytes
from icon.runs.run import Run
from icon.samples.load import LoadedSamples

ASSESSMENT: Covered = "assessment.jsonl"
HELD_OUT: Covered = "held_out.jsonl"

DAMAGED = ".damaged"
"""Ending of a damaged file that was set aside."""

KEPT = f"; what was there is kept with {DAMAGED} at the end of its name"


def is_broken(run: Run) -> bool:
    """Whether the assessment set or the judge samples are missing or damaged."""
    try:
        assessment_of(run.directory, run.manifest)
        held_out_of(run.directory, run.manifest)
    except RunError:
        return True
    return False


def mend_samples(run: Run, pool: LoadedSamples) -> str:
    """Build assessment set and judge samples again, and write them if they are those of the run.

    Args:
        run: A run past its first stage.
        pool: Its pool.

    Returns:
        What was done, in words.

    Raises:
        RunError: What is built now is not what the run had, so that nothing is written.
        UserError: The sources cannot be read any more, or are other ones.
    """
    stage = run.manifest.stages.assess
    assert stage is not None
    before = run.manifest.warnings  # what stage 1 found is known
    built = guarded_assessment(run, pool, stage.needed is not False)
    run.note(warnings=before)
    made = {ASSESSMENT: (samples_bytes(built.samples), stage.digest)}
    if stage.judge_samples:
        made[HELD_OUT] = (samples_bytes(built.judge), stage.judge_digest)
    for name, (data, wanted) in made.items():
        if sha256(data).hexdigest() != wanted:
            raise RunError(
                f"{run.path / name}: missing or damaged, and what its sources give now is not what the run had: found "
                f"{len(built.samples)} samples with another digest. Restore the file, or start a new run with --out"
            )
    kept = ""
    for name, (data, _) in made.items():
        path = run.directory.path / name
        if path.exists() and not (path.is_file() and path.read_bytes() == data):
            set_aside(path)
            kept = KEPT
        run.write(name, data)
    return f"written again from its sources, byte for byte as before{kept}"


def set_aside(path: Path) -> None:
    """Give a damaged file another name, since it may have been changed by hand."""
    path.replace(path.with_name(path.name + DAMAGED))
