"""Reads which rules were put in force."""

from datetime import datetime
from functools import lru_cache

from psycopg import Connection

from credit.rules.reading import parse_credit_rules
from credit.rules.shape import CreditRules
from credit.rules.versions import Rulebook
from db import credit_rules


def rulebook(conn: Connection, shipped: CreditRules) -> Rulebook:
    """Return what was put in force; where nothing ever was, the rules that are shipped."""
    kept = credit_rules.in_force(conn)
    return Rulebook(tuple(_parsed(version, content) for _, version, content in kept) or (shipped,))


def rules_now(conn: Connection, shipped: CreditRules, now: datetime) -> CreditRules:
    """Return the rules in force at a moment."""
    return rulebook(conn, shipped).now(now)


@lru_cache(maxsize=256)
def _parsed(version: str, content: str) -> CreditRules:
    return parse_credit_rules(version, content)
