"""Moments as columns: microseconds since 1970 (UTC), and the aware datetimes that are made of them. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, overload

import numpy as np

from pricing.rules_of_columns import Whole

_US_IN_A_S: Final = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moments: Sequence[datetime]) -> Whole:
    """Return aware moments as microseconds since 1970, exactly: a float holds them until the year 2255."""
    seconds = np.fromiter((moment.timestamp() for moment in moments), np.float64, len(moments))
    return np.rint(seconds * _US_IN_A_S).astype(np.int64)


class _Datetimes(Sequence[datetime]):
    """Aware moments (UTC) that are made where somebody reads them."""

    def __init__(self, moments_us: Whole) -> None:
        self._moments_us = moments_us

    def __len__(self) -> int:
        return len(self._moments_us)

    @overload
    def __getitem__(self, row: int) -> datetime: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[datetime]: ...
    def __getitem__(self, row: int | slice) -> datetime | Sequence[datetime]:
        if isinstance(row, slice):
            return _Datetimes(self._moments_us[row])
        return _EPOCH + timedelta(microseconds=int(self._moments_us[row]))


def datetimes(moments_us: Whole) -> Sequence[datetime]:
    """Return microseconds since 1970 as aware moments (UTC), each made when it is looked at."""
    return _Datetimes(moments_us)
