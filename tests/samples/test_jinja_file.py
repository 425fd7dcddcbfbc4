"""A user's own template gives the prompt, and what is wrong with it is told with file and line."""

from __future__ import annotations

import re

import pytest

from icon.errors import InputError, TemplateError
from icon.samples.templates import load_template

WHOLE = """\
{% if system %}
System: {{ system }}
{% endif %}
{% for turn in history %}
{{ turn.role }}: {{ turn.content }}
{% endfor %}
{{ messages | length }} messages
User: {{ instruction }}{% if input %} ({{ input }}){% endif %}

Assistant:
"""


def test_a_file_gets_all_parts_of_the_prompt(make, write):
    template = load_template(write(WHOLE, "mine.jinja"))
    turns = [("system", "Be brief."), ("user", "Hi"), ("assistant", "Hello."), ("user", "Add.")]
    sample = make(turns, " 5", "2, 3")
    # the line break behind {% endif %} goes with the block, the one at the file's end with the file
    prompt = "System: Be brief.\nuser: Hi\nassistant: Hello.\n4 messages\nUser: Add. (2, 3)\nAssistant:"
    assert template.target(sample).prompt == prompt
    assert template.demonstration(sample) == prompt + " 5"
    assert template.target(make("Add.", "5")).prompt == "1 messages\nUser: Add.\nAssistant:"
    assert (template.name, template.special_tokens, template.separator) == ("mine.jinja", False, "\n\n\n")


@pytest.mark.parametrize(
    ("source", "line", "told"),
    [
        ("{{ instruction }}\n{{ question }}", 2, "'question' is undefined"),
        ("Say {{ response }}", 1, "'response' is undefined"),
        ("\n\n{{ instruction.missing }}", 3, "has no attribute 'missing'"),
        ("\n{{ 1 / 0 }}", 2, "division by zero"),
        ("\n{{ instruction + 1 }}", 2, "can only concatenate str"),
        ("\n{{ raise_exception('no such thing') }}", 2, "no such thing"),
        ("{{ instruction.__class__.__mro__ }}", 1, "access to attribute '__class__' of 'str' object is unsafe"),
        ("{{ messages.append(1) }}", 1, "access to attribute 'append' of 'list' object is unsafe"),
        ("{% if false %}x{% endif %}", None, "the prompt it renders is blank"),
    ],
)
def test_a_template_that_fails_on_a_sample_names_file_line_and_sample(make, write, source, line, told):
    path = write(source, "mine.j2")
    template = load_template(path)
    sample = make("Hi", "Hello")
    place = f"{path}, line {line}: " if line else f"{path}: "
    with pytest.raises(TemplateError, match=re.escape(told)) as caught:
        template.target(sample)
    assert str(caught.value).startswith(f"{place}sample {sample.id} (row 0): ")


def test_a_template_that_does_not_compile_names_file_and_line(write):
    path = write("Hi\n{% if instruction %}\n{{ input }", "mine.jinja")
    with pytest.raises(TemplateError, match=re.escape(f"{path}, line 3: ")):
        load_template(path)


def test_a_file_cannot_read_other_files(make, write):
    write("secret", "other.txt")
    template = load_template(write('{% include "other.txt" %}', "mine.jinja"))
    with pytest.raises(TemplateError, match="no loader"):
        template.target(make("Hi", "Hello"))


def test_a_file_that_cannot_be_read_is_an_input_error(write, tmp_path):
    with pytest.raises(InputError, match=r"none\.jinja: cannot be read: No such file"):
        load_template(str(tmp_path / "none.jinja"))
    with pytest.raises(InputError, match="not UTF-8 at offset 3"):
        load_template(write(b"caf\xe9", "latin.jinja"))
