"""Errors for models that transformers does not load, which say what is valid and what to do."""

from __future__ import annotations

from huggingface_hub import errors as hub
from safetensors import SafetensorError

from icon import network
from icon.errors import BackendError, ModelNameError, UserError
from icon.inference.model_files import GATED
from icon_torch.models import VALID_HERE, not_here
from icon_torch.options import TorchOptions

RAISED = (
    *(OSError, ValueError, LookupError, RuntimeError, ImportError, TypeError, AttributeError, SafetensorError),
    *([hub.StrictDataclassError] if hasattr(hub, "StrictDataclassError") else []),
)
"""Exceptions of transformers for models that it cannot load."""

ABSENT = ("no file named", "does not appear to have a file named")
"""Phrases of transformers where a folder or a hub model has no weights of a kind."""

NO_MODEL = ("AutoModelForCausalLM", "Unrecognized", "does not recognize this architecture", "not a valid JSON file")
"""Phrases of transformers where a config is not of a causal language model."""

NO_TOKENIZER = ("instantiate the backend tokenizer", "Can't load tokenizer")


def refusal(options: TorchOptions, error: Exception) -> UserError | BackendError:
    """The error to raise in place of one of transformers."""
    said = str(error).strip() or type(error).__name__
    first, model = said.splitlines()[0].removesuffix("."), options.model
    if from_hub := _from_hub(options, error, said):
        return from_hub
    if any(words in said for words in ABSENT) and ("safetensors" in said or "pytorch_model.bin" in said):
        return _without_weights(options)
    if "trust_remote_code" in said:
        return UserError(
            f"model {model!r} comes with Python code of its own; read it, and if you trust it: "
            "-o backend.trust_remote_code=true"
        )
    if any(words in said for words in NO_MODEL):
        return ModelNameError(f"model {model!r} is not a causal language model that transformers knows: {first}")
    if any(words in said for words in NO_TOKENIZER):
        return ModelNameError(
            f"model {model!r} has no tokenizer that can be read; valid: a folder with tokenizer.json and "
            "config.json, as save_pretrained of model and tokenizer writes it"
        )
    return BackendError(f"model {model!r} cannot be loaded: {said}")


def _from_hub(options: TorchOptions, error: Exception, said: str) -> UserError | BackendError | None:
    """The error for a hub name that the hub, or its local cache, does not know."""
    cause, model = error.__cause__, options.model
    if isinstance(cause, hub.GatedRepoError) or "gated repo" in said:
        return BackendError(GATED.format(repr(model)))
    if isinstance(cause, hub.LocalEntryNotFoundError):
        return not_here(model, options.revision, network.why())
    if isinstance(cause, hub.RevisionNotFoundError):
        return ModelNameError(f"model {model!r}: the hub has no revision {options.revision!r} of it; see its page")
    if isinstance(cause, hub.RepositoryNotFoundError | hub.HFValidationError | hub.EntryNotFoundError):
        return ModelNameError(
            f"no model {model!r}: there is no such folder, and the hub has no model of that name that you may see (a "
            f"private one after hf auth login); valid: a hub name such as meta-llama/Llama-3.1-8B, {VALID_HERE}"
        )
    return None


def _without_weights(options: TorchOptions) -> UserError:
    if options.allow_pickle:
        return ModelNameError(f"model {options.model!r} has no weights; valid: {VALID_HERE}")
    return UserError(
        f"model {options.model!r} has no safetensors weights, and other files can run code when opened; if it has some "
        "and you trust them: -o backend.allow_pickle=true"
    )
