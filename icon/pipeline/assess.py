"""Stage 1: check the settings, build the assessment set, check it for overlap with the pool, and write it."""

from __future__ import annotations

from collections.abc import Sequence

from icon.errors import ConfigError
from icon.pipeline._narrowing import check_narrowing
from icon.pipeline._rendering import is_own, refuse_unrenderable
from icon.pipeline.building import build_assessment as build_assessment
from icon.pipeline.building import guarded_assessment, near_in_pool
from icon.pipeline.mending import is_broken, mend_samples
from icon.pipeline.planned import hold_files, scorers_of
from icon.pipeline.schedule import schedule_of
from icon.plugins import Selector, Warned
from icon.plugins.strategies import blamed, built
from icon.plugins.validating import validate_options
from icon.runs.files import samples_bytes
from icon.runs.model import Model
from icon.runs.pool import PoolReader
from icon.runs.records import AssessStage
from icon.runs.run import Run
from icon.runs.work import make_scorer


def assess(run: Run, model: Model, pool: PoolReader) -> None:
    """Stage 1: build the assessment set, check it for overlap with the pool, and write assessment.jsonl.

    Where an earlier start did that and the file is missing or damaged by now, it is written again.
    """
    names, _ = scorers_of(run)
    check(run, model, names)
    config = run.config
    schedule_of(config, make_scorer(run, config.scorer), 0)  # so that it is refused now, not after the baseline scorers
    loaded = pool.samples
    if is_own(config.template):
        refuse_unrenderable(model.template, loaded.samples)
    hold_files(run, "assessment", config.assessment_options)
    needed = config.hold_out is not None or any(make_scorer(run, name).needs_assessment for name in names)
    if run.manifest.stages.assess is not None:
        refuse_other_need(run, needed)
        if is_broken(run):
            run.warn(f"assessment.jsonl was missing, damaged or changed: {mend_samples(run, loaded)}")
        return
    run.save()  # from here on the folder is known to be an icon run, whatever stops it
    with run.timed("building the assessment set"):
        built = guarded_assessment(run, loaded, needed)
        _note_keep(run, len(loaded.samples) - len(built.held_out) - len(built.leaks))
        digest = run.write("assessment.jsonl", samples_bytes(built.samples))
        judge_digest = run.write("held_out.jsonl", samples_bytes(built.judge)) if built.judge else ""
    near = near_in_pool(run, loaded, {*built.held_out, *built.leaks})
    run.note_stage(
        assess=AssessStage(
            digest=digest,
            samples=len(built.samples),
            judge_samples=len(built.judge),
            judge_digest=judge_digest,
            needed=needed,
            held_out=tuple(sorted(built.held_out)),
            leaks=built.leaks,
            near_duplicates=near,
        )
    )


def _note_keep(run: Run, candidates: int) -> None:
    """Warn, before anything is measured, where as many candidates are to be kept as there are, or more."""
    keep = run.config.keep_amount
    if keep.share == 1 or (keep.count is not None and keep.count >= candidates):
        asked = run.config.keep if keep.count is None else f"{keep.count:,}"
        said = (
            f"--keep {asked}: the pool has {candidates:,} candidates, so all of them are kept and nothing is chosen; "
            f"valid: fewer than {candidates:,}, or a share such as 15%"
        )
        run.emit(Warned(said, at_once=True))


def check(run: Run, model: Model, scorers: Sequence[str]) -> None:
    """Look up every strategy of the run and validate its options, before anything is read or measured.

    Args:
        run: The run.
        model: Its model, which is not opened.
        scorers: Names of the scorers to measure.

    Raises:
        UnknownStrategyError: No installed strategy has a name.
        ConfigError: Options are invalid, or a scorer or the selector cannot work with the run's backend.
        UserError: No prompt template has that name.
    """
    config = run.config
    chosen = [
        ("assessment", config.assessment, config.assessment_options),
        ("scorer", config.scorer, config.scorer_options),
        *(("scorer", name, {}) for name in config.baselines),
    ]
    for kind, name, options in chosen:
        validate_options(run.plugins, kind, name, options)
    for name in scorers:
        _check_scorer(run, name)
    if config.selector != "auto":
        _check_selector(run)
        check_narrowing(run)
    if config.template == "chat" and config.backend_options.get("special_tokens") is False:
        raise ConfigError(
            "template chat and backend option special_tokens=false: the template's special tokens must be "
            "parsed; valid: another --template, or leave special_tokens out"
        )
    if model.given is None and any(make_scorer(run, name).needs_backend for name in scorers):
        _check_backend(run, model)
    if config.template not in ("chat", "auto"):
        _ = model.template


def _check_backend(run: Run, model: Model) -> None:
    """Check the options of the backend, and that it has a choice of devices where several are asked for.

    Raises:
        ConfigError: They do not fit.
    """
    name = run.config.backend
    known = run.plugins.get("backend", name).options
    if len(model.devices) > 1 and "device" not in known.model_fields:
        instead = getattr(known, "instead", {}).get("device", "valid: one process, without --devices")
        raise ConfigError(f"--devices {','.join(model.devices)}: {name} has no choice of devices; {instead}")
    validate_options(run.plugins, "backend", name, model.options)


def find_model(run: Run, model: Model) -> None:
    """Refuse a run whose model is not there, before anything is written; where it is begun already it goes on.

    Raises:
        UserError: A scorer of the run needs the model, and it is not there.
        BackendError: It cannot be had.
    """
    if model.given is not None or run.manifest.model is not None:
        return
    names, _ = scorers_of(run)
    check(run, model, names)
    if model.workers is not None and model.workers.are_elsewhere:
        return
    strategy = run.plugins.get("backend", run.config.backend)
    if strategy.find is not None and any(make_scorer(run, name).needs_backend for name in names):
        with blamed(strategy, "backend", "raised"):
            strategy.find(strategy.validate(model.options))


def _check_scorer(run: Run, name: str) -> None:
    fitting = getattr(make_scorer(run, name), "backends", ())
    if fitting and run.config.backend not in fitting:
        raise ConfigError(
            f"scorer {name}: found the backend {run.config.backend}; valid: --backend {' or '.join(fitting)}, or "
            "another --scorer"
        )


def _check_selector(run: Run) -> None:
    name, backend = run.config.selector, run.config.backend
    selector = built(run.plugins.get("selector", name), dict(run.config.selector_options), Selector, "selector")
    fitting = getattr(selector, "backends", ())
    if fitting and backend not in fitting:
        raise ConfigError(
            f"selector {name}: found the backend {backend}; valid: --backend {' or '.join(fitting)}, or a model of the "
            "selector's own: -o selector.model=smollm2 (a hub name or a folder works too)"
        )


def refuse_other_need(run: Run, needed: bool) -> None:
    """Refuse scorers that need an assessment set where the first ones needed none, or the other way round.

    Where the set is held out of the pool, the run would get other candidates.

    Raises:
        ConfigError: The need differs, and so would the candidates.
    """
    stage = run.manifest.stages.assess
    if stage is None or stage.needed is None or stage.needed == needed:
        return
    if stage.held_out or not stage.samples:
        what = "some scorer needs an assessment set" if needed else "no scorer needs an assessment set"
        raise ConfigError(
            f"{run.path}: {what}, which was not so when the run was begun; start a new run with --out, or keep its "
            "--scorer and --baseline"
        )
