"""Prompt templates: samples as the exact text that is scored."""

from icon.samples.templates.loading import load_template, template_digest
from icon.samples.templates.special_tokens import check_special_tokens

__all__ = ["check_special_tokens", "load_template", "template_digest"]
