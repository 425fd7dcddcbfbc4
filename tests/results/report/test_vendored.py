"""Scripts of others are the published files, with their licences, and the page runs no other script than it names."""

import json
import re
from hashlib import sha256
from importlib.resources import files

import pytest

from icon.results.report import _assets
from icon.results.report._document import render

FOLDER = files("icon.results.report").joinpath("assets", "vendor")
KNOWN = json.loads(FOLDER.joinpath("vendored.json").read_text())


@pytest.mark.parametrize("name", _assets.VENDORED)
def test_a_vendored_script_is_the_published_one_with_its_licence(name):
    data, facts = FOLDER.joinpath(name).read_bytes(), KNOWN[name]
    assert sha256(data).hexdigest() == facts["sha256"]
    assert f"v{facts['version']} " in data[:100].decode()
    licence = FOLDER.joinpath(facts["license_file"]).read_text()
    assert facts["license"] == "ISC"
    assert "Permission to use, copy, modify, and/or distribute this software for any purpose" in licence


def test_nothing_else_is_vendored():
    names = {entry.name for entry in FOLDER.iterdir()}
    assert names == {"vendored.json", *KNOWN, *(facts["license_file"] for facts in KNOWN.values())}
    assert list(KNOWN) == list(_assets.VENDORED)


def test_no_script_ends_its_own_element_and_the_policy_names_them_all(page_of):
    for text in (*_assets.vendored(), _assets.licences(), _assets.script()):
        assert not re.search(r"</script|<!--", text, re.IGNORECASE)
    html = render(page_of([1.0, 2.0, 3.0], 1))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    assert policy.count("sha256-") == html.count("<script>") == len(_assets.VENDORED) + 1
    assert html.count("Permission to use, copy, modify") == len(_assets.VENDORED)  # a page is a copy of them
    assert "unsafe-eval" not in policy
    assert "script-src &#39;sha256-" in policy
    assert policy.startswith("default-src &#39;none&#39;")
