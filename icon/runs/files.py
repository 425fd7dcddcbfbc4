"""assessment.jsonl and explained.jsonl: the assessment set as used, and the token details of some pairs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from icon.errors import RunError, WrongRunError
from icon.runs.checksums import Covered
from icon.runs.directory import RunDirectory
from icon.runs.ledger import read_checked, state_of
from icon.runs.manifest import Manifest
from icon.runs.regular import open_regular
from icon.runs.writing import to_json, write_bytes
from icon.types import Message, Sample


def samples_bytes(samples: Sequence[Sample]) -> bytes:
    """Samples as a file has them: one JSON object per line."""
    return "".join(json.dumps(_as_written(sample), ensure_ascii=False) + "\n" for sample in samples).encode()


def write_samples(path: Path, samples: Sequence[Sample]) -> str:
    """Write one JSON object per sample and return the SHA-256 of the file."""
    data = samples_bytes(samples)
    write_bytes(path, data)
    return sha256(data).hexdigest()


def _as_written(sample: Sample) -> dict[str, object]:
    """The sample's fields; those that few samples have are written where they hold something.

    So the file of other samples, and its digest, is that of earlier versions.
    """
    written = asdict(sample)
    written["messages"] = [_without_empty(message, ("beside", "reasoning")) for message in written["messages"]]
    return _without_empty(written, ("tools", "reasoning"))


def _without_empty(fields: dict[str, object], names: tuple[str, ...]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value or name not in names}


def assessment_of(directory: RunDirectory, manifest: Manifest) -> list[Sample]:
    """The assessment set as the first stage wrote it.

    Raises:
        WrongRunError: The first stage is not done.
        RunError: The file is missing, or is not the one the run wrote.
    """
    stage = manifest.stages.assess
    if stage is None:
        raise WrongRunError(f"{directory.path}: no assessment set yet; run `icon assess` first")
    return _samples_of(directory, manifest, "assessment.jsonl", stage.digest)


def held_out_of(directory: RunDirectory, manifest: Manifest) -> list[Sample]:
    """The judge samples that the first stage set aside; empty where it set none aside.

    Raises:
        RunError: The file is missing, or is not the one the run wrote.
    """
    stage = manifest.stages.assess
    if stage is None or not stage.judge_samples:
        return []
    return _samples_of(directory, manifest, "held_out.jsonl", stage.judge_digest)


def _samples_of(directory: RunDirectory, manifest: Manifest, name: Covered, digest: str) -> list[Sample]:
    if name not in manifest.files:
        return read_samples(directory.path / name, digest)
    return _parsed(directory.path / name, read_checked(directory, manifest, name), digest)


def read_samples(path: Path, digest: str) -> list[Sample]:
    """Read samples that `write_samples` wrote.

    Args:
        path: The file.
        digest: The digest that `write_samples` returned.

    Raises:
        RunError: The file is missing, or is not the one the run wrote.
    """
    try:
        with open_regular(path) as file:
            data = file.read()
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror}); {_again(path)}") from None
    return _parsed(path, data, digest)


def _parsed(path: Path, data: bytes, digest: str) -> list[Sample]:
    """The samples in these bytes.

    Raises:
        RunError: They are not those the run wrote.
    """
    if sha256(data).hexdigest() != digest:
        raise RunError(f"{path}: changed since the run wrote it; {_again(path)}")
    samples = []
    for line in data.decode().split("\n")[:-1]:
        record = json.loads(line)
        record["messages"] = tuple(Message(**message) for message in record["messages"])
        samples.append(Sample(**record))
    return samples


def _again(path: Path) -> str:
    return f"to see what can be made again: icon doctor {path.parent}, to do it: --repair"


@dataclass(frozen=True, slots=True)
class TokenDetail:
    """The response tokens of one assessment sample that count, conditioned on one candidate and on its control.

    Attributes:
        candidate: Id of the candidate.
        assessment: Id of the assessment sample.
        pieces: The text of each response token that counts: of all, or of those after the first K; shape (N,).
        given: log p of each token conditioned on the demonstration, in nats; shape (N,).
        control: The same conditioned on the control, or on nothing where the run has no control; shape (N,). The mean
            of given - control is the pair's log-gain.
    """

    candidate: str
    assessment: str
    pieces: tuple[str, ...]
    given: tuple[float, ...]
    control: tuple[float, ...]

    @property
    def differences(self) -> list[float]:
        """Difference given - control of each token, in nats: positive where the demonstration helped."""
        return [given - control for given, control in zip(self.given, self.control, strict=True)]


def write_details(path: Path, details: Iterable[TokenDetail]) -> None:
    """Write one JSON object per pair, in the order given; of several details of one pair, the last is written."""
    write_bytes(path, details_bytes(details))


def details_bytes(details: Iterable[TokenDetail]) -> bytes:
    """Token details as explained.jsonl has them; see `write_details`."""
    latest = {(detail.candidate, detail.assessment): detail for detail in details}
    return b"".join(to_json(asdict(detail)) + b"\n" for detail in latest.values())


def details_of_run(directory: RunDirectory, manifest: Manifest) -> list[TokenDetail]:
    """The token details of a run; empty where it has none, or its file is gone: they can be measured again.

    Raises:
        RunError: explained.jsonl is damaged.
    """
    name: Covered = "explained.jsonl"
    if name not in manifest.files or state_of(directory, manifest, name) == "missing":
        return read_details(directory.explained)
    return _details(directory.explained, read_checked(directory, manifest, name))


def read_details(path: Path) -> list[TokenDetail]:
    """Read details that `write_details` wrote; empty where the file does not exist.

    Raises:
        RunError: The file cannot be read, or a line of it is not a token detail.
    """
    try:
        with open_regular(path) as file:
            data = file.read()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RunError(f"{path}: cannot be read: {error.strerror or error}") from None
    return _details(path, data)


def _details(path: Path, data: bytes) -> list[TokenDetail]:
    lines = data.split(b"\n")
    return [_detail(line, f"{path}, line {number}") for number, line in enumerate(lines, 1) if line]


def _detail(line: bytes, where: str) -> TokenDetail:
    try:
        record = json.loads(line)
        fault = _fault(record)
    except RecursionError:
        fault = "values nested too deeply"
    except ValueError as error:
        fault = f"invalid JSON in UTF-8 ({error})"
    if fault:
        raise RunError(
            f"{where}: found {fault}; valid: candidate, assessment, and as many pieces as given and control "
            "log-probabilities. Move the file away: `icon explain` then measures the pairs again"
        )
    lists = {name: tuple(record[name]) for name in ("pieces", "given", "control")}
    return TokenDetail(record["candidate"], record["assessment"], **lists)


def _fault(record: Any) -> str:
    """What is wrong with a line; empty where it is valid."""
    names = [field.name for field in fields(TokenDetail)]
    if not isinstance(record, dict):
        return f"a {type(record).__name__}"
    if missing := [name for name in names if name not in record]:
        return f"no field {missing[0]!r}"
    for name in ("candidate", "assessment"):
        if not isinstance(record[name], str):
            return f"{name} {record[name]!r}"
    for name, valid in (("pieces", _is_text), ("given", _is_logprob), ("control", _is_logprob)):
        if not isinstance(record[name], list) or not all(valid(value) for value in record[name]):
            return f"{name} that are not all {'texts' if name == 'pieces' else 'log-probabilities'}"
    lengths = [len(record[name]) for name in ("pieces", "given", "control")]
    return "" if len(set(lengths)) == 1 else "{} pieces, {} given and {} control".format(*lengths)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_logprob(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value <= 0
