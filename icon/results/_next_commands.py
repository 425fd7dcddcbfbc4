"""The next commands of an advice, each of which runs as it is printed, and what a validation takes."""

from __future__ import annotations

import math
import shlex
from pathlib import Path

from icon.assessment.draw import holdout_size
from icon.assessment.set_aside import FEWEST
from icon.results import wording
from icon.runs.given import given_path, is_given
from icon.runs.manifest import Manifest
from icon.runs.standing import Standing
from icon.runs.unfinished import going_on
from icon.selection.cascade import CHECK
from icon.selection.checking import checks_that_may_show, n_checks
from icon.types import part_of

BEGINNING = 1.0
"""Minutes added to a budget for reading the pool and opening the model."""

LONGER = 10
"""How many times the budget is asked for where nothing was measured within it, so that no speed is known."""

USUAL_SHARE = 0.3
"""Share of an assessment set that is set aside to validate on, where that is enough."""

FROM_THE_POOL = ("stratified", "clustered")
"""Assessment builders that draw from the pool."""

ENOUGH_SAMPLES = 16
"""Assessment samples that a run is advised to draw from the pool, where it drew fewer than an order is known by."""


def measuring_more(manifest: Manifest, standing: Standing, run: str, minutes: float | None) -> str:
    """The command that measures what is still needed: of this run, or of a new one where its subset is too small."""
    needed, budget = standing.needed, manifest.config.budget_amount
    assert needed is not None
    more = f" --subset {needed.candidates}" if needed.new_run else ""
    if budget is not None and budget.unit == "seconds":
        longer = budget.amount / 60 * LONGER if minutes is None else minutes + BEGINNING
        more += f" --budget {math.ceil(longer)}m"
    elif budget is not None and standing.pairs and needed.pairs:
        times = needed.pairs / standing.pairs + (not needed.new_run)
        more += f" --budget '{math.ceil(budget.amount * times)} {budget.unit}'"
    return anew(manifest, run, more, str(needed.candidates)) if needed.new_run else going_on(run, more)


def export(run: str) -> str:
    return f"icon export {shlex.quote(run)} --to trl"


def validate(manifest: Manifest, run: str) -> str:
    """The command that validates; without judge samples, that of a new run which sets some aside; empty for neither.

    A set that is too small to set some aside is drawn anew where it is from the pool; of one whose size is not known
    the fewest are set aside.
    """
    if has_judge(manifest):
        return f"icon validate {shlex.quote(run)}"
    n = samples(manifest)
    options = f" --hold-out {hold_out(n) or FEWEST}"
    if n is not None and not hold_out(n):
        if not may_draw(manifest):
            return ""
        options = f" --assessment-size {ENOUGH_SAMPLES} --hold-out {FEWEST}"
    return anew(manifest, run, options, "held")


def has_judge(manifest: Manifest) -> bool:
    """Whether judge samples were set aside."""
    stage = manifest.stages.assess
    return stage is not None and stage.judge_samples > 0


def samples(manifest: Manifest) -> int | None:
    """Number of assessment samples, also of those that a run like this one would draw from its pool; None: unknown."""
    assert manifest.results is not None
    if manifest.results.assessment.samples:
        return manifest.results.assessment.samples
    config, n = manifest.config, manifest.results.candidates
    if config.assessment not in FROM_THE_POOL or n <= (config.assessment_size or 0):
        return None
    return holdout_size(config.assessment_size, n)


def hold_out(n: int | None) -> str:
    """How much of n samples to set aside: the usual share, or the fewest there can be; empty where n is too small."""
    if n is None or n < 2 * FEWEST:
        return ""
    return f"{USUAL_SHARE:.0%}" if part_of(USUAL_SHARE, n) >= FEWEST else str(FEWEST)


def beating_chance(manifest: Manifest) -> str:
    """That it is not known whether the choice beats chance, and what it takes to know."""
    if has_judge(manifest):
        return "Whether it beats chance on your data is what icon validate measures."
    n = samples(manifest)
    takes = "judge samples, which --hold-out sets aside in a new run"
    if n is not None and not hold_out(n) and not may_draw(manifest):
        lacking = 2 * FEWEST - n
        more = wording.counted(lacking, "more assessment sample")
        takes = f"at least {more}, from which judge samples are set aside"
    return f"Whether it beats chance on your data was not measured: that takes {takes}."


def may_draw(manifest: Manifest) -> bool:
    """Whether the assessment set is from the pool, and the pool has enough for a larger one."""
    assert manifest.results is not None
    return manifest.config.assessment in FROM_THE_POOL and manifest.results.candidates >= 2 * ENOUGH_SAMPLES


def more_samples(manifest: Manifest, run: str) -> tuple[str, ...]:
    """The command of a run with more assessment samples: drawn from its pool, or those that its file has by then."""
    assert manifest.results is not None
    asked = manifest.config.assessment_size
    if manifest.results.assessment.samples >= ENOUGH_SAMPLES:
        return ()
    if manifest.config.assessment not in FROM_THE_POOL:
        larger = f" --assessment-size {ENOUGH_SAMPLES}" if asked is not None and asked < ENOUGH_SAMPLES else ""
        return (anew(manifest, run, larger, "more"),)
    return (anew(manifest, run, f" --assessment-size {ENOUGH_SAMPLES}", "more"),) if may_draw(manifest) else ()


def where_from(manifest: Manifest) -> str:
    """Where the user has to add assessment samples before a run can have more; empty where the pool has them."""
    assert manifest.results is not None
    path = manifest.config.assessment_options.get("path")
    enough = manifest.results.assessment.samples >= ENOUGH_SAMPLES
    if enough or manifest.config.assessment in FROM_THE_POOL or not isinstance(path, str):
        return ""
    return f" Add target tasks to {path}: at least {ENOUGH_SAMPLES} in all."


def until_decided(manifest: Manifest, run: str) -> str:
    """The command of a new run whose race goes on until all are decided: one that rests candidates cannot."""
    return anew(manifest, run, " --capture 1", "decided")


def without_cheap(manifest: Manifest, run: str) -> tuple[str, ...]:
    """The commands of a new run that measures a random subset, and of one with checks enough to show something.

    The second is left out where at most half of those that are measured can be checked, and that is too few.
    """
    assert manifest.results is not None
    found = manifest.results.standing
    assert found is not None
    drawn = anew(manifest, run, f" --selector auto --subset {found.scored}", "drawn")
    most = found.scored // 2
    present = n_checks(float(manifest.config.selector_options.get("check", CHECK)), found.scored)
    enough = checks_that_may_show(found.scored, min(found.wanted, found.scored))
    wanted = 0 if enough is None else min(max(enough, 2 * present), most)
    if wanted <= present:
        return (drawn,)
    share = math.ceil(100 * wanted / found.scored) / 100
    return drawn, anew(manifest, run, f" -o selector.check={min(share, 0.5):g}", "checked")


def by_scorer(manifest: Manifest, run: str, scorer: str) -> str:
    """The command that chooses by a baseline, in a run beside this one."""
    return anew(manifest, run, f" --scorer {scorer}", scorer)


def anew(manifest: Manifest, run: str, more: str, name: str) -> str:
    """The command of a new run with the settings of this one, in a folder beside it.

    A pool that has no address is the copy in this run's folder.
    """
    pool = ""
    if is_given(manifest.config.pool):
        pool = f" {shlex.quote(str(given_path(Path(run)) or Path(run) / 'given_pool.jsonl'))}"
    return f"icon run{pool} --config {shlex.quote(f'{run}/run.json')}{more} --out {shlex.quote(f'{run}-{name}')}"
