"""The cells of the experiment: a model trained on one choice of records, with the paths of everything about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from paper.sections import Arm
from paper.settings import Chain


@dataclass(frozen=True, slots=True)
class Cell:
    """A model, and the records that it is trained on.

    Attributes:
        model: The model's name in the settings.
        arm: How the records are chosen.
        share: The share that is kept, as written in the settings; empty for `base` and `full`.
        draw: Number of the random draw from 1; 0 for the others.
    """

    model: str
    arm: Arm
    share: str = ""
    draw: int = 0

    @property
    def name(self) -> str:
        """The folder's name: `full`, `15-selection`, `15-random-2`."""
        parts = [self.share.rstrip("%"), self.arm, str(self.draw) if self.draw else ""]
        return "-".join(part for part in parts if part)


def cells(chain: Chain, model: str) -> Iterator[Cell]:
    """The cells of a model: those without a share first, since others are compared with their answers."""
    for arm in ("base", "full"):
        if arm in chain.arms:
            yield Cell(model, arm)
    for share in chain.shares:
        yield from cells_of_share(chain, model, share)


def cells_of_share(chain: Chain, model: str, share: str) -> Iterator[Cell]:
    """The cells of a model with one share kept."""
    if "selection" in chain.arms:
        yield Cell(model, "selection", share)
    if "longest" in chain.arms:
        yield Cell(model, "longest", share)
    if "random" in chain.arms:
        for draw in range(1, chain.draws + 1):
            yield Cell(model, "random", share, draw)


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are: `work/MODEL/run`, `work/MODEL/CELL/...`."""

    work: Path

    def run(self, model: str) -> Path:
        """The run directory of icon."""
        return self.work / model / "run"

    def eligible(self, model: str) -> Path:
        """The ids of all candidates that could be selected, in the order of the pool."""
        return self.work / model / "eligible.json"

    def choice(self, model: str, share: str) -> Path:
        """The ids that icon selected with this share."""
        return self.work / model / f"selected-{share.rstrip('%')}.json"

    def cell(self, cell: Cell) -> Path:
        """The folder of a cell."""
        return self.work / cell.model / cell.name

    def records(self, cell: Cell) -> Path:
        """What the cell is trained on, one prompt and completion per line."""
        return self.cell(cell) / "records.jsonl"

    def checkpoints(self, cell: Cell) -> Path:
        """Where a training that is not done goes on."""
        return self.cell(cell) / "checkpoints"

    def weights(self, cell: Cell) -> Path:
        """The trained model, as a folder of transformers."""
        return self.cell(cell) / "model"

    def result(self, cell: Cell, *names: str) -> Path:
        """A result of the cell: `train`, or `tasks` and `answers` and `judged` with the name of a benchmark or set."""
        return self.cell(cell).joinpath(*names[:-1], f"{names[-1]}.json")
