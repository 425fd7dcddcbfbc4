"""Stage `judge`: a cell's answers compared with another's, in both orders, and the winning score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Literal

from icon.errors import RunError
from paper import results
from paper.answers import answer_settings, instructions
from paper.cells import Cell, Places
from paper.judge import JudgementError, OpenJudge, Preference, open_judge
from paper.sections import Judge
from paper.settings import Chain

Verdict = Literal["win", "tie", "lose", "failed"]


def judge_settings(chain: Chain, cell: Cell, name: str) -> Mapping[str, object]:
    """What decides the judgements of a set."""
    pairs, judge = chain.pairwise[name], chain.judge
    excluded = {"tries", "seconds", "key"} | (
        {"address", "model"} if judge.kind == "local" else {"backend", "backend_options"}
    )
    other = (
        {}
        if pairs.against == "reference"
        else {"other": dict(answer_settings(chain, _other(chain, cell, name), pairs))}
    )
    return {
        "against": pairs.against,
        "judge": judge.model_dump(exclude=excluded),
        **answer_settings(chain, cell, pairs),
        **other,
    }


def is_judged(chain: Chain, cell: Cell, name: str) -> bool:
    """Whether a cell is compared on a set at all: none is compared with itself."""
    return chain.pairwise[name].against != cell.arm


def judge(chain: Chain, cell: Cell) -> None:
    """Judge the sets of a cell that are not judged yet, from the first instruction without a verdict.

    Raises:
        RunError: The answers are not there yet.
        BackendError: The judge cannot be reached; what was judged is kept.
    """
    places = Places(chain.work)
    open_sets = [
        name
        for name in chain.pairwise
        if is_judged(chain, cell, name)
        and not results.done(places.result(cell, "judged", name), judge_settings(chain, cell, name))
    ]
    if not open_sets:
        return
    opened = open_judge(chain.judge)
    try:
        for name in open_sets:
            _judge_set(chain, cell, name, opened)
    finally:
        opened.close()


def _judge_set(chain: Chain, cell: Cell, name: str, judge: OpenJudge) -> None:
    path = Places(chain.work).result(cell, "judged", name)
    lines, settings = path.with_suffix(".jsonl"), judge_settings(chain, cell, name)
    results.done(path.with_suffix(".settings.json"), settings)
    results.write(path.with_suffix(".settings.json"), settings, {})
    asked = instructions(chain, name)
    own = _answers(chain, cell, name)
    references = [one.get("reference", "") for one in asked]
    others = references if "reference" in asked[0] else _answers(chain, _other(chain, cell, name), name)
    for place in range(len(results.read_lines(lines)), len(asked)):
        verdict, reason = compare(judge, _question(asked[place]), own[place], others[place])
        results.append_lines(lines, [{"verdict": verdict, "reason": reason}], place)
    verdicts = results.read_lines(lines)
    counts = Counter(line["verdict"] for line in verdicts)
    results.write(path, settings, {**summary(counts), "verdicts": verdicts})


def _question(one: Mapping[str, str]) -> str:
    return f"{one['instruction']}\n\n{one['passage']}" if one["passage"] else one["instruction"]


def _answers(chain: Chain, cell: Cell, name: str) -> list[str]:
    found = results.read(Places(chain.work).result(cell, "answers", name))
    if found is None:
        raise RunError(f"no answers of {cell.model} {cell.name} to {name} yet; the stage answers comes first")
    return [str(text) for text in found["answers"]]


def _other(chain: Chain, cell: Cell, name: str) -> Cell:
    return Cell(cell.model, "full" if chain.pairwise[name].against == "full" else "base")


def compare(judge: OpenJudge, instruction: str, own: str, other: str) -> tuple[Verdict, str]:
    """The verdict on an answer, asked in both orders; one order's win beside the other's loss is a tie.

    Returns:
        The verdict, and why there is none where it is `failed`.
    """
    try:
        wins = {"first": 1, "tie": 0, "second": -1}
        first: Preference = judge.prefer(instruction, own, other)
        second: Preference = judge.prefer(instruction, other, own)
    except JudgementError as error:
        return "failed", str(error)
    balance = wins[first] - wins[second]
    return ("win" if balance > 0 else "lose" if balance < 0 else "tie"), ""


def summary(counts: Mapping[str, int]) -> dict[str, float | int | None]:
    """The counts, the winning score 1 + (win - lose) / n and the win rate in percent, ties as halves.

    n are the instructions with a verdict; with none of them there is no number.
    """
    win, tie, lose = (counts.get(verdict, 0) for verdict in ("win", "tie", "lose"))
    n = win + tie + lose
    score = 1 + (win - lose) / n if n else None
    rate = 100 * (win + tie / 2) / n if n else None
    return {
        "n": n,
        "win": win,
        "tie": tie,
        "lose": lose,
        "failed": counts.get("failed", 0),
        "score": score,
        "win_rate": rate,
    }


def judge_name(judge: Judge) -> str:
    """The judge in a word, for the tables."""
    return judge.model if judge.kind == "address" else str(judge.backend_options.get("model", judge.backend))
