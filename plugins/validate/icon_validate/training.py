"""One arm: trained, judged, and measured by tasks and requests where those were asked for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256

from icon.errors import BackendError, InputError
from icon.inference import OutOfMemoryError
from icon.plugins import StageProgressed
from icon.runs.validation import Table, ValidationStore
from icon.validation.arms import ArmSpec
from icon.validation.losses import ArmLosses, JudgeLoss
from icon_torch.memory import errors_translated
from icon_validate.bench import Bench, Lesson
from icon_validate.full import FullTrainer, forget
from icon_validate.trained import NotFiniteError, Trained

Measure = Callable[[Table, ArmSpec, Trained], None]
"""Measures a trained model further, and keeps what it finds."""


def train_arm(bench: Bench, store: ValidationStore, table: Table, spec: ArmSpec, measure: Measure) -> ArmLosses:
    """Train and judge an arm; one whose losses are not finite has a reason and no losses.

    Args:
        bench: What arms share.
        store: The run's validation; checkpoints of `full` are kept beside it until the arm is done.
        table: How arms are made comparable.
        spec: The arm.
        measure: Called while the trained model is open.

    Raises:
        BackendError: There is no memory for it.
    """
    lesson = bench.lesson(table, spec)
    start = time.perf_counter()
    order = sha256(json.dumps([lesson.order, [one.ids for one in lesson.records]]).encode()).hexdigest()[:8]
    checkpoints = store.folder / "checkpoints" / f"{store.arm_path(table, spec).stem}-{order}"
    if isinstance(bench.trainer, FullTrainer):
        bench.trainer.folder = checkpoints
    found = ArmLosses(
        name=spec.name, kind=spec.kind, n_records=len(lesson.records), steps=len(lesson.order), tokens=lesson.tokens
    )
    try:
        with (
            bench.run.timed(f"{spec.name}, equal {table}", total=len(lesson.order) or None),
            memory_explained(bench),
            _trained(bench, lesson) as trained,
        ):
            judged = _judged(bench, trained)
            seconds = round(time.perf_counter() - start, 3)
            measure(table, spec, trained)
    except (NotFiniteError, InputError) as error:
        forget(checkpoints)
        return found.model_copy(update={"reason": str(error)})
    forget(checkpoints)
    return found.model_copy(update={"judged": judged, "training": tuple(trained.losses), "seconds": seconds})


def _trained(bench: Bench, lesson: Lesson) -> Trained:
    """The model after the lesson; the bare one where there is nothing to train on."""
    if not lesson.order:
        return Trained(bench.trainer.model, [], bench.trainer.token_losses, lambda: None)

    def progress(step: int, steps: int, loss: float) -> None:
        bench.run.emit(StageProgressed(step, steps, f"loss {loss:.3f}"))

    return bench.trainer.train(lesson.records, lesson.order, progress=progress)


def _judged(bench: Bench, trained: Trained) -> tuple[JudgeLoss, ...]:
    losses = trained.token_losses(bench.judged)
    return tuple(
        JudgeLoss.of(one.id, [float(loss) for loss in values]) for one, values in zip(bench.judged, losses, strict=True)
    )


@contextmanager
def memory_explained(bench: Bench) -> Iterator[None]:
    """Translate a lack of memory into a sentence that says what takes less.

    Raises:
        BackendError: There was not enough memory; arms that are done are kept.
    """
    try:
        with errors_translated():
            yield
    except OutOfMemoryError as error:
        other = {"full": "--train lora or top-blocks", "lora": "--train top-blocks"}.get(
            bench.asked.train, "fewer --blocks"
        )
        raise BackendError(
            f"no memory on {bench.backend.device} to train with --train {bench.asked.train}: {error}. Arms that are "
            f"done are kept; less is needed by {other}, a smaller --batch or --max-tokens, or --train lora --dtype "
            "bfloat16"
        ) from error
