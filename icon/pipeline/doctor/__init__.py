"""The state of a run directory, file by file, and the repair of what can be made again from what is there."""

from __future__ import annotations

from icon.pipeline.doctor._examining import examine
from icon.pipeline.doctor._records import Examined, Finding
from icon.pipeline.doctor._repairing import repair

__all__ = ["Examined", "Finding", "examine", "repair"]
