"""Tokens are made, shown once, and revoked."""

from dataclasses import dataclass
from datetime import timedelta

from psycopg import Connection

from db import export_tokens
from db.export_tokens import NewToken
from domain.errors import IllegalTransition, NotFound
from supervision.exports.destinations import By, reason_in, require_markets
from supervision.exports.policy import ExportsPolicy
from supervision.exports.token_rules import new_parts, tidy


@dataclass(frozen=True, slots=True)
class Made:
    """A new token: its text is shown now and never again."""

    token_id: int
    text: str


def make(conn: Connection, new: NewToken, policy: ExportsPolicy, *, by: By) -> Made:
    """Make a token. Raise FieldRefused naming the field that cannot be used."""
    kept = tidy(new, by.at, timedelta(days=policy.longest_token_days))
    require_markets(conn, kept.market_ids)
    parts = new_parts()
    with conn.transaction():
        token_id = export_tokens.create(conn, kept, key_id=parts.key_id, digest=parts.digest, by=by.username, now=by.at)
    return Made(token_id, parts.text)


def revoke(conn: Connection, token_id: int, because: str, *, by: By) -> None:
    """End a token at once. Raise NotFound, IllegalTransition where it is revoked already, FieldRefused."""
    because = reason_in(because)
    with conn.transaction():
        if not export_tokens.tokens(conn, token_id):
            raise NotFound(f"there is no token {token_id}")
        if not export_tokens.revoke(conn, token_id, because, by=by.username, now=by.at):
            raise IllegalTransition(f"token {token_id} is revoked already", problem="late")
