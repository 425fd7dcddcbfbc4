"""What a run would do and take, before it does it: `icon plan` and `--dry-run`."""

from icon.planning.plan import plan
from icon.planning.whole import tokens_of_every_pair

__all__ = ["plan", "tokens_of_every_pair"]
