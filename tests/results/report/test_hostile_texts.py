"""Texts that would like to be markup, script or links stay texts, wherever they come from."""

from dataclasses import replace

import pytest

from icon.plugins import Section
from icon.results.report._document import render
from icon.runs.files import TokenDetail
from icon.runs.writing import printable
from icon.types import Message, Sample
from support.records import with_choice

MARK = "window.__ran=1"
PAYLOADS = [
    f"<script>{MARK}</script>",
    f"</script><script>{MARK}</script>",
    f"</SCRIPT ><script>{MARK}</script>",
    f"</script\t><script>{MARK}</script>",
    "<!--",
    "<!--<script>",
    "--><script>" + MARK + "</script>",
    "]]>" + f"<script>{MARK}</script>",
    f'"><img src=x onerror="{MARK}">',
    f"'><img src=x onerror='{MARK}'>",
    f"<img src=x onerror={MARK}>",
    f"<svg onload={MARK}>",
    f"<svg><script>{MARK}</script></svg>",
    f"<svg><animate onbegin={MARK} attributeName=x dur=1s>",
    f"<svg><a xlink:href='javascript:{MARK}'><text>x</text></a></svg>",
    "<svg><use href='data:image/svg+xml;base64,PHN2Zy8+#x'/></svg>",
    f"<math><mtext><img src=x onerror={MARK}></mtext></math>",
    f"<iframe srcdoc='<script>parent.{MARK}</script>'>",
    f"<iframe src='javascript:parent.{MARK}'></iframe>",
    "<iframe src='https://example.org/'></iframe>",
    "<object data='data:text/html,x'></object>",
    "<embed src='data:text/html,x'>",
    "<link rel=stylesheet href='https://example.org/x.css'>",
    "<style>body{background:url(https://example.org/x)}</style>",
    "</style><style>*{display:none!important}</style>",
    "<style>@import 'https://example.org/x.css';</style>",
    "<base href='https://example.org/'>",
    "<meta http-equiv=refresh content='0;url=https://example.org/'>",
    f"<a href='javascript:{MARK}'>x</a>",
    f"[x](javascript:{MARK})",
    f"javascript:{MARK}",
    f"data:text/html,<script>{MARK}</script>",
    "![x](https://example.org/x.png)",
    "https://example.org/?q=1",
    f"<a href='https://example.org/' target='_blank'>{MARK}</a>",
    "<a href='data:text/html,x'>link</a>",
    "<b>bold</b><i>it</i><sub>1</sub><sup>2</sup><br>",
    f"<span style='color:red' onmouseover='{MARK}'>x</span>",
    f"<form action='https://example.org/'><button formaction='javascript:{MARK}'>x</button></form>",
    f"<input autofocus onfocus={MARK}>",
    f"<details open ontoggle={MARK}>",
    f"<video><source onerror={MARK}></video>",
    f"<audio src=x onerror={MARK}>",
    f"<body onload={MARK}>",
    f"<marquee onstart={MARK}>",
    f"<template><script>{MARK}</script></template>",
    f"<noscript><p title='</noscript><img src=x onerror={MARK}>'>",
    f"<textarea></textarea><img src=x onerror={MARK}>",
    f"</textarea><img src=x onerror={MARK}>",
    f"</title><img src=x onerror={MARK}>",
    f"</pre><img src=x onerror={MARK}>",
    f"</td></tr></table><img src=x onerror={MARK}>",
    f"<xmp></xmp><img src=x onerror={MARK}>",
    "{{7*7}}{% for x in y %}",
    "{{ constructor.constructor('" + MARK + "')() }}",
    "${" + MARK + "}",
    "`${" + MARK + "}`",
    "<%= 7*7 %>#{7*7}",
    "%{customdata}<extra>x</extra>%{x}",
    "$\\href{javascript:" + MARK + "}{x}$",
    "\\u003cscript\\u003e" + MARK,
    "&lt;script&gt;" + MARK + "&lt;/script&gt;",
    "&#60;img src=x onerror=" + MARK + "&#62;",
    "line\u2028separators\u2029here",
    "nul\x00 bell\x07 escape\x1b[31m",
    "\u202eright to left\u202c",
    "lone surrogate \ud800",
    "__proto__",
    "constructor",
    "'; DROP TABLE rows; --",
    "';" + MARK + "//",
    '";' + MARK + "//",
    "\\';" + MARK + "//",
]
FEW = {"script", "style", "link", "meta", "base", "title", "a", "form", "input", "textarea", "select"}
"""Elements that the page itself has: their number must not depend on what the texts say."""


def hostile_page(page_of, payloads):
    """A page with every payload as prompt, response, id, group, decision, and wherever else a text can stand."""
    n = len(payloads)
    page = page_of([float(i) for i in range(n)], n // 3)
    kept = [printable(payload) for payload in payloads]  # as scores.parquet holds them, which is UTF-8
    rows = [
        replace(row, id=f"{payload} {i}", groups={payload: 0.5}, decision=f"below the cut: {payload}", reason=payload)
        for i, (row, payload) in enumerate(zip(page.rows, kept, strict=True))
    ]
    rows = [replace(row, baselines={kept[i]: 1.0, "length": 2.0}) for i, row in enumerate(rows)]
    samples = {
        row.id: Sample(row.id, row.row, (Message("system", text), Message("user", text)), text, passage=text)
        for row, text in zip(rows, payloads, strict=True)
    }
    whole = " ".join(payloads)
    page = with_choice(page, selector=whole)
    old = page.manifest
    manifest = old.updated(
        config=old.config.model_copy(update={"pool": whole, "group_field": whole}),
        model=old.model.model_copy(update={"model": whole, "precision": payloads[0]}),
        warnings={"select": tuple(payloads)},
        versions={**old.versions, whole: whole},
        results=old.results.model_copy(update={"scorer": whole}),
        times=old.times.model_copy(update={"seconds": dict.fromkeys(payloads, 1.0)}),
    )
    detail = TokenDetail(rows[0].id, payloads[1], tuple(payloads), (-1.0,) * n, (-2.0,) * n)
    section = Section(whole, payloads, payloads, [payloads])
    return replace(
        page,
        manifest=manifest,
        path=whole,
        rows=rows,
        samples=samples,
        details=[detail],
        sections=[section],
        notes=payloads,
    )


def tame(n):
    return [f"tame text {i}" for i in range(n)]


def counts(opened):
    """How many elements of each name the page has, charts apart."""
    return opened.page.evaluate(
        "(() => { const found = {}; for (const each of document.querySelectorAll('body *')) {"
        "if (each.closest('.plot')) continue;"
        "const name = each.localName; found[name] = (found[name] || 0) + 1; } return found; })()"
    )


def use(opened):
    """Open rows, search, sort by every column, move the threshold, point at charts."""
    page = opened.page
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    for button in page.locator("#rows-table tbody button").all()[:25]:
        button.click()
    page.wait_for_timeout(300)
    for name in page.locator("#rows-sort option").all()[:12]:
        page.select_option("#rows-sort", name.get_attribute("value"))
    page.locator("#cut-handle").press("ArrowLeft")
    for chart in ("#cut-plot", "#length-plot", "#map-plot"):
        page.locator(chart).scroll_into_view_if_needed()
        box = page.locator(chart).bounding_box()
        for step in range(5):
            page.mouse.move(box["x"] + box["width"] * (step + 1) / 6, box["y"] + box["height"] / 2)
    page.locator("#tokens-shown .tokens span").nth(5).click()


def test_there_are_more_than_sixty():
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 60


def test_no_payload_runs_loads_navigates_or_becomes_an_element(page_of, open_page):
    opened = open_page(hostile_page(page_of, PAYLOADS), viewport={"width": 1280, "height": 900})
    before = counts(opened)
    use(opened)
    assert opened.page.evaluate("window.__ran") is None
    assert opened.asked == []
    assert opened.dialogs == []
    assert opened.said == []
    assert opened.page.url.split("#")[0] == opened.file
    assert len(opened.context.pages) == 1
    assert opened.page.locator(".plot a").count() == 0
    like = open_page(hostile_page(page_of, tame(len(PAYLOADS))), viewport={"width": 1280, "height": 900})
    usual = counts(like)
    assert before.keys() == usual.keys()
    assert {name: before[name] for name in FEW & usual.keys()} == {name: usual[name] for name in FEW & usual.keys()}


def test_every_payload_is_shown_as_it_is_written(page_of, open_page):
    opened = open_page(hostile_page(page_of, PAYLOADS))
    for payload in (PAYLOADS[1], PAYLOADS[5], PAYLOADS[10], "{{7*7}}{% for x in y %}"):
        row = PAYLOADS.index(payload)
        opened.page.fill("#rows-search", f"{payload} {row}")
        opened.wait_for_text("#rows-told", "1 of ")
        opened.wait_for_count("#rows-table tbody tr", 1)
        opened.page.locator("#rows-table tbody button").first.click()
        opened.page.locator("#rows-table tr.detail pre").first.wait_for()
        assert opened.page.locator("#rows-table tr.detail pre").all_text_contents() == [payload] * 4


@pytest.mark.parametrize("payload", ["</script>", "<!--", "<script"])
def test_no_data_block_holds_the_letters_that_end_or_confuse_a_script(page_of, payload):
    html = render(hostile_page(page_of, [f"{payload}{i}" for i in range(6)]))
    plain = render(hostile_page(page_of, tame(6)))
    assert html.lower().count(payload) == plain.lower().count(payload)
