"""The site holds together: it builds without a warning, fetches nothing from elsewhere, and leaves no page out."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytest.importorskip("material", reason="the site is built by nox -s docs")
pytest.importorskip("mkdocstrings", reason="the site is built by nox -s docs")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site as the session built it, or built here; a warning fails."""
    if built := os.environ.get("ICON_BUILT_SITE"):
        return Path(built)
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", "docs/website/mkdocs.yml", "-d", folder],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return folder


class Loaded(HTMLParser):
    """Collects what a browser loads for a page by itself."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in ("script", "img", "iframe", "source", "video", "audio", "embed"):
            self.found.append(given.get("src"))
        if tag == "link" and given.get("rel") not in ("canonical", "next", "prev"):
            self.found.append(given.get("href"))


def test_no_page_loads_anything_from_elsewhere(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        outside = [each for each in Loaded(page.read_text(encoding="utf-8")).found if each and "//" in each]
        assert not outside, page
    for style in [*site.rglob("*.css"), *site.rglob("*.svg")]:
        assert not re.search(r"""(?:url\(|@import)\s*["']?(?:https?:)?//""", style.read_text(encoding="utf-8")), style


def test_the_start_page_is_the_readme_with_its_links_turned(site):
    start = (site / "index.html").read_text(encoding="utf-8")
    for link in ("tutorial/", "packages/torch/", "recipes/", "changelog/", "how-to/decide-cheaply/"):
        assert f'href="{link}"' in start, link
    assert 'src="images/demo.svg"' in start
    assert "docs/tutorial" not in start


def test_every_page_of_the_repository_is_on_the_site(site):
    docs = ROOT / "docs"
    for page in docs.rglob("*.md"):
        name = page.relative_to(docs).with_suffix("")
        name = name.parent if name.name == "README" else name
        assert (site / name / "index.html").is_file(), page
    for page in [*ROOT.glob("backends/*/README.md"), *ROOT.glob("plugins/*/README.md")]:
        assert (site / "packages" / page.parent.name / "index.html").is_file(), page


def test_the_command_line_has_every_command_and_option(site):
    text = (site / "reference/command-line/index.html").read_text(encoding="utf-8")
    for command in ("run", "assess", "score", "select", "report", "explain", "compare", "verify", "export", "plugins"):
        assert f'id="icon-{command}"' in text, command
    for option in ("--assessment", "--schedule", "--share", "--pairs"):
        assert option in text, option


def test_settings_and_strategies_of_every_distribution_are_told(site):
    from icon import RunConfig

    settings = (site / "reference/settings/index.html").read_text(encoding="utf-8")
    assert all(f"<code>{name}</code>" in settings for name in RunConfig.model_fields)
    strategies = (site / "reference/strategies/index.html").read_text(encoding="utf-8")
    for name in ("backend-torch", "backend-llamacpp", "scorer-icon", "scorer-ifd", "selector-lora", "reader-alpaca"):
        assert f'id="{name}"' in strategies, name
    assert "backend.attention" in strategies


def test_every_public_name_is_on_the_python_page(site):
    import icon

    text = (site / "reference/python/index.html").read_text(encoding="utf-8")
    missing = [name for name in icon.__all__ if not re.search(rf'id="icon\.(?:errors\.)?{name}"', text)]
    assert not missing


def test_every_hook_is_on_the_plugins_page(site):
    from icon.plugins import specs

    text = (site / "reference/plugins/index.html").read_text(encoding="utf-8")
    hooks = [name for name in vars(specs) if name.startswith("icon_")]
    assert len(hooks) >= 8
    assert all(f'id="icon.plugins.specs.{name}"' in text for name in hooks)
