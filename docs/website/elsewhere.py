"""Pages of the site that lie elsewhere in the repository, and links as they are followed there.

Every file is written for a reader who follows its links in the repository. The site shows some files at other places,
so each relative link is resolved in the repository first. One to a file that the site does not show becomes its text.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^)\s]+)\)")
CODE = re.compile(r"(^ *```.*?^ *```|`[^`\n]+`)", re.DOTALL | re.MULTILINE)


def places() -> dict[str, str]:
    """Where the site shows a file that lies outside docs/: path in the repository -> page."""
    packages = sorted([*ROOT.glob("backends/*/README.md"), *ROOT.glob("plugins/*/README.md")])
    named = {each.relative_to(ROOT).as_posix(): f"packages/{each.parent.name}.md" for each in packages}
    return {"README.md": "index.md", "CHANGELOG.md": "changelog.md", **named}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Write out the entries of the navigation that stand for a folder."""
    config.nav = _written_out(config.nav, Path(config.docs_dir))
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie elsewhere."""
    for source, page in places().items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn the links of a page to where the site shows what they lead to."""
    shown = places()
    home = next((source for source, uri in shown.items() if uri == page.file.src_uri), f"docs/{page.file.src_uri}")

    def turned(match: re.Match[str]) -> str:
        image, text, link = match.groups()
        path, hash_, anchor = link.partition("#")
        if "://" in link or not path or link.startswith("mailto:"):
            return match[0]
        target = posixpath.normpath(posixpath.join(posixpath.dirname(home), path))
        if not (ROOT / target).exists():
            return match[0]  # mkdocs says what is wrong with it
        if (ROOT / target / "README.md").exists():
            target += "/README.md"
        uri = shown.get(target, target.removeprefix("docs/") if target.startswith("docs/") else None)
        if uri is None:
            return text
        to = posixpath.relpath(uri, posixpath.dirname(page.file.src_uri) or ".")
        return f"{image}[{text}]({to}{hash_}{anchor})"

    parts = CODE.split(markdown)
    return "".join(part if place % 2 else LINK.sub(turned, part) for place, part in enumerate(parts))


def _written_out(entry: Any, docs: Path) -> Any:
    if isinstance(entry, list):
        return [_written_out(each, docs) for each in entry]
    if isinstance(entry, dict):
        return {title: _written_out(each, docs) for title, each in entry.items()}
    if not entry.endswith("/*"):
        return entry
    folder = entry.removesuffix("*")
    there = [f"{folder}{each.name}" for each in (docs / folder).glob("*.md")]
    return sorted([*there, *(page for page in places().values() if page.startswith(folder))])
