"""Named settings, which `--preset` puts below those of a file and of the command line."""

from __future__ import annotations

from typing import Any

_PAPER: dict[str, Any] = {
    "subset": 5000,
    "seed": 42,
    "keep": "15%",
    "schedule": "exact",
    "skip_urls": True,
    "template": "paper",
    "skip_tokens": 0,
    "primed": False,
    "equal_length": "none",
    "scorer": "icon",
    "scorer_options": {"control": "paired", "match": "characters"},
    "selector": "lora",
    "backend": "torch",
    "backend_options": {"model": "meta-llama/Llama-3.1-8B"},
    "max_prompt_tokens": 1024,
    "max_demonstration_tokens": 2040,
    "max_response_tokens": 1024,
    "on_too_long": "truncate",
}

_RELEASED: dict[str, Any] = _PAPER | {
    "subset_draw": "pandas",
    "scorer_options": {"control": "paired", "match": "released", "mask": "released"},
    "backend_options": {"model": "meta-llama/Llama-3.1-8B", "dtype": "float16"},
    "max_prompt_tokens": 1023,
    "max_demonstration_tokens": 2039,
    "max_response_tokens": 1023,
}
"""The released limits are 1,024 and 2,040 with the BOS, which icon does not count."""

PREVIEW: dict[str, Any] = {"backend": "llamacpp", "schedule": "race", "budget": "5m", "capture": 1.0, "subset": 200}
"""The defaults of a preview: it uses its whole budget rather than ending at a good enough choice, and scores no more
candidates than five minutes suffice for."""

PRESETS: dict[str, dict[str, Any]] = {
    "paper": _PAPER,
    "released": _RELEASED,
    "demo": {
        "audit_field": "planted",
        "assessment": "demo",
        "assessment_size": 4,
        "baselines": ("length", "random", "ppl"),
    },
}
"""Named settings. `paper` is what the paper says, `released` what the authors' released code does; docs/method.md says
what either keeps and what it does not."""
