"""Stage `train`: full fine-tuning of a cell by TRL's SFTTrainer, from the last checkpoint where there is one."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icon.errors import ConfigError
from paper import results
from paper.cells import Cell, Places
from paper.settings import Chain
from paper.texts import record_settings, write_records

if TYPE_CHECKING:
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer


def training_settings(chain: Chain, cell: Cell) -> Mapping[str, object]:
    """What decides a training."""
    how = chain.training.model_dump(exclude={"save_every", "per_device", "checkpoint_activations"})
    return {"weights": chain.weights(cell.model), "template": chain.template, **record_settings(chain, cell), **how}


def train(chain: Chain, cell: Cell) -> None:
    """Train the model of a cell, save it, and note the losses.

    Raises:
        ConfigError: The batch cannot be divided among this many processes.
    """
    places = Places(chain.work)
    checkpoints = places.checkpoints(cell)
    started = time.monotonic()
    rows = _records(chain, cell)
    trainer = _trainer(chain, cell, rows, checkpoints)
    last = _last_checkpoint(checkpoints)
    trainer.train(resume_from_checkpoint=str(last) if last else None)
    making = places.cell(cell) / "model.tmp"
    trainer.save_model(str(making))  # by all processes together, where the weights are divided among them
    if not trainer.is_world_process_zero():
        return
    shutil.rmtree(places.weights(cell), ignore_errors=True)
    making.replace(places.weights(cell))
    values = {
        "records": len(rows),
        **_noted(trainer),
        "resumed_from": last.name if last else None,
        "seconds": time.monotonic() - started,
    }
    results.write(places.result(cell, "train"), training_settings(chain, cell), values)
    shutil.rmtree(checkpoints, ignore_errors=True)


def _records(chain: Chain, cell: Cell) -> list[dict[str, Any]]:
    """What the cell is trained on; one of several processes writes it, the others read it."""
    from accelerate import PartialState

    state = PartialState()
    with state.main_process_first():
        if state.is_main_process:
            _begin(chain, cell)
        return results.read_lines(Places(chain.work).records(cell))


def _begin(chain: Chain, cell: Cell) -> None:
    """Write the records, and refuse checkpoints of other records or settings.

    Raises:
        ConfigError: There are some.
    """
    places = Places(chain.work)
    begun = places.cell(cell) / "checkpoints.settings.json"
    write_records(chain, cell)
    digest = sha256(places.records(cell).read_bytes()).hexdigest()
    settings = {**training_settings(chain, cell), "records": digest}
    if places.checkpoints(cell).exists():
        results.done(begun, settings)
    results.write(begun, settings, {})


def _trainer(chain: Chain, cell: Cell, rows: list[dict[str, Any]], checkpoints: Path) -> SFTTrainer:
    import torch
    from accelerate import PartialState
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl.trainer.sft_trainer import SFTTrainer

    weights = chain.weights(cell.model)
    tokenizer = AutoTokenizer.from_pretrained(weights)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    dtype = torch.bfloat16 if chain.training.precision == "bfloat16" else torch.float32
    model = AutoModelForCausalLM.from_pretrained(weights, dtype=dtype)
    columns = [{name: row[name] for name in ("prompt", "completion")} for row in rows]
    config = _config(chain, checkpoints, PartialState().num_processes)
    return SFTTrainer(model, args=config, train_dataset=Dataset.from_list(columns), processing_class=tokenizer)


def _config(chain: Chain, checkpoints: Path, processes: int) -> SFTConfig:
    import torch
    from trl.trainer.sft_config import SFTConfig

    how = chain.training
    if how.batch % (how.per_device * processes):
        raise ConfigError(
            f"training.batch = {how.batch}: is no multiple of per_device = {how.per_device} x {processes} processes"
        )
    return SFTConfig(
        output_dir=str(checkpoints),
        num_train_epochs=how.epochs,
        learning_rate=how.learning_rate,
        per_device_train_batch_size=how.per_device,
        gradient_accumulation_steps=how.batch // (how.per_device * processes),
        max_length=how.max_tokens,
        completion_only_loss=True,
        optim="adamw_torch",
        lr_scheduler_type=how.schedule,
        warmup_steps=how.warmup_share,
        weight_decay=how.weight_decay,
        bf16=how.precision != "float32",
        gradient_checkpointing=how.checkpoint_activations,
        save_strategy="steps",
        save_steps=how.save_every,
        save_total_limit=2,
        logging_steps=1,
        report_to="none",
        disable_tqdm=True,
        seed=chain.seed,
        use_cpu=not torch.cuda.is_available(),
    )


def _last_checkpoint(folder: Path) -> Path | None:
    """The last checkpoint that was written whole: the trainer writes its state last."""
    whole = [path for path in folder.glob("checkpoint-*") if _is_json(path / "trainer_state.json")]
    return max(whole, key=lambda path: int(path.name.rpartition("-")[2]), default=None)


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    return True


def _noted(trainer: SFTTrainer) -> dict[str, Any]:
    """Steps and losses of a training."""
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    return {"steps": trainer.state.global_step, "losses": losses}
