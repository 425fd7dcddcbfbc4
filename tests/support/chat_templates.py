"""What comes out with chat templates that you have: `python tests/support/chat_templates.py FOLDER`.

Reads the .jinja files of the folder, and prints a table: for conversations of several shapes, whether the text and the
span of the answer are those of transformers' own rendering (yes), the text differs (no), or why there is none.
"""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path

from icon.errors import TemplateError
from icon.samples import content_id
from icon.samples.templates import load_template
from icon.samples.templates._sandbox import RENDER_FAULTS, TODAY
from icon.types import ChatTemplate, Message, Sample

BOS, EOS = "<s>", "</s>"
ANSWER = "It is 5, as 2 + 3 = 5."
ASK = ("user", "Add 2 and 3.")
SHAPES = {
    "one turn": ([ASK], ANSWER),
    "earlier turns": ([("user", "Hi there"), ("assistant", "Hello to you."), ASK], ANSWER),
    "system prompt": ([("system", "Be brief."), ASK], ANSWER),
    "white space at the ends": ([ASK], f" {ANSWER}\n\n"),
    "thinking in the response": ([ASK], f"<think>\nTwo and three.\n</think>\n\n{ANSWER}"),
}


class Today(datetime.datetime):
    """The date that icon gives to templates, for transformers."""

    @classmethod
    def now(cls, tz=None):
        return cls(TODAY.year, TODAY.month, TODAY.day)


def outcome(source, turns, response):
    """A word on one conversation under one template."""
    from transformers.utils import chat_template_utils

    chat_template_utils.datetime = Today
    messages = tuple(Message(role, text) for role, text in turns)
    sample = Sample(content_id(messages, "", response), 0, messages, response)
    try:
        used = load_template("chat", ChatTemplate(source, BOS, EOS))
        target, text = used.target(sample), used.demonstration(sample)
    except TemplateError as error:
        return "refused: " + str(error).partition("cannot render it: ")[2].partition(". The cause")[0]
    rendered = None
    for parts in (False, True):
        chat = [{"role": role, "content": text} for role, text in [*turns, ("assistant", response)]]
        if parts:
            chat = [turn | {"content": [{"type": "text", "text": turn["content"]}]} for turn in chat]
        try:
            (rendered,), _ = chat_template_utils.render_jinja_template(
                [chat], chat_template=source, bos_token=BOS, eos_token=EOS
            )
        except RENDER_FAULTS:  # the other way of contents is next
            continue
        if ANSWER in rendered:
            break
    same = rendered is not None and rendered.removeprefix(BOS) == text.removeprefix(BOS)
    spanned = text.startswith(target.prompt + target.response) and ANSWER in target.response
    exact = target.response.strip() in (ANSWER, response.strip()) or "<think>" in response
    note = f" ({used.notes[0].removeprefix('the model' + chr(39) + 's chat template ')})" if used.notes else ""
    return ("yes" if same and spanned and exact else "no") + note.partition(":")[0].rstrip(")") + (")" if note else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    files = sorted(parser.parse_args().folder.glob("**/*.jinja"))
    rows = [[path.stem, *(outcome(path.read_text("utf-8"), *shape) for shape in SHAPES.values())] for path in files]
    head = ["template", *SHAPES]
    for row in (head, ["---"] * len(head), *rows):
        print("| " + " | ".join(row) + " |")
    n_first = sum(row[1].startswith("yes") for row in rows)
    print(f"\n{n_first} of {len(rows)} give the span of transformers' own rendering for one turn.")


if __name__ == "__main__":
    main()
