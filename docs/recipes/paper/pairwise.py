"""Stage `judge`: a cell's answers compared with another's, in both orders, and the winning score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from icon.errors import RunError
from icon_validate.pairwise.judges import PairJudge
from icon_validate.pairwise.question import Pair
from icon_validate.pairwise.score import Choice, Outcome, outcome, winning_score
from paper import results
from paper.answers import answer_settings, instructions
from paper.cells import Cell, Places
from paper.sections import Judge
from paper.settings import Chain


def judge_settings(chain: Chain, cell: Cell, name: str) -> Mapping[str, object]:
    """What decides the judgements of a set."""
    pairs, judge = chain.pairwise[name], chain.judge
    excluded = {"parallel"} | ({"address", "model"} if judge.kind == "local" else {"backend", "backend_options"})
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


def _judge_set(chain: Chain, cell: Cell, name: str, judge: PairJudge) -> None:
    path = Places(chain.work).result(cell, "judged", name)
    lines, settings = path.with_suffix(".jsonl"), judge_settings(chain, cell, name)
    results.done(path.with_suffix(".settings.json"), settings)
    results.write(path.with_suffix(".settings.json"), settings, {})
    asked = instructions(chain, name)
    own = _answers(chain, cell, name)
    references = [one.get("reference", "") for one in asked]
    others = references if "reference" in asked[0] else _answers(chain, _other(chain, cell, name), name)
    pairs = [Pair(_question(one), *said) for one, *said in zip(asked, own, others, strict=True)]
    at_a_time = chain.judge.parallel if chain.judge.kind == "address" else 1
    with ThreadPoolExecutor(at_a_time) as threads:
        for start in range(len(results.read_lines(lines)), len(pairs), at_a_time):
            judged = threads.map(lambda pair: compare(judge, pair), pairs[start : start + at_a_time])
            rows: list[results.Json] = [{"outcome": verdict, "choices": choices} for verdict, choices in judged]
            results.append_lines(lines, rows, start)
    verdicts = results.read_lines(lines)
    values = summary([Outcome(line["outcome"]) for line in verdicts], name)
    results.write(path, settings, {**values, "verdicts": verdicts})


def _question(one: Mapping[str, str]) -> str:
    return f"{one['instruction']}\n\n{one['passage']}" if one["passage"] else one["instruction"]


def _answers(chain: Chain, cell: Cell, name: str) -> list[str]:
    found = results.read(Places(chain.work).result(cell, "answers", name))
    if found is None:
        raise RunError(f"no answers of {cell.model} {cell.name} to {name} yet; the stage answers comes first")
    return [str(text) for text in found["answers"]]


def _other(chain: Chain, cell: Cell, name: str) -> Cell:
    return Cell(cell.model, "full" if chain.pairwise[name].against == "full" else "base")


def compare(judge: PairJudge, pair: Pair) -> tuple[Outcome, list[Choice]]:
    """The outcome for the first of two answers, and the judge's choices in both orders; equal answers are a tie."""
    if pair.first == pair.second:
        return Outcome.TIE, []
    choices = [judge.choose(pair), judge.choose(pair.swapped())]
    return outcome(*choices), choices


def summary(outcomes: Sequence[Outcome], name: str) -> dict[str, object]:
    """The counts, the winning score 1 + (win - lose) / n and the win rate in percent, ties as halves.

    n are the instructions with a verdict; where that are fewer than half, there is no number but a reason.
    """
    found = winning_score(outcomes, name)
    n = found.win + found.tie + found.lose
    rate = None if found.winning_score is None else 100 * (found.win + found.tie / 2) / n
    return {"n": n, **found.model_dump(mode="json", exclude={"arm"}), "win_rate": rate}


def judge_name(judge: Judge) -> str:
    """The judge in a word, for the tables."""
    return judge.model if judge.kind == "address" else str(judge.backend_options.get("model", judge.backend))


def open_judge(judge: Judge) -> PairJudge:
    """The judge of these settings.

    Raises:
        BackendError: A local judge cannot be opened.
        ConfigError: Its backend refuses the options.
    """
    if judge.kind == "address":
        from icon_validate.pairwise.server import ServerJudge

        return ServerJudge(judge.address, judge.model)
    from icon import load_backend
    from icon_validate.pairwise.model import ModelJudge

    return ModelJudge(load_backend(judge.backend, **judge.backend_options))
