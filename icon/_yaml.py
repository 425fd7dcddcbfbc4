"""YAML settings, read as YAML 1.2 means them: `no` is a text, `1e-5` a number, and no key may come twice.

PyYAML's safe loader reads YAML 1.1, in which `no` is false, `1e-5` a text, `12:30` the number 750 and 2020-01-01 a
date. Here plain values are those of the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2, section 10.3).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from icon._small_files import MAX_DEPTH

if TYPE_CHECKING:
    from yaml.nodes import Node

MAX_VALUES = 100_000
"""Most values of a file once its aliases are written out; each may stand for a list of other aliases."""

PLAIN = {
    "null": (r"~|null|Null|NULL|", "~nN\0"),
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "int": (r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    "float": (
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+0123456789.",
    ),
}
"""What a plain value is by its form, and the characters that it may begin with."""

KINDS = frozenset((*PLAIN, "str", "seq", "map"))
"""The kinds of values of the core schema; others need a tag, and are refused."""

TAG = "tag:yaml.org,2002:"


def parse_yaml(data: bytes) -> Any:
    """One YAML document of at most `MAX_DEPTH` levels and `MAX_VALUES` values.

    Raises:
        ValueError: It is not UTF-8, not YAML, holds a key twice, a key that is no text, a tag, or a value within
            itself, or is too deep or too large; the message says which, and in which line.
    """
    import yaml

    text = data.decode("utf-8-sig")
    try:
        root = _loader()(text).get_single_node()
        return None if root is None else _value(root, (), [0])
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ValueError(f"{_at(mark)}{' '.join(str(error.problem or error.context).split())}") from None
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())[:200]) from None
    except RecursionError:
        raise ValueError(_too_deep("")) from None


def _loader() -> Any:
    """PyYAML's safe loader with the plain values of YAML 1.2, which stops at the deepest level allowed."""
    import yaml

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012  PyYAML's own name
        depth = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            self.depth += 1
            if self.depth > MAX_DEPTH + 1:
                raise ValueError(_too_deep(_at(self.peek_event().start_mark)))
            node = super().compose_node(parent, index)
            self.depth -= 1
            return node

    for kind, (form, first) in PLAIN.items():
        starts = ["" if sign == "\0" else sign for sign in first]
        Loader.add_implicit_resolver(TAG + kind, re.compile(rf"(?:{form})\Z"), starts)
    return Loader


def _too_deep(at: str) -> str:
    return f"{at}found more than {MAX_DEPTH} levels of lists and tables within one another; valid: at most {MAX_DEPTH}"


def _at(mark: Any) -> str:
    return "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}: "


def _value(node: Node, within: tuple[int, ...], count: list[int]) -> Any:
    """The value of a node.

    Args:
        node: The node.
        within: Identities of the nodes that it is in.
        count: Number of values so far, aliases written out.

    Raises:
        ValueError: See `parse_yaml`.
    """
    from yaml.nodes import MappingNode, SequenceNode

    at, kind = _at(node.start_mark), node.tag.removeprefix(TAG)
    count[0] += 1
    if kind not in KINDS:
        raise ValueError(f"{at}found the tag {node.tag[:60]!r}; valid: plain values, lists and tables, without tags")
    if id(node) in within:
        raise ValueError(f"{at}found a value that holds itself; valid: aliases of values that are complete")
    if count[0] > MAX_VALUES:
        raise ValueError(f"{at}found more than {MAX_VALUES:,} values with its aliases; valid: at most that many")
    inner = (*within, id(node))
    if isinstance(node, MappingNode):
        return _table(node, [(_value(key, inner, count), _value(value, inner, count)) for key, value in node.value])
    if isinstance(node, SequenceNode):
        return [_value(part, inner, count) for part in node.value]
    return _scalar(node, kind)


def _table(node: Any, pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for (key, _), (name, value) in zip(node.value, pairs, strict=True):
        at, found = _at(key.start_mark), str(key.value)[:60]
        if not isinstance(name, str):
            raise ValueError(f"{at}found the key {found!r}, which is no text; valid: a name")  # noqa: TRY004
        if name in table:
            raise ValueError(f"{at}found the key {found!r} twice; valid: each name once")
        table[name] = value
    return table


def _scalar(node: Any, kind: str) -> Any:
    text = node.value
    if kind in ("seq", "map"):
        raise ValueError(f"{_at(node.start_mark)}found a text with the tag of a list or a table; valid: no tag")
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int":
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan")) if kind == "float" else text
