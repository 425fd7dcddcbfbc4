"""Stored measurements made again, one at a time and without sharing: can the numbers of a run be trusted?"""

from icon.verification.rescoring import verify

__all__ = ["verify"]
