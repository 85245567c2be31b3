"""The next slice is read and judged over a second connection while the one before is written.

What is judged ahead is used only where it is still what would be judged: the same place, and nothing that judges has
changed since. Whoever writes holds what judges still (`db.caps.share_what_judges`), so that is certain by then.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from psycopg import Connection, IsolationLevel

from ingest.rejudged_slices import JudgedSlice, Place, Revisions, SliceJudge


class SlicesAhead:
    """Judges one slice ahead. To be used as a context; `conn` is its own until then."""

    def __init__(self, conn: Connection, judge: SliceJudge) -> None:
        conn.autocommit = False
        conn.isolation_level = IsolationLevel.REPEATABLE_READ
        conn.read_only = True
        self._conn, self._judge = conn, judge
        self._thread = ThreadPoolExecutor(1, "rejudge-ahead")
        self._ahead: Future[JudgedSlice] | None = None
        self._place: Place | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)

    def begin(self, place: Place) -> None:
        """Begin to judge the slice at a place; what was judged ahead before is forgotten."""
        self.forget()
        self._place, self._ahead = place, self._thread.submit(self._run, place)

    def forget(self) -> None:
        """Wait for the end of what was begun, and leave it."""
        if self._ahead is not None and not self._ahead.cancel():
            self._ahead.exception()
        self._place = self._ahead = None

    def take(self, place: Place, revisions: Revisions) -> JudgedSlice | None:
        """Return the slice at a place as judged ahead; None where it was another, or judged by something else.

        Raise what judging it raised: psycopg.Error where the database went away.
        """
        if self._ahead is None or self._place is None or self._place.key != place.key:
            return None
        judged = self._ahead.result()
        self._place = self._ahead = None
        return judged if judged.revisions == revisions else None

    def _run(self, place: Place) -> JudgedSlice:
        with self._conn.transaction():
            return self._judge.judge(self._conn, place)
