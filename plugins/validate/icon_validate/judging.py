"""Judges the answers of all arms, and gives each its winning scores against the bare model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from icon.errors import ConfigError
from icon.plugins import Backend, StageProgressed
from icon.plugins.strategies import built
from icon.runs.sealed import write_sealed
from icon.validation.arms import BARE, selection_digest
from icon.validation.losses import ArmLosses
from icon_validate.answers import judge_answers
from icon_validate.pairwise.judges import VALID, PairJudge, is_address, parts_of
from icon_validate.pairwise.score import VALUE_OF, Outcome, outcome, winning_score
from icon_validate.records import PairwiseResult

if TYPE_CHECKING:
    from icon_validate.performing import Work

MOST_UNJUDGED = 0.5
"""Share of the requests that a judge may leave without a readable judgment."""


def check_judge(work: Work) -> None:
    """Refuse a judge that cannot be opened, before anything is trained.

    Raises:
        ConfigError: It is malformed, or an address without a model; or the key for it is.
        UnknownStrategyError: There is no such backend.
    """
    asked, plugins = work.asked, work.bench.run.plugins
    if asked.pairwise_judge is None:
        return
    if is_address(asked.pairwise_judge):
        if not asked.pairwise_model:
            raise ConfigError(
                f"--pairwise-judge {asked.pairwise_judge}: found no model; valid: its name on that server in "
                "--pairwise-model"
            )
        open_judge(work).close()
        return
    name, _ = parts_of(asked.pairwise_judge)
    if "model" not in plugins.get("backend", name).options.model_fields:
        raise ConfigError(f"--pairwise-judge {asked.pairwise_judge}: {name} takes no model; valid: {VALID}")


def open_judge(work: Work) -> PairJudge:
    """The judge that the user named.

    Raises:
        BackendError: It cannot be loaded.
    """
    asked = work.asked
    assert asked.pairwise_judge is not None
    if is_address(asked.pairwise_judge):
        from icon_validate.pairwise.server import ServerJudge

        return ServerJudge(asked.pairwise_judge, asked.pairwise_model or "")
    from icon_validate.pairwise.model import ModelJudge

    name, model = parts_of(asked.pairwise_judge)
    strategy = work.bench.run.plugins.get("backend", name)
    special = {"special_tokens": True} if "special_tokens" in strategy.options.model_fields else {}
    backend: Backend = built(strategy, {"model": model, **special}, Backend, "backend")
    return ModelJudge(backend)


def judged(work: Work, arms: Sequence[ArmLosses]) -> list[ArmLosses]:
    """The arms of equal steps with their winning scores: 1, 0 or -1 by request, where every arm could be judged.

    What cannot be judged is counted in a note and in `validation/pairwise.json`.
    """
    assert work.answers is not None
    assert work.requests is not None
    specs = {spec.name: spec for spec in work.bench.arms.specs}
    usable = [arm for arm in arms if arm.is_ok]
    bare = work.answers.read("steps", specs[BARE])
    if bare is None:
        work.bench.note("pairwise: the bare model has not answered within the budget, so nothing was judged")
        return list(arms)
    outcomes: dict[str, dict[str, Outcome]] = {}
    judge, run = open_judge(work), work.bench.run
    try:
        for arm in usable:
            if arm.name == BARE:
                continue
            judgments = work.answers.judgments("steps", specs[arm.name], f"{judge.name} {json.dumps(bare)}")
            answers = work.answers.read("steps", specs[arm.name])
            assert answers is not None  # a finished arm has answered
            with run.timed(f"{arm.name}: judging", total=len(answers)):
                judge_answers(
                    judge,
                    work.requests.samples,
                    answers,
                    bare,
                    judgments,
                    lambda done, of: run.emit(StageProgressed(done, of)),
                )
            outcomes[arm.name] = {id_: outcome(*choices) for id_, choices in judgments.known.items()}
    finally:
        judge.close()
    return _with_scores(work, arms, outcomes, judge.name)


def _with_scores(
    work: Work, arms: Sequence[ArmLosses], outcomes: dict[str, dict[str, Outcome]], judge: str
) -> list[ArmLosses]:
    """The arms with scores of the requests that could be judged for every one of them."""
    assert work.requests is not None
    results = [winning_score(list(found.values()), name) for name, found in outcomes.items()]
    _write(work, results, judge)
    common = [
        sample.id
        for sample in work.requests.samples
        if all(found.get(sample.id, Outcome.UNJUDGED) is not Outcome.UNJUDGED for found in outcomes.values())
    ]
    total = len(work.requests.samples)
    if len(common) < total:
        lost = sum(result.unjudged for result in results)
        work.bench.note(
            f"pairwise: {lost} of {total * len(results)} judgments by {judge} could not be read and count as nothing; "
            f"{len(common)} of {total} requests were judged for every arm"
        )
    if len(common) < MOST_UNJUDGED * total:
        work.bench.note(f"pairwise: no comparison, since {judge} judged fewer than half of the requests for every arm")
        return list(arms)
    scores = {name: {id_: VALUE_OF[found[id_]] for id_ in common} for name, found in outcomes.items()}
    return [arm.model_copy(update={"answers": scores.get(arm.name, {})}) for arm in arms]


def _write(work: Work, results: Sequence[PairwiseResult], judge: str) -> None:
    """Write the winning scores of all arms."""
    data = {
        "judge": judge,
        "against": BARE,
        "selection": selection_digest(work.bench.rows),
        "arms": [result.model_dump(mode="json") for result in results],
    }
    write_sealed(work.store.folder / "pairwise.json", data)
