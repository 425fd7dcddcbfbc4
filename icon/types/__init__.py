"""The records that travel between the stages: frozen, slotted, and light to import."""

from icon.types.contribution import Contribution, Measurement
from icon.types.model import BackendInfo, ChatTemplate, Pooling, Status, Target, TokenLogProbs
from icon.types.samples import Message, Role, RowFault, RowStatus, Sample
from icon.types.selection import Decision, Keep, Selection

__all__ = [
    "BackendInfo",
    "ChatTemplate",
    "Contribution",
    "Decision",
    "Keep",
    "Measurement",
    "Message",
    "Pooling",
    "Role",
    "RowFault",
    "RowStatus",
    "Sample",
    "Selection",
    "Status",
    "Target",
    "TokenLogProbs",
]
