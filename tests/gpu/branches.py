"""Lists the places of the code that ask for the kind of device: what a machine without a GPU does not go through.

Run it with `python tests/gpu/branches.py`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("icon", "backends/*/icon_*", "plugins/*/icon_*")
KINDS = ("cuda", "mps", "cpu")
MODULES = ("torch.cuda", "torch.version.cuda", "torch.backends.mps", "llama_supports_gpu_offload")


PRETENDED = "backends/torch/tests/test_without_a_gpu.py"
EVERYWHERE = "any machine goes through both sides"
NOTHING = "nothing"
TESTED = {
    (
        "backends/llamacpp/icon_llamacpp/backend.py",
        "LlamaCppBackend.__init__",
    ): "backends/llamacpp/tests/test_options.py",
    ("backends/llamacpp/icon_llamacpp/setup.py", "Setup.on_gpu"): NOTHING,
    ("backends/torch/icon_torch/attention.py", "_attend"): PRETENDED,
    ("backends/torch/icon_torch/device.py", "find_device"): PRETENDED,
    ("backends/torch/icon_torch/device.py", "device_name"): PRETENDED,
    ("backends/torch/icon_torch/device.py", "_check_cuda"): PRETENDED,
    ("backends/torch/icon_torch/flex.py", "kernel"): "backends/torch/tests/test_flex.py, compiled for a CPU",
    ("backends/torch/icon_torch/head.py", ""): PRETENDED,
    ("backends/torch/icon_torch/head.py", "Head._project"): PRETENDED,
    ("backends/torch/icon_torch/loading.py", "_dtype"): PRETENDED,
    ("backends/torch/icon_torch/lora/randomness.py", "seeded"): NOTHING,
    (
        "backends/torch/icon_torch/lora/training.py",
        "_arguments",
    ): "backends/torch/tests/test_lora.py, skipped without a GPU",
    ("backends/torch/icon_torch/memory.py", "pack_tokens"): PRETENDED,
    ("backends/torch/icon_torch/memory.py", "give_back"): PRETENDED,
    ("backends/torch/icon_torch/options.py", "TorchOptions._is_in_one_place"): EVERYWHERE,
    ("backends/torch/icon_torch/trial.py", "choose"): NOTHING,
    ("backends/torch/icon_torch/trial.py", "_candidates"): PRETENDED,
    ("backends/torch/icon_torch/tries.py", ""): "backends/torch/tests/test_packs.py",
    ("plugins/validate/icon_validate/sharing.py", "refuse_sharing"): EVERYWHERE,
    ("plugins/validate/icon_validate/trl_loop.py", "_arguments"): NOTHING,
}
"""What tests the side of a GPU on a machine without one, by file and function."""


@dataclass(frozen=True, order=True)
class Place:
    """A function that does something else on another kind of device.

    Attributes:
        file: Its path from the root of the repository.
        function: Its name with those of its classes; empty for what stands outside of all.
        lines: The lines that ask.
    """

    file: str
    function: str
    lines: tuple[int, ...]


def places() -> list[Place]:
    """All of them, by file and line."""
    files = sorted(path for pattern in CODE for folder in ROOT.glob(pattern) for path in folder.rglob("*.py"))
    return [place for path in files for place in _of(path)]


def _of(path: Path) -> Iterator[Place]:
    found: dict[str, set[int]] = {}
    for function, node in _nodes(ast.parse(path.read_text("utf-8")), ()):
        if _asks(node):
            found.setdefault(".".join(function), set()).add(node.lineno)
    for function, lines in found.items():
        yield Place(path.relative_to(ROOT).as_posix(), function, tuple(sorted(lines)))


def _nodes(node: ast.AST, inside: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], ast.AST]]:
    """Every node below this one, with the names of the classes and functions around it."""
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, ast.FunctionDef | ast.ClassDef)
        around = (*inside, child.name) if named else inside
        yield around, child
        yield from _nodes(child, around)


def _asks(node: ast.AST) -> bool:
    """Whether it compares with the name of a kind of device, looks something up by one, or asks torch for GPUs."""
    match node:
        case ast.Compare():
            return any(_kind(each) for side in (node.left, *node.comparators) for each in ast.walk(side))
        case ast.Dict():
            return any(key is not None and _kind(key) for key in node.keys)
        case ast.Call(func=ast.Attribute(attr="startswith")):
            return any(_kind(each) for argument in node.args for each in ast.walk(argument))
        case ast.Call(func=ast.Attribute(attr="device", value=ast.Name(id="torch"))):
            return any(_kind(each) for argument in node.args for each in ast.walk(argument))
        case ast.Attribute() | ast.Name():
            return ast.unparse(node).endswith(MODULES) or ast.unparse(node) in MODULES
    return False


def _kind(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.split(":")[0] in KINDS


def main() -> None:
    """Print the list."""
    found = places()
    print("| file | function | lines | tested without a GPU by |\n| --- | --- | --- | --- |")
    for place in found:
        tested = TESTED.get((place.file, place.function), "not in the list of this script")
        print(f"| {place.file} | {place.function or '-'} | {', '.join(map(str, place.lines))} | {tested} |")
    without = sum(TESTED.get((place.file, place.function)) == NOTHING for place in found)
    print(f"\n{len(found)} places in {len({place.file for place in found})} files, {without} of them tested by nothing")


if __name__ == "__main__":
    main()
