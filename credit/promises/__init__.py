"""Promises (信用+承诺): a first minor breach may end in one instead of a deduction; breaking it costs more."""
