"""How speed is measured here: CPU time of the process that does the work, interleaved with a baseline, median of five.

CPU time because machines are shared and wall clocks are not; a baseline in the same run because machines differ.
"""

from __future__ import annotations

import os
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROUNDS, BLOCKS = 5, 10


@dataclass(frozen=True)
class Result:
    """One comparison: seconds of ours and of the baseline, and what their ratio must not exceed."""

    name: str
    ours: float
    baseline: float
    ratio: float
    limit: float

    @property
    def holds(self) -> bool:
        """Whether the limit is kept."""
        return self.ratio <= self.limit

    def __str__(self) -> str:
        verdict = "ok" if self.holds else "MISSED"
        return (
            f"{self.name:<32} {self.ours * 1e3:12.3f} ms {self.baseline * 1e3:12.3f} ms "
            f"{self.ratio:8.3f} {self.limit:8.2f}  {verdict}"
        )


HEADER = f"{'':<32} {'ours':>15} {'baseline':>15} {'ratio':>8} {'at most':>8}"


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has had so far, in seconds to the nanosecond (Linux)."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def tree_cpu_seconds(root: int) -> float:
    """CPU time of a process, of all below it, and of those below it that have ended, in seconds (Linux)."""
    ticks = os.sysconf("SC_CLK_TCK")
    children: dict[int, list[int]] = {}
    spent: dict[int, float] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(folder.name))
            spent[int(folder.name)] = sum(map(int, fields[11:15])) / ticks
    total, waiting = 0.0, [root]
    while waiting:
        pid = waiting.pop()
        total += spent.get(pid, 0.0)
        waiting += children.get(pid, [])
    return total


def compare(
    name: str,
    ours: Callable[[], float],
    baseline: Callable[[], float],
    *,
    limit: float,
    rounds: int = ROUNDS,
    blocks: int = BLOCKS,
) -> Result:
    """Both sides measure themselves; the ratio is the median over the rounds.

    A round alternates short blocks of both, each time in a new order, so that whatever else the machine does meets
    both alike.
    """
    shuffled = random.Random(0)  # noqa: S311 (an order, no secret)
    measured: list[tuple[float, float]] = []
    for _round in range(rounds):
        sums = [0.0, 0.0]
        for _block in range(blocks):
            sides = [0, 1]
            shuffled.shuffle(sides)
            for side in sides:
                sums[side] += (ours, baseline)[side]()
        measured.append((sums[0] / blocks, sums[1] / blocks))
    return Result(
        name,
        ours=statistics.median(own for own, _base in measured),
        baseline=statistics.median(base for _own, base in measured),
        ratio=statistics.median(own / base for own, base in measured),
        limit=limit,
    )


def show(title: str, results: Sequence[Result]) -> bool:
    """Print the results under a title; whether every limit was kept."""
    print(f"\n{title}\n{HEADER}")
    for result in results:
        print(result)
    return all(result.holds for result in results)
