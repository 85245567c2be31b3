"""Complaints from outside: filed, limited, linked to sales, looked into, answered in time. Decisions are pure."""
