"""Logs: a line is a line, whoever else writes into the same file."""

import io
import json
import sys

import pytest
import structlog

from steelyard.logs import configure_logs


class Writes(io.StringIO):
    """Remembers what was written at once."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def write(self, text: str) -> int:
        self.pieces.append(text)
        return super().write(text)


def test_a_line_is_written_at_once_with_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = Writes()
    monkeypatch.setattr(sys, "stderr", stderr)
    configure_logs()
    structlog.get_logger().info("subscribed", worker="一")
    structlog.get_logger().info("two\nlines")
    assert len(stderr.pieces) == 2
    assert all(piece.endswith("\n") and piece.count("\n") == 1 for piece in stderr.pieces)
    assert [json.loads(piece)["event"] for piece in stderr.pieces] == ["subscribed", "two\nlines"]
