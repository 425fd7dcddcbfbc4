"""Which records of a run are meant, and what it keeps of the dropped ones."""

from __future__ import annotations

from typing import Literal

Which = Literal["selected", "dropped", "all"]

Keeps = Literal["full", "ids", "none"]
"""What is kept of a dropped record: all of it, its row, id and reason, or nothing."""
