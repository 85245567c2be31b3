"""What the kernel says of its clock: adjtimex(2), read only. NTP daemons (chrony, timesyncd, ntpd) keep it up to date.

Where it cannot be asked (another system, a sandbox) the answer is `UNKNOWN`.
"""

import ctypes
import sys
from dataclasses import dataclass
from typing import Final

# <sys/timex.h>; see adjtimex(2).
_STA_UNSYNC: Final = 0x0040
_STA_NANO: Final = 0x2000
_TIME_ERROR: Final = 5
_NANOS_A_MICRO: Final = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class NtpState:
    """`synced`: None where it is not known. `offset_us`: what the kernel still has to make up for."""

    synced: bool | None
    est_error_us: int | None = None
    offset_us: int | None = None


UNKNOWN: Final = NtpState(synced=None)


class _Timex(ctypes.Structure):
    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("rest", ctypes.c_long * 32),  # the time, the tick, and what is of no use here; more than any layout has
    )


def kernel_ntp_state() -> NtpState:
    """Ask the kernel. This takes microseconds and needs no rights."""
    if not sys.platform.startswith("linux"):
        return UNKNOWN
    try:
        adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
    except (OSError, AttributeError):  # a C library without it
        return UNKNOWN
    timex = _Timex(modes=0)
    return _read(adjtimex(ctypes.byref(timex)), timex)


def _read(state: int, timex: _Timex) -> NtpState:
    if state < 0:
        return UNKNOWN
    offset_us = timex.offset // _NANOS_A_MICRO if timex.status & _STA_NANO else timex.offset
    return NtpState(
        synced=state != _TIME_ERROR and not timex.status & _STA_UNSYNC,
        est_error_us=timex.esterror,
        offset_us=offset_us,
    )
