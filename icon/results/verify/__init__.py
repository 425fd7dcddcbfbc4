"""Stored measurements made again, one at a time and without sharing: can the numbers of a run be trusted?"""

from __future__ import annotations

from icon.results.verify._rescoring import verify

__all__ = [
    "verify",
]
