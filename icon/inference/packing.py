"""Packing of many targets with one context into few decodes, in which shared leading tokens are evaluated once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Branch:
    """The tokens of one target that follow the shared part of the context.

    Attributes:
        index: The target's place in the caller's list.
        tokens: Last token of the prefix, prompt, and response without its last token.
        response: The N response tokens; the last N of `tokens` are the ones that predict them.
    """

    index: int
    tokens: tuple[int, ...]
    response: tuple[int, ...]


@dataclass(slots=True)
class Pack:
    """A token trie over neighbouring branches, its nodes in the order they are evaluated.

    Branch k is sequence k. Since branches are added in sorted order, the branches that share a node are a
    contiguous range: the node belongs to the sequences `first[node]` to `first[node] + count[node] - 1`. A parent
    always comes before its children.

    Attributes:
        branches: The branches, in the order they were added.
        paths: For each branch, its nodes from the root on: `token[node]` along a path spells the branch's tokens.
        token: Token of each node.
        depth: Number of ancestors of each node.
        first: First branch through each node.
        count: Number of branches through each node.
        wanted: Whether some branch needs the model's prediction at the node.
    """

    branches: list[Branch] = field(default_factory=list)
    paths: list[list[int]] = field(default_factory=list)
    token: list[int] = field(default_factory=list)
    depth: list[int] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    count: list[int] = field(default_factory=list)
    wanted: list[bool] = field(default_factory=list)

    def shared(self, branch: Branch) -> int:
        """Number of leading tokens that the branch shares with the last added branch."""
        if not self.branches:
            return 0
        return common_prefix(self.branches[-1].tokens, branch.tokens)

    def add(self, branch: Branch) -> None:
        """Add the branch that follows the last one in sorted order."""
        shared, place = self.shared(branch), len(self.branches)
        path = self.paths[-1][:shared] if self.paths else []
        for node in path:
            self.count[node] += 1
        for depth in range(shared, len(branch.tokens)):
            path.append(len(self.token))
            self.token.append(branch.tokens[depth])
            self.depth.append(depth)
            self.first.append(place)
            self.count.append(1)
            self.wanted.append(False)
        for node in predicting(path, branch):
            self.wanted[node] = True
        self.branches.append(branch)
        self.paths.append(path)


def predicting(path: Sequence[int], branch: Branch) -> Sequence[int]:
    """The nodes of the branch's path whose predictions are the branch's response tokens, in order."""
    return path[len(path) - len(branch.response) :]


def common_prefix(one: Sequence[object], other: Sequence[object]) -> int:
    """Length of the longest common prefix."""
    length = min(len(one), len(other))
    if one[:length] == other[:length]:
        return length
    return next(at for at in range(length) if one[at] != other[at])


def pack(branches: Iterable[Branch], *, max_tokens: int, max_branches: int) -> Iterator[Pack]:
    """Sort the branches by their tokens and pack them greedily.

    Each pack holds at most `max_branches` branches and `max_tokens` unique tokens; only a single branch with more
    tokens makes a larger pack, of its own.
    """
    current = Pack()
    for branch in sorted(branches, key=lambda branch: (branch.tokens, branch.index)):
        size = len(current.token) + len(branch.tokens) - current.shared(branch)
        if current.branches and (size > max_tokens or len(current.branches) == max_branches):
            yield current
            current = Pack()
        current.add(branch)
    if current.branches:
        yield current
