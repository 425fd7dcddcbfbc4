"""The record of what the audit field of a pool marks, and how the scores stand to it."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from icon.runs.records import Sparse


class AuditKind(Sparse):
    """One value of the audit field.

    Attributes:
        n: Number of scored candidates that have it.
        auc: Each scorer's AUC of the unmarked rows over them; of them over the unmarked where the value begins with +.
        among_best: How many of each scorer's best have it; empty in a run of an older version.
    """

    sparse: ClassVar[frozenset[str] | None] = frozenset({"among_best"})

    n: int
    auc: dict[str, float | None]
    among_best: dict[str, int] = Field({})


class Audit(Sparse):
    """How well the scores separate the rows that the audit field marks.

    Attributes:
        field: Name of the audit field.
        unmarked: Number of scored candidates without a mark.
        kinds: By the mark; one that begins with + is of records that are wanted, every other of weak ones.
        candidates: Number of scored candidates; None in a run of an older version.
        best: How many of a scorer's best `among_best` counts; None likewise.
    """

    sparse: ClassVar[frozenset[str] | None] = frozenset({"candidates", "best"})

    field: str | None
    unmarked: int
    kinds: dict[str, AuditKind]
    candidates: int | None = None
    best: int | None = None
