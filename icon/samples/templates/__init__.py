"""Prompt templates, which render samples as the exact text that is scored."""

from __future__ import annotations

from icon.samples.templates.loading import check_special_tokens, load_template, template_digest

__all__ = [
    "check_special_tokens",
    "load_template",
    "template_digest",
]
