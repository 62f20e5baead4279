"""Where the text of a report goes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from riskcheck.commands.writing import write_text


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_text("report\n", str(pipe))
        assert stat.S_ISFIFO(pipe.stat().st_mode)
        assert os.read(reader, 100) == b"report\n"
    finally:
        os.close(reader)


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text("a longer text from before\n", encoding="utf-8")
    write_text("new\n", str(target))
    assert target.read_text(encoding="utf-8") == "new\n"
    assert [one.name for one in tmp_path.iterdir()] == ["report.json"]
