"""Builder `demo`: the embedded demo tasks, written for this project."""

from __future__ import annotations

from icon.assessment.draw import source_and_group, stratified_draw
from icon.hooks import Options
from icon.protocols import AssessmentTask
from icon.types import Sample


class DemoOptions(Options):
    """`demo` has no options."""


class DemoBuilder:
    """32 very short tasks of eight groups; a smaller size is drawn as `file` does."""

    held_out = False

    def __init__(self, options: DemoOptions) -> None:
        self.options = options
        self.notes: list[str] = []

    def build(self, task: AssessmentTask) -> list[Sample]:
        """At most `task.size` of the demo tasks."""
        from icon.data import DEMO_ASSESSMENT
        from icon.samples.load import load_samples

        samples = load_samples(str(DEMO_ASSESSMENT)).samples
        too_many = task.size is not None and task.size > len(samples)
        self.notes = [f"demo: {task.size} samples asked for, there are {len(samples)}"] if too_many else []
        return stratified_draw(samples, task.size, task.seed, source_and_group)
