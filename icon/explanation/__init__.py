"""One sample explained: its place, what it was measured on, which tokens it helped or hurt, and what is like it."""

from icon.explanation.closing import examples
from icon.explanation.sample import explain

__all__ = ["examples", "explain"]
