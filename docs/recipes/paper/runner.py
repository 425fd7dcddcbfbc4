"""Runs the jobs of the chain, each in a process of its own, and skips what is done."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

from icon.errors import IconError
from paper.jobs import Job, choosing, judging, of_cells, tidy, to_do
from paper.parent import VARIABLE
from paper.selecting import STANDARD_ERROR
from paper.settings import Chain

HERE = Path(__file__).resolve().parent
ENDED_BY_USER = 130


@dataclass(slots=True)
class Runner:
    """Runs the jobs of a chain.

    Attributes:
        chain: The settings.
        config: Their file, for child processes.
        devices: Groups of GPUs as CUDA_VISIBLE_DEVICES has them; one job at a time on each. Empty: one job, all GPUs.
        one_process: Do every job in this process: no import of libraries per job, for small models.
        say: Takes a line of progress.
        failures: Jobs that failed, and why.
    """

    chain: Chain
    config: Path
    devices: Sequence[str] = ()
    one_process: bool = False
    say: Callable[[str], None] = print
    failures: dict[str, str] = field(default_factory=dict)

    def all(self) -> None:
        """All jobs up to the judging; a job whose input failed is not begun.

        Raises:
            ConfigError: Results are there with other settings.
        """
        groups = list(of_cells(self.chain))
        for group in groups:
            to_do(self.chain, group)  # results of other settings are refused before anything is begun
        self._each([[job for job in choosing(self.chain) if job.model == model] for model in self.chain.models], 1)
        unchosen = {name.split("/")[1] for name in self.failures}
        ready = [group for group in groups if group[0].model not in unchosen]
        self._each(ready, max(1, len(self.devices)), after=lambda group: tidy(self.chain, group))
        failed = {tuple(name.split("/")[1:]) for name in self.failures}
        unanswered = {(model, what) for model, *rest in failed for what in rest}
        waiting = {model for model, what in unanswered if what in ("full", "base")}
        judged = [
            [job]
            for job in judging(self.chain)
            if job.model not in waiting | unchosen and (job.model, job.what) not in unanswered
        ]
        self._each(judged, max(1, len(self.devices)) if self.chain.judge.kind == "local" else 1)

    def _each(self, groups: list[list[Job]], n: int, after: Callable[[list[Job]], None] = lambda _: None) -> None:
        """Groups side by side, the jobs of each one after the other up to the first that fails."""
        free: SimpleQueue[str | None] = SimpleQueue()
        for number in range(n):
            free.put(self.devices[number] if self.devices else None)

        def run(group: list[Job]) -> None:
            device = free.get()
            try:
                if all(self._job(job, device) for job in self._missing(group)):
                    after(group)
            finally:
                free.put(device)

        if n == 1:
            for group in groups:
                run(group)
            return
        with ThreadPoolExecutor(n) as threads:
            for ended in [threads.submit(run, group) for group in groups]:
                ended.result()

    def _missing(self, group: list[Job]) -> list[Job]:
        if group and group[0].stage in ("train", "tasks"):
            return to_do(self.chain, group)
        return [job for job in group if not job.done(self.chain)]

    def _job(self, job: Job, device: str | None) -> bool:
        """One job; returns whether it is done."""
        started = time.monotonic()
        self.say(f"{job} ...")
        reason = self._here(job) if self.one_process else self._child(job, device)
        if reason:
            self.failures[str(job)] = reason
            self.say(f"{job} failed: {reason}")
        else:
            self.say(f"{job} done in {time.monotonic() - started:.1f} s")
        return not reason

    def _here(self, job: Job) -> str:
        try:
            job.perform(self.chain, here=True)
        except IconError as error:
            return str(error)
        return ""

    def _child(self, job: Job, device: str | None) -> str:
        """Run a job in a process of its own; returns why it failed."""
        words = [sys.executable, str(HERE)]
        if job.stage == "train" and (launch := self.chain.models[job.model].launch):
            here = str(self.chain.folder)
            words = [*(word.replace("{here}", here) for word in launch), str(HERE / "__main__.py")]
        words += [str(self.config), "--work", str(self.chain.work), "--job", str(job)]
        visible = {"CUDA_VISIBLE_DEVICES": device} if device is not None and job.cell is not None else {}
        environment = os.environ | {VARIABLE: "1"} | visible
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=STANDARD_ERROR, env=environment) as process:
            ended = process.wait()
        if ended == ENDED_BY_USER:
            raise KeyboardInterrupt
        if ended < 0:
            return f"its process was ended by signal {-ended}; the same command goes on with it"
        return f"its process ended with {ended}, see above" if ended else ""
