"""Approvals, whom they are about, their checks, and what went back."""
