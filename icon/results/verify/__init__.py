"""Stored measurements made again, one at a time and without sharing: can the numbers of a run be trusted?"""

from __future__ import annotations

from icon.results.verify._records import ColumnError, FailedPair, Verification, WorstPair
from icon.results.verify._rescoring import verify

__all__ = [
    "ColumnError",
    "FailedPair",
    "Verification",
    "WorstPair",
    "verify",
]
