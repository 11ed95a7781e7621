"""Memory of a CSV does not grow with its length: four times the rows, nearly the same peak."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import io, resource, sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo
from alliance.tenants.importing.layout import inspect_file, read_file
from alliance.tenants.importing.presets.registry import guess_preset
from alliance.tenants.importing.staging.pipeline import Pipeline
from alliance.tenants.importing.staging.reading import Reading
from alliance.tenants.importing.states import ImportKind

path = sys.argv[1]
with open(path, "rb") as stream:
    layout = inspect_file(stream, ImportKind.RETURNS).layout
    guess = guess_preset(layout.headers, ImportKind.RETURNS)
    mapping = {layout.headers[index]: name for index, name in guess.fields.items()}
    now = datetime(2026, 11, 25, tzinfo=UTC)
    reading = Reading(ImportKind.RETURNS, guess.preset, layout, mapping, "CNY", ZoneInfo("Asia/Shanghai"), now)
    rows = sum(staged.frame.height for staged in Pipeline(reading).run(read_file(stream, layout)))
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
ROOM_MB = 60


def peak_of(tmp_path: Path, rows: int) -> int:
    """Megabytes a fresh process needed to stage that many rows."""
    path = tmp_path / f"{rows}.csv"
    with path.open("w", encoding="utf-8") as out:
        out.write("订单号,SKU,退货数量,退货单号,申请时间,退货原因,退款金额\n")
        for n in range(rows):
            out.write(
                f"{20260000 + n},SKU-{n % 3000},1,TH{n:09d},2026-10-{1 + n % 28:02d} 10:00:00,尺码偏小,{n % 500}.00\n"
            )
    ran = subprocess.run([sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True, check=True)
    read, peak = map(int, ran.stdout.split())
    assert read == rows
    return peak


def test_four_times_the_rows_need_hardly_more_memory(tmp_path: Path) -> None:
    assert peak_of(tmp_path, 400_000) <= peak_of(tmp_path, 100_000) + ROOM_MB
