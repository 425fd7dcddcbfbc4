"""How scores stand to what the audit field of a pool marks: weak records, and records that are wanted.

A mark that begins with + is of records that are wanted, such as those known to teach the tasks; every other is of weak
ones. No stage sees the field.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from icon.runs.audited import Audit, AuditKind
from icon.scorers.formulas import auc

WANTED = "+"
"""How a mark of records that are wanted begins."""


def audit(
    marks: Mapping[str, str], scores: Mapping[str, Mapping[str, float]], *, field: str | None, best: int
) -> Audit | None:
    """For each mark: how well each scorer separates it (AUC), and how many of each scorer's best have it.

    Args:
        marks: Mark of each scored candidate; empty for the others.
        scores: Of each scorer, by candidate; a candidate without a score has none here.
        field: Name of the audit field.
        best: How many of a scorer's best are counted.

    Returns:
        None where no scored candidate is marked.
    """
    kinds = sorted({mark for mark in marks.values() if mark}, key=lambda mark: (not mark.startswith(WANTED), mark))
    if not kinds:
        return None
    return Audit(
        field=field,
        unmarked=sum(not mark for mark in marks.values()),
        candidates=len(marks),
        best=best,
        kinds={
            kind: AuditKind(
                n=sum(mark == kind for mark in marks.values()),
                auc={name: _separated(marks, found, kind) for name, found in scores.items()},
                among_best={name: _among_best(marks, found, kind, best) for name, found in scores.items()},
            )
            for kind in kinds
        },
    )


def _separated(marks: Mapping[str, str], scores: Mapping[str, float], kind: str) -> float | None:
    """AUC of unmarked candidates over those of a mark; of those over the unmarked where they are wanted."""
    marked, unmarked = (
        [scores[id_] for id_, mark in marks.items() if mark == one and id_ in scores] for one in (kind, "")
    )
    return auc(marked, unmarked) if kind.startswith(WANTED) else auc(unmarked, marked)


def _among_best(marks: Mapping[str, str], scores: Mapping[str, float], kind: str, best: int) -> int:
    ranked = sorted((id_ for id_ in marks if id_ in scores), key=lambda id_: (-scores[id_], id_))
    return sum(marks[id_] == kind for id_ in ranked[:best])


def lessons(found: Audit) -> Iterator[str]:
    """One sentence on the records that are wanted, and one on what each scorer is best at."""
    for kind, facts in found.kinds.items():
        if kind.startswith(WANTED) and facts.among_best and found.best and found.candidates:
            counts = _listed(f"{n} by {name}" for name, n in facts.among_best.items())
            chance = found.best * facts.n / found.candidates
            yield (
                f"of the best {found.best} candidates, {counts} are marked {kind} (wanted: {facts.n} of "
                f"{found.candidates} are, so a random choice has about {chance:.1f})"
            )
    if weak := {kind: facts for kind, facts in found.kinds.items() if not kind.startswith(WANTED)}:
        names = [name for name in next(iter(weak.values())).auc if name != "random"]
        if best_at := [line for name in names for line in _best_at(name, weak)]:
            yield f"of the weaknesses, {_listed(best_at)} (AUC; 0.5 is chance)"


def _best_at(name: str, weak: Mapping[str, AuditKind]) -> Iterator[str]:
    known = {kind: area for kind, facts in weak.items() if (area := facts.auc[name]) is not None}
    if known:
        kind = max(known, key=lambda one: known[one])
        yield f"{name} finds {kind} records best ({known[kind]:.2f})"


def _listed(parts: Iterable[str]) -> str:
    words: Sequence[str] = list(parts)
    return ", ".join(words[:-1]) + (" and " if len(words) > 1 else "") + "".join(words[-1:])
