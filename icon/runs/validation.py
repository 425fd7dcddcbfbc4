"""The folder `validation/` of a run: the settings of a validation, one file per arm, and the verdict."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Literal

from pydantic import Field, JsonValue, ValidationError

from icon._setting_faults import lines_of
from icon.errors import RunError
from icon.runs.directory import fingerprint
from icon.runs.manifest import refuse_differences
from icon.runs.records import JsonObject, Record
from icon.runs.sealed import read_bounded, read_sealed, write_sealed
from icon.runs.writing import remove_temporaries, write_bytes
from icon.validation.arms import ArmSpec
from icon.validation.losses import ArmLosses
from icon.validation.records import Comparison, Verdict

Table = Literal["steps", "tokens"]
"""How arms are made comparable: by equal optimiser steps, or by equal tokens read in training."""

OTHER_SETTINGS = (
    "Arms of two settings are never compared: repeat the first settings, or move the folder away and begin anew."
)


DAMAGED_SETTINGS = (
    "delete it and repeat the command that began the validation: it is written again, and arms that are done stay"
)


class JudgeInput(Record):
    """The judge samples: where they came from, how many they are, and the digest of their file."""

    source: str
    samples: int
    digest: str


class Validation(Record):
    """The outcome of a validation: validation/verdict.json.

    Attributes:
        format: Version of this record.
        selection: Digest of the selection that was judged; the verdict is of no other.
        selected: Number of candidates in it.
        judge: The judge samples.
        settings: What decides the numbers.
        tables: The verdict by how arms are made comparable, the headline's first.
        tasks: Arms compared by benchmark tasks, where those were asked for.
        answers: Arms compared by a pairwise judge, where that was asked for.
        notes: What the user should know, such as rules that were left out.
        checksum: SHA-256 of all other fields, like that of run.json; empty where an older version wrote it.
    """

    format: Literal[1] = 1
    selection: str
    selected: int
    judge: JudgeInput
    settings: JsonObject
    tables: dict[Table, Verdict]
    tasks: dict[str, Comparison] = Field({})
    answers: dict[str, Comparison] = Field({})
    notes: tuple[str, ...] = ()
    checksum: str = ""

    @property
    def table(self) -> Table:
        """The table of the headline: equal steps where they were measured."""
        return "steps" if "steps" in self.tables else "tokens"

    @property
    def verdict(self) -> Verdict:
        """The verdict of the headline."""
        return self.tables[self.table]


class StoredArm(Record):
    """An arm as its file has it: with what decides it, and a checksum of its losses."""

    settings: str
    ids: str
    checksum: str
    arm: ArmLosses


class ValidationStore:
    """The files of a validation. An arm's file is complete or absent, so a validation goes on where it was stopped.

    An arm's name in the folder has the digest of its candidates: after `icon select` the arms of the new selection are
    trained, and random draws of the same size are used again.

    Args:
        run: The run directory.

    Attributes:
        damaged: Names of arm files that were damaged; they were renamed, and their arms are to be trained again.
    """

    def __init__(self, run: Path) -> None:
        self.folder = run / "validation"
        self.damaged: list[str] = []
        self._fingerprint = ""

    @property
    def settings_path(self) -> Path:
        """What decides the numbers."""
        return self.folder / "settings.json"

    @property
    def verdict_path(self) -> Path:
        """The verdict."""
        return self.folder / "verdict.json"

    def begin(self, settings: Mapping[str, JsonValue]) -> None:
        """Begin a validation with these settings, or go on with one that has the same.

        Args:
            settings: What decides the numbers: model, training, judge and version, not the number of draws.

        Raises:
            ConfigError: The folder has a validation with other settings; the message lists every difference.
            RunError: Its settings cannot be read.
        """
        now = json.loads(json.dumps(settings))
        if self.settings_path.exists():
            held = read_sealed(self.settings_path, DAMAGED_SETTINGS)
            held.pop("checksum", None)
            refuse_differences(str(self.folder), held, now, OTHER_SETTINGS)
        else:
            write_sealed(self.settings_path, now)
        remove_temporaries(self.folder / "arms")
        self._fingerprint = fingerprint(now)

    def arm_path(self, table: Table, spec: ArmSpec) -> Path:
        """The file of an arm."""
        name = re.sub(r"[^A-Za-z0-9._-]", "-", spec.name)
        return self.folder / "arms" / f"{table}-{name}-{spec.digest[:8]}.json"

    def read(self, table: Table, spec: ArmSpec) -> ArmLosses | None:
        """An arm that is trained and judged, or failed; None where it is not yet, or its file is damaged."""
        path = self.arm_path(table, spec)
        try:
            stored = StoredArm.model_validate_json(read_bounded(path))
        except FileNotFoundError:
            return None
        except (OSError, ValidationError):
            stored = None
        if stored is None or stored != self._stored(spec, stored.arm):
            self.set_aside(path)
            return None
        return stored.arm

    def set_aside(self, path: Path) -> None:
        """Rename a damaged file, and list it."""
        self.damaged.append(path.name)
        with suppress(FileNotFoundError):  # another process was faster
            path.replace(path.with_name(path.name + ".damaged"))

    def write(self, table: Table, spec: ArmSpec, arm: ArmLosses) -> None:
        """Write an arm, whole or not at all."""
        data = self._stored(spec, arm).model_dump_json(indent=1)
        write_bytes(self.arm_path(table, spec), (data + "\n").encode())

    def conclude(self, validation: Validation) -> Validation:
        """Write the verdict; returns it with its checksum."""
        checksum = write_sealed(self.verdict_path, validation.model_dump(mode="json"))
        return validation.model_copy(update={"checksum": checksum})

    def _stored(self, spec: ArmSpec, arm: ArmLosses) -> StoredArm:
        checksum = sha256(arm.model_dump_json().encode()).hexdigest()[:16]
        return StoredArm(settings=self._fingerprint, ids=spec.digest, checksum=checksum, arm=arm)


def read_validation(run: Path) -> Validation | None:
    """The outcome of a run's validation; None where there is none.

    Raises:
        RunError: Its file cannot be read or is not as icon wrote it.
    """
    path = ValidationStore(run).verdict_path
    if not path.exists():
        return None
    advice = f"icon validate {run} writes it again"
    data = read_sealed(path, advice)
    try:
        return Validation.model_validate(data)
    except ValidationError as error:
        line = lines_of(error, Validation, lambda _: "", what="field", quoted=True)[0]
        raise RunError(f"{path}: field {line}; {advice}") from None
