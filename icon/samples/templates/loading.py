"""Loads a template by the name that the user gives."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from icon._near import did_you_mean
from icon.errors import ConfigError, TemplateError, UserError
from icon.plugins import Backend, Template
from icon.samples.templates._text_templates import AlpacaTemplate, PaperTemplate, PlainTemplate, TextTemplate
from icon.types import BackendInfo, ChatTemplate, Message, Sample

NAMES = ("auto", "alpaca", "paper", "plain", "chat")

ENDINGS = (".jinja", ".j2")

PROBE = Sample("probe", 0, (Message("user", "Hello"),), "Hi")
"""A sample whose prompt shows how a template's prompts end."""

_TEXT_TEMPLATES: dict[str, type[TextTemplate]] = {
    found.name: found for found in (AlpacaTemplate, PaperTemplate, PlainTemplate)
}


def load_template(name: str, chat: ChatTemplate | None = None, *, adds_bos: bool = True) -> Template:
    """The template of a name, or the one in a file.

    Args:
        name: "auto", "alpaca", "paper", "plain", "chat", or the path of a .jinja or .j2 file; "auto" is "chat" where
            the model has a chat template, else "alpaca".
        chat: The model's own chat template, for "chat" and "auto"; None where it has none.
        adds_bos: Whether the backend puts a BOS in front of every sequence (`BackendInfo.bos`); where it does not, a
            BOS of the chat template is the template's to bring (`opening_of`).

    Raises:
        TemplateError: "chat" was asked for and the model has none, or a template cannot be compiled.
        InputError: The file cannot be read.
        UserError: No template has that name.
    """
    if name == "auto":
        name = "alpaca" if chat is None else "chat"
    if text_template := _TEXT_TEMPLATES.get(name):
        return text_template()
    if name == "chat":
        from icon.samples.templates._chat import ModelChatTemplate

        if chat is None:
            raise TemplateError(
                "template chat: the model has no chat template of its own; use --template alpaca or plain, "
                "write the prompt in a .jinja file, or choose an instruction-tuned model"
            )
        return ModelChatTemplate(chat, adds_bos=adds_bos)
    if name.lower().endswith(ENDINGS):
        from icon.samples.templates._jinja_file import JinjaFileTemplate

        return JinjaFileTemplate(Path(name))
    meant = did_you_mean(name, NAMES)
    raise UserError(f"no template named {name!r}; valid: {', '.join(NAMES)}, or a file ending in .jinja or .j2.{meant}")


def template_of_model(name: str, backend: Backend) -> Template:
    """The template `chat` or `auto` of an open model.

    A backend that reads special tokens as plain text cannot use a chat template, so `auto` is `alpaca` with it.

    Raises:
        TemplateError: "chat" was asked for and the model has none, or it cannot be compiled.
    """
    info = backend.describe()
    return template_as_described(name, info, backend.chat_template() if _takes_chat(name, info) else None)


def template_as_described(name: str, info: BackendInfo, chat: ChatTemplate | None) -> Template:
    """The template `chat` or `auto` of a model that another process has opened. See `template_of_model`.

    Raises:
        TemplateError: "chat" was asked for and the model has none, or it cannot be compiled.
    """
    return load_template(name, chat if _takes_chat(name, info) else None, adds_bos=info.bos)


def _takes_chat(name: str, info: BackendInfo) -> bool:
    """Whether the model's own chat template is used; not by `auto` where special tokens are read as plain text."""
    return name == "chat" or info.settings.get("special_tokens") is not False


def opening_of(template: Template) -> str:
    """The text that comes once at the beginning of every sequence: the BOS where only a chat template brings it."""
    opening: str = getattr(template, "opening", "")
    return opening


def template_digest(template: Template) -> str:
    """Sha256, in hex, of all that decides how a template renders: templates with the same digest render alike."""
    name = getattr(template, "digest_name", template.name)
    parts = [name, template.source, template.separator, template.special_tokens]
    if _ends_in_blank(template):  # `with_blank` gives it to the response, which earlier versions did not
        parts.append("a blank at a prompt's end is the response's")
    return sha256(json.dumps(parts).encode()).hexdigest()


def _ends_in_blank(template: Template) -> bool:
    try:
        return template.target(PROBE).prompt.endswith(" ")
    except TemplateError:
        return False


def check_special_tokens(template: Template, backend: Backend | None) -> None:
    """Refuse a backend that would read the template's special tokens as plain text.

    Raises:
        ConfigError: The backend was opened without them.
    """
    if not template.special_tokens or backend is None:
        return
    if backend.describe().settings.get("special_tokens") is False:
        raise ConfigError(
            f"template {template.name} needs special tokens, and the backend reads them as plain text; "
            "open it with special_tokens=True"
        )
