"""`icon validate`: whether training on the selection of a run helps more than training on random draws."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from icon.cli import runs, with_access
from icon_validate.options import TRAINERS, Asked, budget_of, check

if TYPE_CHECKING:
    from icon.cli import Opened
    from icon.runs.validation import Validation
    from icon_validate.bench import Bench
    from icon_validate.performing import Work

TRAINING, MEASURES, RUNNING = "Training", "Tasks and pairwise judging", "Run"


def register(app: Any) -> None:
    """Add the command."""
    app.command("validate")(with_access(validate))


def _option(text: str, panel: str = TRAINING, *, name: str | None = None, **more: Any) -> Any:
    return typer.Option(*([name] if name else []), help=text, rich_help_panel=panel, **more)


def _trainers() -> list[str]:
    return list(TRAINERS)


def validate(
    run: Annotated[Path, typer.Argument(help="Run directory that has a selection.", autocompletion=runs)],
    train: Annotated[
        str, _option("How arms are trained: top-blocks, lora or full.", autocompletion=_trainers)
    ] = "top-blocks",
    judge: Annotated[
        str | None, _option("Samples to judge by, which no score saw; by default those that the run held out.")
    ] = None,
    draws: Annotated[int, _option("Random draws to compare with.")] = 12,
    tokens: Annotated[
        bool | None,
        _option("Also train every arm on equal tokens, as a second table; by default where a budget leaves room."),
    ] = None,
    epochs: Annotated[float, _option("How often the selection is read; all arms take as many steps.")] = 3,
    batch: Annotated[int, _option("Records per step.", min=1)] = 6,
    learning_rate: Annotated[
        float | None, _option("First learning rate of AdamW; by default 1e-4, with --train lora 2e-4, full 2e-5.")
    ] = None,
    blocks: Annotated[
        int | None, _option("Blocks that top-blocks trains; by default a fifth of the model's.", min=1)
    ] = None,
    rank: Annotated[int, _option("Rank of the adapters of --train lora.", min=1)] = 16,
    max_tokens: Annotated[int, _option("Longest sequence in training and judging, in tokens.", min=8)] = 1024,
    seed: Annotated[int, _option("Seed of draws and orders.", min=0)] = 0,
    model: Annotated[str | None, _option("Model to train; by default the run's.")] = None,
    dtype: Annotated[str | None, _option("Weights: float32 (the default), or bfloat16 with --train lora.")] = None,
    tasks: Annotated[
        str | None, _option("Tasks of lm-evaluation-harness, on every arm: arc_easy,hellaswag.", MEASURES)
    ] = None,
    task_folder: Annotated[Path | None, _option("Folder with tasks of your own (.yaml).", MEASURES)] = None,
    task_limit: Annotated[int | None, _option("Most documents per task; by default all.", MEASURES, min=1)] = None,
    shots: Annotated[
        int | None, _option("Examples in front of each document; by default the task's number.", MEASURES, min=0)
    ] = None,
    pairwise: Annotated[
        str | None, _option("File of requests; each arm's answers are judged beside the bare model's.", MEASURES)
    ] = None,
    pairwise_judge: Annotated[
        str | None,
        _option("Who judges: a backend and its model (llamacpp:smollm2), or an OpenAI-compatible address.", MEASURES),
    ] = None,
    pairwise_model: Annotated[str | None, _option("Name of the judging model at that address.", MEASURES)] = None,
    answer_tokens: Annotated[int, _option("Longest answer, in tokens.", MEASURES, min=1)] = 256,
    budget: Annotated[
        str | None, _option("Time to spend, such as 10m; the most telling arms come first.", RUNNING)
    ] = None,
    device: Annotated[str | None, _option("Where to train: cpu, cuda, cuda:1; by default the run's.", RUNNING)] = None,
    devices: Annotated[
        str | None, _option("Devices to train on, one process per device: 0,1 for two GPUs; by default one.", RUNNING)
    ] = None,
    share: Annotated[str | None, typer.Option(hidden=True)] = None,
    dry_run: Annotated[bool, _option("Print the arms, their tokens and their time, and stop.", RUNNING)] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the outcome as JSON.", rich_help_panel=RUNNING)
    ] = False,
) -> None:
    """Train on the selection of a RUN and on random draws of the same size, and say whether it teaches more.

    All arms start from the same weights, take the same steps, and are judged on samples that no score saw. What is
    finished is kept, and the same command goes on.
    """
    given: dict[str, Any] = dict(locals())
    given["tasks"] = tuple(name.strip() for name in tasks.split(",") if name.strip()) if tasks else ()
    given["budget"] = budget_of(budget)
    asked = Asked(**{field.name: given[field.name] for field in fields(Asked)})
    check(asked)
    _start(run, asked, device, devices, share, dry_run=dry_run, as_json=as_json)


def _start(
    run: Path, asked: Asked, device: str | None, devices: str | None, share: str | None, *, dry_run: bool, as_json: bool
) -> None:
    from icon.cli import parse_devices, parse_share, working

    started = time.perf_counter()
    places = parse_devices(devices if devices is not None else device)
    part = parse_share(share) if share is not None else None
    with working(None, run, recording=False) as opened, _alone(run, writing=part is None and not dry_run):
        from icon.runs.validation import ValidationStore
        from icon_validate.bench import Bench
        from icon_validate.concluding import conclude
        from icon_validate.performing import Work
        from icon_validate.sharing import refuse_sharing, train_share, train_together

        refuse_sharing(asked, places, device)
        bench = Bench(opened.run, opened.pool, asked, places[0] if places else None)
        try:
            work = Work(bench, ValidationStore(opened.run.path), started)
            if dry_run:
                _show_dry_run(work, as_json=as_json)
                return
            work.prepare()
            if part is not None:
                train_share(work, part)
                return
            train_together(work, places)
            validation = conclude(work)
            _show(opened, bench, validation, as_json=as_json)
        finally:
            bench.close()


@contextmanager
def _alone(run: Path, *, writing: bool) -> Iterator[None]:
    """One validation of a run at a time; those of the other devices work under the lock of the one that began.

    Raises:
        RunInUseError: Another process validates the run.
    """
    from icon.cli import warn
    from icon.runs.lock import RunLock

    if not writing:
        yield
        return
    with RunLock.taken(run, ".lock-validate") as lock:
        if lock.warning:
            warn(lock.warning)
        yield


def _show_dry_run(work: Work, *, as_json: bool) -> None:
    from icon.cli import print_json
    from icon_validate.dry_run import dry_run
    from icon_validate.showing import show_dry_run

    planned = dry_run(work)
    if as_json:
        print_json(planned.model_dump(mode="json"))
    else:
        show_dry_run(planned, work.bench.run.path)


def _show(opened: Opened, bench: Bench, validation: Validation, *, as_json: bool) -> None:
    from icon.cli import print_json
    from icon_validate.showing import outcome_of, show

    drawn = _draw_report(opened, bench)
    if as_json:
        print_json(outcome_of(opened.run, validation))
    else:
        show(opened.run, validation, drawn)


def _draw_report(opened: Opened, bench: Bench) -> bool:
    """Draw the report again where there is one, so that it has the verdict; whether it was drawn."""
    from icon.cli import warn
    from icon.errors import IconError
    from icon.results import report

    if not opened.run.directory.report.exists():
        return False
    try:
        with opened.run.timed("drawing the report"):
            report.report(opened.run, bench.pool, None, [])
    except IconError as error:
        warn(f"the report could not be drawn again ({error}); to try again: icon report {opened.run.path}")
        return False
    return True
