"""Named settings, which `--preset` puts below those of a file and of the command line."""

from __future__ import annotations

from typing import Any

PRESETS: dict[str, dict[str, Any]] = {
    "paper": {
        "subset": 5000,
        "seed": 42,
        "keep": "15%",
        "schedule": "exact",
        "skip_urls": True,
        "template": "paper",
        "scorer": "icon",
        "scorer_options": {"control": "paired", "match": "characters"},
        "selector": "lora",
        "backend": "torch",
        "backend_options": {"model": "meta-llama/Llama-3.1-8B"},
        "max_prompt_tokens": 1024,
        "max_demonstration_tokens": 2040,
        "max_response_tokens": 1024,
        "on_too_long": "truncate",
    },
    "demo": {
        "audit_field": "planted",
        "assessment": "demo",
        "assessment_size": 4,
        "baselines": ("length", "random", "ppl"),
    },
}
"""Named settings. `paper` is the authors' (docs/method.md says what it keeps and what it does not)."""
