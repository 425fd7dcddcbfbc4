"""Opens the model to train, its trainer, and the run's template for it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Literal

from icon import trust
from icon.errors import BackendError, ConfigError, ModelNameError
from icon.plugins import Template
from icon.runs.run import Run
from icon.samples import load_template, template_digest
from icon.samples.templates.loading import NAMES
from icon_torch.backend import TorchBackend
from icon_torch.options import TorchOptions
from icon_validate.options import BLOCKS_SHARE, Asked
from icon_validate.whole import ArmTrainer

SHARED = ("model", "device", "revision", "trust_remote_code", "allow_pickle", "threads")
"""Options of the backend torch that a validation takes over from the run; not the dtype, see `options.check`."""


def open_model(run: Run, asked: Asked, device: str | None) -> TorchBackend:
    """The run's model in the torch backend, which reads the GGUF files of llama.cpp as well.

    Raises:
        ConfigError: The run's backend has no model that torch could open, and none is named.
        UntrustedCodeError: The run's settings ask for code that comes with the model, and the user did not allow it.
        BackendError: It cannot be loaded; the message says what to do.
    """
    config = run.config
    given = {name: config.backend_options[name] for name in SHARED if name in config.backend_options}
    if config.backend != "torch":
        given = {"model": given["model"]} if "model" in given else {}
        if config.backend != "llamacpp" and asked.model is None:
            raise ConfigError(
                f"{run.path}: its backend {config.backend} has no model that can be trained; name one with --model"
            )
    for name, value in (("model", asked.model), ("dtype", asked.dtype), ("device", device)):
        if value is not None:
            given[name] = value
    given.setdefault("dtype", "float32")
    checked = run.plugins.get("backend", "torch").validate({**given, "special_tokens": _special_tokens(run)})
    options = TorchOptions.model_validate(dict(checked))
    try:
        with trust.guarded():
            opened = TorchBackend(options)
    except BackendError as error:
        if asked.model is None and not isinstance(error, ModelNameError):
            raise BackendError(
                f"{error}\nThe run's model {options.model} cannot be trained here; name one that transformers loads, "
                "for example its original on the hub, with --model"
            ) from error
        raise
    with suppress(ValueError):
        opened.model.set_attn_implementation("sdpa")  # transformers' own, which pads and generates as it should
    return opened


def template_of(run: Run, backend: TorchBackend) -> tuple[Template, list[str]]:
    """The run's template for this model, and a note where the model's chat template is another than the run's."""
    held = run.manifest.inputs.template
    name = held.name if held is not None and held.name in NAMES else run.config.template
    chat = backend.chat_template() if name in ("chat", "auto") else None
    template = load_template(name, chat, adds_bos=backend.adds_bos)
    if held is not None and template_digest(template) != held.digest:
        return template, [f"template {name}: it renders otherwise than when the run was scored"]
    return template, []


def n_blocks(model: Any, asked: Asked) -> int:
    """Number of blocks that top-blocks trains."""
    of_model = model.config.get_text_config(decoder=True).num_hidden_layers
    return asked.blocks if asked.blocks is not None else max(1, round(BLOCKS_SHARE * of_model))


def make_trainer(backend: TorchBackend, asked: Asked) -> ArmTrainer:
    """The trainer that was asked for.

    Raises:
        UserError: It does not fit the model.
        BackendError: A package is missing.
    """
    model = backend.model
    if asked.train == "top-blocks":
        from icon_validate.top_blocks import Settings, TopBlocks

        return TopBlocks(model, Settings(blocks=n_blocks(model, asked), learning_rate=asked.rate))
    if asked.train == "lora":
        from icon_validate.lora import LoraSettings, LoraTrainer

        return LoraTrainer(model, LoraSettings(asked.rank, 2 * asked.rank, asked.rate, asked.seed))
    from icon_validate.full import FullSettings, FullTrainer

    return FullTrainer(model, backend.tokenizer, FullSettings(asked.rate, asked.seed))


def _special_tokens(run: Run) -> bool | Literal["auto"]:
    """Whether special tokens are read as such: for a chat template, and where the model decides, if it has one."""
    held = run.manifest.inputs.template
    name = run.config.template if held is None else held.name
    return "auto" if name == "auto" else name == "chat"
