"""What run.json keeps of a run's inputs, model, stages and times, as frozen records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, JsonValue, model_serializer

from icon.types import BackendInfo

JsonObject = dict[str, JsonValue]
"""Values that a plugin names: options of a strategy, what a selector says of itself, settings of a backend."""

Ended = Literal["capture", "decided", "measured", "budget", "interrupted"]
"""Why a race ended: `scorers.racing.Ended`."""


class Record(BaseModel):
    """A record that is persisted: frozen, and without fields that this version does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sparse(Record):
    """A record whose fields are written once they are known: None and empty ones are left out.

    Attributes:
        sparse: Names of these fields; None for all of them.
    """

    sparse: ClassVar[frozenset[str] | None] = None

    @model_serializer(mode="wrap")
    def _known(self, write: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        return {
            name: value
            for name, value in write(self).items()
            if value not in (None, {}, [], ()) or (self.sparse is not None and name not in self.sparse)
        }


class PoolInput(Record):
    """The pool as it was read.

    Attributes:
        source: File, folder or hub name as the user gave it.
        digest: Digest of its bytes.
        format: Record format that it was read as.
        rows: Number of records.
    """

    source: str
    digest: str
    format: str
    rows: int


class TemplateInput(Record):
    """The prompt template: its name and the digest of what it renders with."""

    name: str
    digest: str


class Inputs(Sparse):
    """What a run was begun with; a later start with another input is refused.

    Attributes:
        pool: The pool.
        template: The prompt template.
        assessment: Digests by path of the files that the assessment builder's options name.
        scorer: The same for the scorer's options.
        plugins: Digests by name of the plugin files that decide scores.
        offered_by: For each scorer, the distribution and version behind its name, its backend and its record format.
    """

    pool: PoolInput | None = None
    template: TemplateInput | None = None
    assessment: dict[str, str] | None = None
    scorer: dict[str, str] | None = None
    plugins: dict[str, str] = {}
    offered_by: dict[str, dict[str, str]] = {}


class ModelRecord(Record):
    """What the backend reported of its model; see `types.BackendInfo`."""

    backend: str
    model: str
    digest: str
    precision: str
    tokenizer_digest: str
    context_length: int
    bos: bool
    device: str
    versions: dict[str, str] = {}
    settings: JsonObject = {}

    @classmethod
    def of(cls, info: BackendInfo) -> ModelRecord:
        """The record of what a backend reports; the number of parameters follows from the digest and is left out."""
        known = asdict(info)
        return cls.model_validate({name: known[name] for name in cls.model_fields})


class AssessStage(Record):
    """What stage 1 did.

    Attributes:
        digest: Digest of assessment.jsonl.
        samples: Number of assessment samples.
        needed: Whether some scorer of the run needs them.
        held_out: Ids of pool samples that were taken out of the pool for the assessment set.
        leaks: By id, how a pool sample overlaps with the assessment set.
    """

    digest: str
    samples: int
    needed: bool | None = None
    held_out: tuple[str, ...] = ()
    leaks: dict[str, str] = {}

    @property
    def left_out(self) -> set[str]:
        """Ids of pool samples that are no candidates."""
        return {*self.held_out, *self.leaks}


class RaceStep(Record):
    """A look at a race: what was measured until then, and what the choice is worth.

    Attributes:
        samples: Assessment samples reached.
        pairs: Pairs measured.
        candidates: Candidates of the last slice.
        measured: Candidates that are measured on anything.
        open: Candidates that are undecided.
        capture: Expected captured gain.
    """

    samples: int
    pairs: int
    candidates: int
    measured: int
    open: int
    capture: float


class RaceStage(Record):
    """Why the race of stage 2 ended, and every look at it."""

    ended: Ended
    path: tuple[RaceStep, ...]


class ScoreStage(Sparse):
    """What stage 2 did: how many candidates the scorers (the run's own first) were to measure, and the race if any."""

    candidates: int
    scorers: tuple[str, ...]
    race: RaceStage | None = None


class SelectStage(Record):
    """What stage 3 did: the selector with its options, the share that was to be kept, and the records written."""

    selector: str
    selector_options: JsonObject = {}
    keep: str
    records_selected: int
    records_dropped: int


class Stages(Sparse):
    """The stages that are finished."""

    assess: AssessStage | None = None
    score: ScoreStage | None = None
    select: SelectStage | None = None


class Times(Sparse):
    """Everything that differs between two runs of the same settings.

    Attributes:
        started: When the run was begun, ISO 8601.
        finished: When its last stage ended.
        total_seconds: Seconds over all starts.
        tokens_evaluated: Tokens that the model read.
        tokens_per_second: Speed of the last scoring.
        seconds: Seconds by what they were spent on.
    """

    started: str | None = None
    finished: str | None = None
    total_seconds: float | None = None
    tokens_evaluated: int | None = None
    tokens_per_second: float | None = None
    seconds: dict[str, float] = {}


def plain(record: Record | None) -> Mapping[str, Any]:
    """A record as plain data, as run.json has it; nothing for None."""
    return {} if record is None else record.model_dump(mode="json")
