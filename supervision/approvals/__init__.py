"""Approvals: taken in version by version, matched to the register, checked, and answered (docs/approvals.md)."""
