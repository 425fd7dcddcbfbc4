"""Whether the folder of a run is still where it was, so that a deleted or moved one is not made anew for the rest."""

from __future__ import annotations

from icon.errors import RunError
from icon.runs.directory import RunDirectory


class Presence:
    """The folder of a run, as it was when this process last saw its run.json.

    Args:
        directory: The run directory.
    """

    def __init__(self, directory: RunDirectory) -> None:
        self._directory = directory
        self._was_there = directory.manifest_path.exists()

    def saved(self) -> None:
        """Its run.json was written."""
        self._was_there = True

    def check(self) -> None:
        """Refuse to go on where the folder was deleted or moved.

        Raises:
            RunError: Its run.json is not there any more.
        """
        if self._was_there and not self._directory.manifest_path.exists():
            raise RunError(
                f"{self._directory.path}: was deleted or moved while the run was working: its run.json is gone, and "
                "nothing more is written. Where it was moved, put it back or name its new place; then the same command "
                "goes on"
            )
