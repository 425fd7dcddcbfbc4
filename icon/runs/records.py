"""The inputs, stages and times of a run as run.json has them: frozen records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, JsonValue, model_serializer

from icon.runs.kept import Keeps

JsonObject = dict[str, JsonValue]
"""Values whose names a plugin chooses: strategy options, a selector's quality figures, backend settings."""

Ended = Literal["capture", "decided", "measured", "samples", "budget", "interrupted"]
"""Why a race ended; the same as `icon.scorers.racing.Ended`."""


class Record(BaseModel):
    """Base of the records in run.json: frozen, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sparse(Record):
    """A record that is written without its empty fields.

    Attributes:
        sparse: Names of the fields that are left out while they are None or empty; None for all fields.
    """

    sparse: ClassVar[frozenset[str] | None] = None

    @model_serializer(mode="wrap")
    def _known(self, write: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        return {
            name: value
            for name, value in write(self).items()
            if value not in (None, {}, [], ()) or (self.sparse is not None and name not in self.sparse)
        }


class PoolInput(Sparse):
    """The pool that was read.

    Attributes:
        source: File, folder or hub name as the user gave it; of several the first, and how many more.
        digest: Digest of its bytes.
        format: Name of its record format.
        rows: Number of records.
        left_out: By field, how many records hold something there that no sample has.
        inline: Whether reasoning that answers begin with is ignored; earlier versions scored it, and have none here.
    """

    sparse = frozenset({"left_out", "inline"})

    source: str
    digest: str
    format: str
    rows: int
    left_out: dict[str, int] = {}
    inline: bool | None = None


class TemplateInput(Record):
    """The prompt template: its name and the digest of what it renders with."""

    name: str
    digest: str


class Inputs(Sparse):
    """The inputs of a run; a later start with another input is refused.

    Attributes:
        pool: The pool.
        template: The prompt template.
        assessment: Digests by path of the files that the assessment builder's options name.
        scorer: The same for the scorer's options.
        plugins: Digests by name of the plugin files that decide scores.
        offered_by: For each scorer, the distribution and version that offer it, its backend and its record format.
    """

    pool: PoolInput | None = None
    template: TemplateInput | None = None
    assessment: dict[str, str] | None = None
    scorer: dict[str, str] | None = None
    plugins: dict[str, str] = {}
    offered_by: dict[str, dict[str, str]] = {}


class AssessStage(Sparse):
    """The outcome of stage 1.

    Attributes:
        digest: Digest of assessment.jsonl.
        samples: Number of assessment samples.
        judge_samples: Number of judge samples that were set aside in held_out.jsonl.
        judge_digest: Digest of held_out.jsonl; empty without judge samples.
        needed: Whether some scorer of the run needs them.
        held_out: Ids of pool samples that were taken out of the pool for the assessment set and the judge samples.
        leaks: For each pool sample that overlaps with either, by id, how.
        near_duplicates: For each pool sample that is dropped since it nearly repeats an earlier one, by id, which.
    """

    sparse = frozenset({"near_duplicates"})

    digest: str
    samples: int
    judge_samples: int = 0
    judge_digest: str = ""
    needed: bool | None = None
    held_out: tuple[str, ...] = ()
    leaks: dict[str, str] = {}
    near_duplicates: dict[str, str] = {}

    @property
    def left_out(self) -> set[str]:
        """Ids of pool samples that are not candidates."""
        return {*self.held_out, *self.leaks, *self.near_duplicates}


class RaceStep(Record):
    """A look at a race: what was measured until then, and how good a selection would be.

    Attributes:
        samples: Number of assessment samples reached.
        pairs: Number of pairs measured.
        candidates: Number of candidates in the last slice.
        measured: Number of candidates with any measurement.
        open: Number of undecided candidates.
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
    """The outcome of stage 2: number of candidates to measure, scorers (the run's own first), and the race if any."""

    candidates: int
    scorers: tuple[str, ...]
    race: RaceStage | None = None


class SelectStage(Sparse):
    """The outcome of stage 3.

    Where what was measured carries no choice, nothing is selected: the selector is "none", and there are no records.

    Attributes:
        selector: Name of the selector.
        selector_options: Its options.
        keep: How much was to be kept.
        equal_length: The setting of that name; empty in a run from before there was one.
        digest: Digest of the selected candidates, by which a validation names the selection that it is of.
        records_selected: Number of records in selected.jsonl.
        records_dropped: Number of records that were dropped.
        dropped: What dropped.jsonl has of them: "ids", their rows, ids and reasons alone, or "none", where there is no
            such file; left out where it has the records.
    """

    sparse: ClassVar[frozenset[str] | None] = frozenset({"dropped"})

    selector: str
    selector_options: JsonObject = {}
    keep: str
    equal_length: str = ""
    digest: str = ""
    records_selected: int
    records_dropped: int
    dropped: Literal["ids", "none"] | None = None

    @property
    def keeps(self) -> Keeps:
        """What dropped.jsonl has of the dropped records, as the setting of that name says it."""
        return self.dropped or "full"


class Stages(Sparse):
    """The finished stages."""

    assess: AssessStage | None = None
    score: ScoreStage | None = None
    select: SelectStage | None = None


class Times(Sparse):
    """Everything that differs between two runs of the same settings.

    Attributes:
        started: When the run was begun, ISO 8601.
        finished: When its last stage ended.
        total_seconds: Seconds over all starts.
        tokens_evaluated: Number of tokens that the model evaluated.
        tokens_per_second: Speed of the last scoring.
        seconds: Seconds by piece of work.
    """

    started: str | None = None
    finished: str | None = None
    total_seconds: float | None = None
    tokens_evaluated: int | None = None
    tokens_per_second: float | None = None
    seconds: dict[str, float] = {}


def plain(record: Record | None) -> Mapping[str, Any]:
    """A record as plain data, as run.json has it; empty for None."""
    return {} if record is None else record.model_dump(mode="json")
