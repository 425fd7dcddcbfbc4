"""Several processes on one validation: each trains a share of the arms, and one of them concludes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING

from icon.errors import ConfigError
from icon.pipeline.processes import Processes
from icon_validate.options import Asked

if TYPE_CHECKING:
    from icon.pipeline.measuring import Share
    from icon_validate.performing import Work


def refuse_sharing(asked: Asked, places: Sequence[str], device: str | None) -> None:
    """Refuse several devices beside what only one process can keep.

    Raises:
        ConfigError: There are several devices and a budget, or --device as well, or the trainer cannot use them.
    """
    if device is not None and len(places) > 1:
        raise ConfigError(f"--device {device} and --devices: valid: one of the two")
    if asked.train == "full" and any(place.startswith("cuda:") and place != "cuda:0" for place in places):
        raise ConfigError(
            f"--train full on {', '.join(places)}: its trainer uses the first GPU that it sees; valid: one device, "
            "chosen by the environment variable CUDA_VISIBLE_DEVICES"
        )
    if asked.budget is not None and len(places) > 1:
        raise ConfigError(f"budget: found {len(places)} devices; valid: one, or no --budget")


def words_of(asked: Asked) -> list[str]:
    """The options of the command line that ask for the same."""
    words = []
    for field in fields(Asked):
        value = getattr(asked, field.name)
        if field.default is MISSING or value == field.default:
            continue
        name = field.name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{name}" if value else f"--no-{name}")
        else:
            words += [f"--{name}", ",".join(value) if isinstance(value, tuple) else str(value)]
    return words


def train_together(work: Work, places: Sequence[str]) -> None:
    """Train all arms: those of the other devices' shares in processes of their own, what these leave undone here."""
    if len(places) < 2:
        work.train(work.pieces)
        return
    run, options = work.bench.run, words_of(work.asked)

    def words(number: int, device: str) -> list[str]:
        return ["validate", str(run.path), *options, "--share", f"{number}/{len(places)}", "--device", device]

    workers = Processes(words, places)
    workers.start()
    try:
        work.train(work.pieces[:: len(places)])
        for fault in workers.wait():
            work.bench.note(f"{fault}; its arms were trained here")
    finally:
        workers.stop()
    work.train(work.pieces)


def train_share(work: Work, share: Share) -> None:
    """Train one share of the arms, beside other processes."""
    work.train(work.pieces[share.index :: share.count])
