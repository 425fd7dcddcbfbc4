"""The cluster: connecting to a running one, or starting one on this machine, and leaving it as it was."""

from __future__ import annotations

import logging
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

import ray

from icon.errors import ConfigError, ExecutorError
from icon_ray.options import RayOptions

_logger = logging.getLogger("ray")

OBJECT_STORE_BYTES = 128 * 2**20
"""Shared memory of a Ray on this machine: parts and the samples of a slice pass through it, a few MB at a time."""

LONGEST_PLACE = 25
"""Longest folder of temporary files below which the names of Ray's sockets stay within the system's 107 bytes."""

CONNECT_SECONDS = 5
"""How long an address may take to accept a connection."""


class Cluster:
    """A connection of this process to Ray.

    Args:
        options: Which cluster.

    Raises:
        ConfigError: Nobody listens at the address, or this machine is not a node of the cluster.
        ExecutorError: Ray cannot be started here.
    """

    def __init__(self, options: RayOptions) -> None:
        self._folder: Path | None = None
        self._connected = False
        if ray.is_initialized():  # by a program that calls icon.run: it ends it as well
            return
        handlers, level = _handlers(), _logger.level
        _logger.setLevel(logging.ERROR)  # of warnings it has one for each start
        try:
            if options.address == "local":
                self._start()
            else:
                self._join(options.address)
            self._connected = True
        except BaseException:  # Ctrl-C amid the start, for example
            ray.shutdown()
            self.close()
            raise
        finally:
            _restore(handlers)  # Ray has put its own in the place of icon's
            _logger.setLevel(level)

    def close(self) -> None:
        """Leave the cluster; one that was started here ends. Safe to call twice."""
        if self._connected:
            self._connected = False
            ray.shutdown()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _start(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="icon-ray-", dir=_place()))
        try:
            ray.init(
                address="local",
                object_store_memory=OBJECT_STORE_BYTES,
                include_dashboard=False,
                log_to_driver=False,
                configure_logging=False,
                _temp_dir=str(self._folder),
            )
        except (OSError, RuntimeError, ValueError) as error:
            raise ExecutorError(f"executor ray: Ray could not be started on this machine: {error}") from None

    def _join(self, address: str) -> None:
        if address != "auto":
            _refuse_silent(address)
        try:
            ray.init(address=address, log_to_driver=False, configure_logging=False)
        except (OSError, RuntimeError, ValueError) as error:
            raise ConfigError(
                f"executor.address {address}: no cluster that this process can join ({error}); valid: the address of "
                "the head node of a cluster to which this machine belongs (ray start --address on it), or local"
            ) from None


def _place() -> str | None:
    """Where the folder of a Ray goes: None for the usual place; Ray's sockets lie in it, whose names have a limit."""
    return "/tmp" if len(tempfile.gettempdir()) > LONGEST_PLACE and Path("/tmp").is_dir() else None


def _refuse_silent(address: str) -> None:
    """Refuse an address where nobody listens, at once; Ray itself would try for minutes, and end the process.

    Raises:
        ConfigError: Nobody listens there.
    """
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()
    except OSError as error:
        raise ConfigError(
            f"executor.address {address}: nobody listens there ({error}); valid: host:port as `ray start --head` "
            "prints it, auto, or local"
        ) from None


def _handlers() -> dict[int, object]:
    if threading.current_thread() is not threading.main_thread():
        return {}
    return {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}


def _restore(handlers: Mapping[int, object]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)  # type: ignore[arg-type]
