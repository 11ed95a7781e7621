"""`make bench`: run every benchmark, or those named, and exit with 1 where a limit was missed."""

from __future__ import annotations

import sys
from importlib import import_module

BENCHMARKS = ("rls", "reads", "importing", "first_page")


def main(names: list[str]) -> int:
    """Run the benchmarks of these names."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    kept = [import_module(name).main() for name in names or BENCHMARKS]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
