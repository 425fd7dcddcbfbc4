"""Trainer `full`: all weights, by TRL's SFTTrainer, with checkpoints from which a killed arm goes on."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from icon.errors import BackendError
from icon_torch.quiet import quiet
from icon_validate.encoding import Encoded
from icon_validate.trained import Progress, Trained
from icon_validate.whole import token_losses

CHECKPOINTS = 4
"""Checkpoints that are written during an arm."""

STATE = "trainer_state.json"
"""The file of a checkpoint that is written last."""


@dataclass(frozen=True, slots=True)
class FullSettings:
    """How an arm is trained.

    Attributes:
        learning_rate: First learning rate of AdamW.
        seed: Seed of TRL's trainer; the order of the records does not depend on it.
    """

    learning_rate: float = 2e-5
    seed: int = 0


class FullTrainer:
    """Trains all weights of a model, arm after arm, from the same weights, of which it keeps a copy.

    Args:
        model: A causal language model of transformers.
        tokenizer: Its tokenizer.
        settings: How arms are trained.

    Attributes:
        folder: Folder of the present arm's checkpoints; None for none.

    Raises:
        BackendError: TRL is not installed.
    """

    def __init__(self, model: Any, tokenizer: Any, settings: FullSettings) -> None:
        try:
            import trl
        except ImportError as error:
            raise BackendError(f"--train full needs TRL; install it with: pip install trl ({error})") from error
        del trl
        self.model, self.tokenizer, self.settings = model, tokenizer, settings
        self.folder: Path | None = None
        self._original = {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}

    def train(
        self, records: Sequence[Encoded], order: Sequence[Sequence[int]], *, progress: Progress | None = None
    ) -> Trained:
        """Train on the records, from the original weights or the arm's last checkpoint; see `TopBlocks.train`.

        Raises:
            BackendError: A loss is not finite.
        """
        from icon_validate.trl_loop import Job, run

        self._restore()
        last = None if self.folder is None else last_checkpoint(self.folder)
        job = Job(records, order, self.settings.learning_rate, self.settings.seed, self.folder, last)
        try:
            with quiet(), warnings.catch_warnings():
                warnings.filterwarnings("ignore", message=".*gradient_checkpointing.*", category=FutureWarning)
                losses = run(self.model, self.tokenizer, job, progress)
        except BaseException:
            self._restore()
            raise
        self.model.eval().requires_grad_(False)
        return Trained(self.model, losses, self.token_losses, self._restore)

    def token_losses(self, samples: Sequence[Encoded]) -> list[NDArray[np.float64]]:
        """-log p of each response token of each sample under the present weights."""
        return token_losses(self.model, samples)

    @torch.no_grad()
    def _restore(self) -> None:
        self.model.load_state_dict(self._original)
        self.model.eval().requires_grad_(False)
        self.model.zero_grad(set_to_none=True)


def last_checkpoint(folder: Path) -> Path | None:
    """The last complete checkpoint; one whose state cannot be read is skipped."""
    steps = {}
    for path in folder.glob("checkpoint-*"):
        try:
            steps[int(json.loads((path / STATE).read_text(encoding="utf-8"))["global_step"])] = path
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return steps[max(steps)] if steps else None


def forget(folder: Path) -> None:
    """Delete the checkpoints of an arm that is done."""
    shutil.rmtree(folder, ignore_errors=True)
