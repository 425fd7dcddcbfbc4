"""A template takes neither a gigabyte nor a minute, whatever it builds; one that a person wrote renders as ever."""

# ruff: noqa: E501  (a template a line)

from __future__ import annotations

import json

import jinja2
import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment

from icon.errors import TemplateError
from icon.samples.templates import _render_bounds, load_template
from icon.samples.templates._sandbox import compiled, make_environment
from support.measured import MIB, measured

DOUBLED = "{% set n = namespace(x='ab') %}{% for i in range(60) %}{% set n.x = "
LAUGHS = "{% set a = ['lol'] %}" + "".join(f"{{% set a = [{', '.join('a' * 10)}] %}}" for _ in range(12))
BOMBS = {
    "nested range": "{% for i in range(90000) %}{% for j in range(90000) %}xxxxxxxx{% endfor %}{% endfor %}",
    "nested loops without text": "{% for i in 'a' * 90000 %}{% for j in 'a' * 90000 %}{% endfor %}{% endfor %}",
    "repeated text": "{{ 'a' * 3000000000 }}",
    "repeated on the left": "{{ 3000000000 * 'a' }}",
    "repeated list": "{{ ([0] * 3000000000) | length }}",
    "a power": "{{ 7 ** (7 ** 12) }}",
    "a product, squared again": "{% set n = namespace(x=7) %}{% for i in range(60) %}{% set n.x = n.x * n.x %}{% endfor %}",
    "wide padding": "{{ 'a'.center(3000000000) }}",
    "wide padding by a filter": "{{ 'a' | center(3000000000) }}",
    "zeros": "{{ 'a'.zfill(3000000000) }}",
    "a wide format": "{{ '%3000000000d' % 1 }}",
    "a wide format by an argument": "{{ '%*d' % (3000000000, 1) }}",
    "a wide format of the newer kind": "{{ '{:>3000000000}'.format(1) }}",
    "a width within the newer kind": "{{ '{:>{w}}'.format(1, w=3000000000) }}",
    "a format with many fields": "{% set s = 'x' * 100000 %}{{ ('{0}' * 100000).format(s) }}",
    "a format by a filter": "{{ '%3000000000d' | format(1) }}",
    "added again and again": DOUBLED + "n.x + n.x %}{% endfor %}{{ n.x | length }}",
    "joined again and again": DOUBLED + "n.x ~ n.x %}{% endfor %}{{ n.x | length }}",
    "replaced": "{{ ('a' * 100000).replace('a', 'b' * 100000) }}",
    "replaced by a filter": "{{ ('a' * 100000) | replace('a', 'b' * 100000) }}",
    "joined": "{{ ('x' * 100000).join(['y'] * 100000) }}",
    "joined by a filter": "{{ (['y'] * 100000) | join('x' * 100000) }}",
    "translated": "{{ ('a' * 100000).translate({97: 'b' * 100000}) }}",
    "tabs": "{{ ('\t' * 100000).expandtabs(100000) }}",
    "indented": "{{ ('a\n' * 100000) | indent(100000) }}",
    "indented JSON": "{{ ([0] * 100000) | tojson(indent=100000) }}",
    "lipsum": "{{ lipsum(n=1000000) }}",
    "bytes of a number": "{{ (1).to_bytes(3000000000, 'big') }}",
    "a list of lists as text": LAUGHS + "{{ a }}",
    "a list of lists as JSON": LAUGHS + "{{ a | tojson }}",
    "a list of lists, joined": LAUGHS + "{{ a ~ '' }}",
    "lists of lists, compared": LAUGHS + "{% set b = a %}" + LAUGHS + "{{ a == b }}",
    "lists, added up": "{{ ([[0] * 1000] * 1000) | sum(start=[]) | length }}",
    "a block, repeated": "{% set s = 'x' * 1000000 %}{% set t %}{% for i in range(90000) %}{{ s }}{% endfor %}{% endset %}",
    "a macro that calls itself twice": "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
    "a macro without an end": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "many texts, kept": "{% set n = namespace(l=[]) %}{% for i in range(9000) %}{% set n.l = n.l + ['x' * 1000000 ~ i] %}{% endfor %}",
    "letters of a long text": "{{ ('a' * 16000000) | list | length }}",
    "pieces of a long text": "{{ ('ab ' * 5000000).split() | length }}",
    "words, each wrapped": "{{ ('a ' * 2000) | wordwrap(1, True, 'y' * 10000000) | length }}",
    "links to a long target": "{{ ('http://a.bc ' * 2000) | urlize(target='y' * 10000000) | length }}",
    "filters over filters": "{% for i in range(90000) | map('string') | list | sort %}{{ range(90000) | map('upper') | join }}{% endfor %}",
}


def test_no_template_takes_a_gigabyte_or_a_minute(tmp_path):
    (tmp_path / "bombs.json").write_text(json.dumps(BOMBS))
    done = measured(
        """
        from icon.samples.templates import _render_bounds
        from icon.samples.templates._sandbox import RENDER_FAULTS, compiled, make_environment
        _render_bounds.MAX_SECONDS = 0.2
        for name, source in json.load(open("bombs.json")).items():
            try:
                reported(f"{name}: rendered {len(compiled(make_environment(), source, name)())}")
            except Exception as error:
                reported(f"{name}: {type(error).__name__} {error}")
        """,
        folder=tmp_path,
    )
    assert len(done.said) == len(BOMBS), done.said[-1]
    assert done.peak < 900 * MIB
    assert done.seconds < 15
    refused = [said for said in done.said if "TooMuch" in said and "; valid: " in said]
    others = [said for said in done.said if said not in refused]
    assert [said.partition(":")[0] for said in others] == ["lipsum", "a macro without an end"]


HONEST = """{%- set ns = namespace(text='', n=0) -%}
{%- macro turn(m) %}<|{{ m.role | upper }}|>{{ m['content'] | trim }}{% endmacro -%}
{%- for message in messages if message.role != 'system' -%}
{%- set ns.n = ns.n + 1 -%}{%- if loop.first and not loop.last %}[{{ loop.length }}]{% endif -%}
{{ turn(message) ~ loop.index ~ '|' + ('%03d' % ns.n) + '{:>4}'.format(ns.n) }}{{ loop.nextitem.role if loop.nextitem }}
{%- if message.content in ['a', 'b'] or message.role == 'tool' and loop.previtem is defined %}!{% endif %}
{%- endfor %}{% for k, v in {'a': 1, 'b': [1, 2]}.items() %}{{ k }}={{ v }};{% endfor -%}
{{ messages | map(attribute='role') | unique | join(', ') }} {{ (messages | selectattr('role', 'equalto', 'user') | list)[-1].content }}
{{ messages | tojson(indent=2) }}{{ 'x' * 3 }}{{ 'a b'.split(' ')[-1] }}{{ messages[::-1] | length }}{{ 2 ** 10 }}{{ 'ab' | center(10) }}
{% for a in messages recursive %}{{ a.role }}{% if a.parts %}({{ loop(a.parts) }}){% endif %}{% else %}none{% endfor %}
{%- filter upper %}shout{% endfilter %}{% set block %}kept{% endset %}{{ block | replace('k', 'K') | indent(2, true) }}
{{ [3, 1, 2] | sort | sum }}{{ none }}{{ missing }}{{ {'b': 1} }}{{ 'a,b'.replace(',', ';').join(['x', 'y']) }}{{ 7 // 2 * 1.5 }}
"""


def test_a_template_renders_as_in_jinjas_own_sandbox():
    messages = [
        {"role": "system", "content": "s"},
        {"role": "user", "content": " a ", "parts": [{"role": "x", "content": ""}]},
        {"role": "assistant", "content": "b\nc"},
        {"role": "tool", "content": "d" * 1000},
    ]
    plain = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
    plain.filters["tojson"] = lambda value, indent=None: json.dumps(value, ensure_ascii=False, indent=indent)
    expected = plain.from_string(HONEST).render(messages=messages)
    assert compiled(make_environment(), HONEST, "honest")(messages=messages) == expected
    assert "USER" in expected


def test_a_conversation_of_tens_of_megabytes_is_rendered():
    messages = [{"role": "user", "content": "x" * 1_000_000}] * 40
    source = "{% for message in messages %}{{ message.role + ': ' + message.content | trim + '\n' }}{% endfor %}"
    assert len(compiled(make_environment(), source, "long")(messages=messages)) == 40 * 1_000_007


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{% break %}", "cannot be compiled: 'break' outside loop"),
        ("{{ '\ud800' }}", r"found a lone surrogate \(U\+D800\) at character 5"),
        ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", "nested too deeply|too many nested"),
        ("{% if a %}" * 500 + "{% endif %}" * 500, "nested too deeply|too many statically nested"),
        ("{{ 1 }}" * 40_000, "found 280,000 characters; valid: a Jinja template of at most 262,144"),
        ("{% for %}", "line 1"),
    ],
)
def test_a_template_that_cannot_be_compiled_says_why(source, said):
    with pytest.raises(TemplateError, match=said) as caught:
        compiled(make_environment(), source, "mine.jinja")
    assert str(caught.value).startswith("mine.jinja")


def test_what_is_too_much_names_file_sample_and_bound(tmp_path, make):
    (tmp_path / "big.jinja").write_text("hello\n{{ 'a' * 3000000000 }}")
    with pytest.raises(
        TemplateError, match=r"big\.jinja, line 2: sample .*it makes a text of more than 16,777,216 char"
    ):
        load_template(str(tmp_path / "big.jinja")).target(make("q", "a"))


def test_the_time_of_one_rendering_is_not_that_of_all(monkeypatch):
    monkeypatch.setattr(_render_bounds, "MAX_SECONDS", 0.3)
    template = compiled(make_environment(jinja2.StrictUndefined), "{% for i in range(20000) %}{{ i }}{% endfor %}", "t")
    for _ in range(30):
        template()


def test_text_with_a_lone_surrogate_is_refused():
    with pytest.raises(jinja2.TemplateError, match=r"it makes text with a lone surrogate \(U\+D800\) at character 2"):
        compiled(make_environment(), "a{{ '\\ud800' }}", "t")()


def test_a_name_that_is_not_defined_is_still_an_error():
    with pytest.raises(jinja2.UndefinedError, match="'nobody' is undefined"):
        compiled(make_environment(jinja2.StrictUndefined), "{% for x in nobody %}{% endfor %}", "t")()
