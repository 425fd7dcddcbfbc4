"""One version everywhere: it is written in icon/__init__.py, and what has to repeat it repeats it."""

import importlib.util
import re
import shutil
import subprocess
import tomllib

import pytest

import icon
from support.distributions import FOLDERS, PYPROJECTS, ROOT

PIN = re.compile(r'"(icon-[\w-]+)(?:\[\w+\])?==([^"]+)"')


def names(root=ROOT):
    paths = [root / path.relative_to(ROOT) for path in PYPROJECTS]
    return [tomllib.loads(path.read_text(encoding="utf-8"))["project"]["name"] for path in paths]


def pins(root=ROOT):
    """The pins of each distribution, the core's first."""
    paths = [root / path.relative_to(ROOT) for path in PYPROJECTS]
    return [PIN.findall(path.read_text(encoding="utf-8")) for path in paths]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_distribution_has_the_version_of_the_code(folder):
    pytest.importorskip("hatchling", reason="hatchling is not installed")
    from hatchling.metadata.core import ProjectMetadata
    from hatchling.plugin.manager import PluginManager

    table = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in table["project"]
    assert ProjectMetadata(str(folder), PluginManager(), table).version == icon.__version__


def test_distributions_require_one_another_in_the_same_version():
    found = pins()
    assert {version for pinned in found for _, version in pinned} == {icon.__version__}
    core, *others = names()
    of_core, *of_others = found
    named = [name for name, _ in of_core]
    assert sorted(set(named)) == sorted(others)
    twice = {name for name in named if named.count(name) > 1}
    assert twice == {"icon-observers"}  # which has an extra per tracker
    assert all([name for name, _ in pinned].count(core) == 1 for pinned in of_others)


@pytest.fixture
def copy(tmp_path):
    """The files that a release writes."""
    for path in (*PYPROJECTS, ROOT / "icon/__init__.py", ROOT / "CITATION.cff", ROOT / "CHANGELOG.md"):
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return tmp_path


@pytest.fixture
def release():
    spec = importlib.util.spec_from_file_location("release", ROOT / ".ci/release.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.release


def test_a_release_writes_the_version_into_every_place(release, copy):
    release(copy, "7.8.9", "2031-02-03")
    assert '\n__version__ = "7.8.9"\n' in (copy / "icon/__init__.py").read_text(encoding="utf-8")
    assert {version for pinned in pins(copy) for _, version in pinned} == {"7.8.9"}
    assert [len(pinned) for pinned in pins(copy)] == [len(pinned) for pinned in pins()]
    assert "\nversion: 7.8.9\n" in (copy / "CITATION.cff").read_text(encoding="utf-8")
    assert "cff-version: 1.2.0\n" in (copy / "CITATION.cff").read_text(encoding="utf-8")
    changes = (copy / "CHANGELOG.md").read_text(encoding="utf-8")
    assert changes.startswith("# Changelog\n\n## Unreleased\n\n## 7.8.9 (2031-02-03)\n")


def test_a_word_that_is_no_version_changes_nothing(release, copy):
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    with pytest.raises(ValueError, match="next"):
        release(copy, "next", "2031-02-03")
    assert before == {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}


def git(*words):
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)


def test_what_changed_since_the_last_release_is_in_the_changelog():
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", changes, flags=re.MULTILINE)
    assert sections[1].startswith("Unreleased\n")
    if shutil.which("git") is None or git("rev-parse", "--git-dir").returncode:
        pytest.skip("this is no git checkout: what changed since the last release is not known")
    last = git("describe", "--tags", "--match", "v*", "--abbrev=0").stdout.strip()
    if last and not git("diff", "--quiet", last, "--", *(f":(glob){word}" for word in USER_CODE)).returncode:
        return  # nothing that a user would notice
    assert re.search(r"^- \S", sections[1], re.MULTILINE), "an entry below ## Unreleased says what changed for a user"


USER_CODE = ("icon/**", "backends/*/icon_*/**", "plugins/*/icon_*/**", "plugins/template/**")
