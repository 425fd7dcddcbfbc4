"""What a run would do and take, before it does it: `icon plan` and `--dry-run`."""

from icon.planning.plan import plan

__all__ = ["plan"]
