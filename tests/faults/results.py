"""What became of each case, in a file of JSON lines, and the table of it."""

from __future__ import annotations

import json


class Results:
    """The last result of each case.

    Args:
        path: The file; it is made when something is noted.
        fresh: Whether to forget what is in it.
    """

    def __init__(self, path, *, fresh=False):
        self.path, self.known = path, {}
        if fresh:
            path.unlink(missing_ok=True)
        if path.exists():
            for line in path.read_text().splitlines():
                one = json.loads(line)
                self.known[one["case"]] = one

    def note(self, name, how, faults, seconds, struck):
        """Add a result, at once on the disk; `struck` says that some command of it did not end with 0."""
        one = {"case": name, "how": how, "faults": faults, "seconds": round(seconds, 2), "struck": struck}
        self.known[name] = one
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            file.write(json.dumps(one) + "\n")

    def failed(self, name):
        """Whether the case was tried and not survived."""
        one = self.known.get(name)
        return bool(one and one["how"] == "tried" and one["faults"])

    def table(self):
        """A Markdown table: per class how many cases were tried, survived and skipped.

        Struck are those in which a command did not end with 0; in the others the fault came too late, or was mended.
        """
        lines = ["| class | tried | struck | survived | skipped | seconds |", "| --- | --- | --- | --- | --- | --- |"]
        for kind in dict.fromkeys(name.partition("/")[0] for name in self.known):
            of_kind = [one for name, one in self.known.items() if name.startswith(kind + "/")]
            tried = [one for one in of_kind if one["how"] == "tried"]
            survived = sum(not one["faults"] for one in tried)
            seconds = sum(one["seconds"] for one in of_kind)
            struck = sum(one.get("struck", True) for one in tried)
            lines.append(
                f"| {kind} | {len(tried)} | {struck} | {survived} | {len(of_kind) - len(tried)} | {seconds:.0f} |"
            )
        return "\n".join(lines)
