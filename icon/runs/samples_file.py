"""assessment.jsonl: the assessment set as used, in a form that reads back to the same samples."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

from icon.errors import RunError, WrongRunError
from icon.runs.atomic import write_bytes
from icon.runs.directory import RunDirectory
from icon.runs.manifest import Manifest
from icon.types import Message, Sample


def write_samples(path: Path, samples: Sequence[Sample]) -> str:
    """Write one JSON object a sample; gives the file's sha256."""
    lines = [json.dumps(asdict(sample), ensure_ascii=False) + "\n" for sample in samples]
    data = "".join(lines).encode()
    write_bytes(path, data)
    return sha256(data).hexdigest()


def assessment_of(directory: RunDirectory, manifest: Manifest) -> list[Sample]:
    """The assessment set as the first stage wrote it.

    Raises:
        WrongRunError: The first stage is not done.
        RunError: The file is missing, or is not the one the run wrote.
    """
    stage = manifest.stages.assess
    if stage is None:
        raise WrongRunError(f"{directory.path}: no assessment set yet; run `icon assess` first")
    return read_samples(directory.assessment, stage.digest)


def read_samples(path: Path, digest: str) -> list[Sample]:
    """Read them back.

    Raises:
        RunError: The file is missing, or is not the one the run wrote.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror}); run `icon assess` again") from None
    if sha256(data).hexdigest() != digest:
        raise RunError(f"{path}: changed since the run wrote it; restore it, or start again with another --out")
    samples = []
    for line in data.decode().split("\n")[:-1]:
        record = json.loads(line)
        record["messages"] = tuple(Message(**message) for message in record["messages"])
        samples.append(Sample(**record))
    return samples
