"""The form of a chat template: what it writes around each turn, and the Jinja made from it.

A form is what a model's template comes to for a conversation of text, without tools. `{}` is the place of the text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Form:
    """What a template writes.

    Attributes:
        name: The model family.
        user: A user's turn.
        answer: An assistant's turn.
        asks: What is written where an answer is asked for.
        system: The system prompt in front of everything; None where the template refuses one.
        in_user: The system prompt in front of the first user's text, where it has no turn of its own.
        default: What stands in the place of the system prompt where there is none.
        head: What follows the BOS.
        bos, eos: The tokenizer's tokens; `bos` may be in the turns too.
        trims: Whether texts lose white space at their ends.
        empty: What is put in front of the last answer where it has no thinking.
        thinks: How the last answer's thinking is written; None where the template leaves it out.
        cuts: Whether earlier answers lose their thinking.
        last: The assistant's turn where it is the last, if it ends otherwise.
        tail: What ends a conversation that asks for no answer.
        alternates: Whether users and assistants must take turns.
        parts: Whether contents are lists of parts.
    """

    name: str
    user: str
    answer: str
    asks: str
    system: str | None = None
    in_user: str | None = None
    default: str = ""
    head: str = ""
    bos: str = "<s>"
    eos: str = "</s>"
    trims: bool = False
    empty: str = ""
    thinks: str | None = "<think>{}</think>"
    cuts: bool = False
    last: str = ""
    tail: str = ""
    alternates: bool = False
    parts: bool = False


def source(form: Form) -> str:
    """The Jinja source of a form."""
    head = "{{- bos_token -}}" if form.bos else ""
    return (
        head + _said(form.head) + _system(form) + "{%- for m in turns -%}" + _turn(form) + "{%- endfor -%}" + _end(form)
    )


def _system(form: Form) -> str:
    given = "{{- raise_exception('System role not supported') -}}"
    if form.system is not None:
        given = _written(form.system, "messages[0]." + _content(form))
    if form.in_user is not None:
        given = "{%- set first = " + _joined(form.in_user, "messages[0]." + _content(form)) + " -%}"
    return (
        "{%- set turns = messages -%}{%- set first = '' -%}{%- if messages[0].role == 'system' -%}"
        + f"{{%- set turns = messages[1:] -%}}{given}{{%- else -%}}{_said(form.default)}{{%- endif -%}}"
    )


def _turn(form: Form) -> str:
    text, gap = "m." + _content(form), "{%- else -%}"
    order = (
        "{%- if (m.role == 'user') != (loop.index0 % 2 == 0) -%}"
        "{{- raise_exception('Roles must alternate') -}}{%- endif -%}"
    )
    user = _written(form.user, f"(first if loop.first else '') ~ {text}")
    split = (
        "{%- set thought = none -%}{%- set text = " + text + " -%}{%- if '</think>' in text -%}"
        "{%- set thought = text.split('</think>')[0].split('<think>')[-1].strip('\\n') -%}"
        "{%- set text = text.split('</think>')[-1].lstrip('\\n') -%}{%- endif -%}"
    )
    kept = f"(({_joined(form.thinks, 'thought')}) if thought is not none else '')" if form.thinks else "''"
    earlier = "''" if form.cuts else kept
    empty = f"({json.dumps(form.empty, ensure_ascii=False)} if thought is none else {kept})" if form.empty else kept
    shown = split if form.thinks is None or form.empty or form.cuts else "{%- set text = " + text + " -%}"
    plain = shown != split
    last = _written(form.last or form.answer, "text" if plain else f"{empty} ~ text")
    other = _written(form.answer, "text" if plain else f"{earlier} ~ text")
    answer = f"{shown}{{%- if loop.last -%}}{last}{gap}{other}{{%- endif -%}}"
    return (order if form.alternates else "") + f"{{%- if m.role == 'user' -%}}{user}{gap}{answer}{{%- endif -%}}"


def _end(form: Form) -> str:
    return f"{{%- if add_generation_prompt -%}}{_said(form.asks)}{{%- else -%}}{_said(form.tail)}{{%- endif -%}}"


def _content(form: Form) -> str:
    text = "content[0].text" if form.parts else "content"
    return text + " | trim" if form.trims else text


def _joined(around: str, expression: str) -> str:
    before, after = (json.dumps(text, ensure_ascii=False) for text in around.split("{}"))
    return f"{before} ~ ({expression}) ~ {after}"


def _written(around: str, expression: str) -> str:
    return "{{- " + _joined(around, expression) + " -}}"


def _said(text: str) -> str:
    return "{{- " + json.dumps(text, ensure_ascii=False) + " -}}" if text else ""
