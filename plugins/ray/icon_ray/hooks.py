"""The plugin's hooks; importing them is light, Ray is imported when the executor is opened."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from icon.plugins import hookimpl

if TYPE_CHECKING:
    from icon.plugins import Strategy

ENVIRONMENT = {
    "RAY_NUM_REDIS_GET_RETRIES": "1",  # what does not answer is tried for 40 seconds, not for a quarter of an hour
}
"""Settings of Ray that it reads when it is imported; those of the user stay."""


@hookimpl
def icon_executors() -> list[Strategy]:
    """The executor `ray`."""
    from icon.plugins import Strategy
    from icon_ray.options import RayOptions

    return [Strategy("ray", "workers on the nodes of a Ray cluster", _ray, RayOptions)]


def _ray(options: Any) -> Any:
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    from icon_ray.executor import RayExecutor

    return RayExecutor(options)
