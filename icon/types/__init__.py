"""The records that the stages exchange: frozen, slotted, and light to import."""

from __future__ import annotations

from icon.types._budget import Budget, Meter, parse_budget
from icon.types._candidate import Contribution, Decision, Keep, Measurement, ScoreRow, Selection, part_of
from icon.types._model import BackendInfo, ChatTemplate, Pooling, Status, Target, TokenLogProbs
from icon.types._sample import Message, Role, RowStatus, Sample

__all__ = [
    "BackendInfo",
    "Budget",
    "ChatTemplate",
    "Contribution",
    "Decision",
    "Keep",
    "Measurement",
    "Message",
    "Meter",
    "Pooling",
    "Role",
    "RowStatus",
    "Sample",
    "ScoreRow",
    "Selection",
    "Status",
    "Target",
    "TokenLogProbs",
    "parse_budget",
    "part_of",
]
