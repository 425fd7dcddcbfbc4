"""Prompt templates: samples as the exact text that is scored."""

from icon.samples.templates.loading import load_template, template_digest

__all__ = ["load_template", "template_digest"]
