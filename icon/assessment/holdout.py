"""What builders that hold a part of the pool out have in common: how large that part is."""

from __future__ import annotations

from icon.errors import ConfigError

DEFAULT_SIZE = 128


def holdout_size(asked: int | None, n_pool: int) -> int:
    """How many samples to hold out: as asked, or 128, or a tenth of the pool where that is fewer.

    Raises:
        ConfigError: That would leave no candidate.
    """
    size = min(DEFAULT_SIZE, max(1, n_pool // 10)) if asked is None else asked
    if size >= n_pool:
        raise ConfigError(
            f"assessment: {size} samples to hold out of a pool of {n_pool} leave no candidate; valid: fewer. "
            "Lower the assessment size, or name a file of target tasks"
        )
    return size
