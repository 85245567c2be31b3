"""What a department's request for records is answered, and that each is written down, refused ones too."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from psycopg import Connection

from db import export_accesses, export_records, export_tokens
from db.export_accesses import Access
from db.export_tokens import Token
from domain.export import ExportForm, TokenScope
from domain.ids import is_id
from supervision.exports.forms import as_csv, as_json
from supervision.exports.policy import ExportsPolicy
from supervision.exports.token_rules import parts_of, problem_of, redacted
from supervision.notices.retrying import one_line

_MINUTE: Final = timedelta(minutes=1)
_LONGEST_ASKED: Final = 500
_HIGHEST: Final = 2**63 - 1
_SCOPES: Final[Mapping[ExportForm, TokenScope]] = {
    ExportForm.PENALTY: TokenScope.PENALTIES,
    ExportForm.CREDIT_RECORD: TokenScope.CREDIT,
}
_MEDIA: Final = {"json": "application/json", "csv": "text/csv; charset=utf-8"}


class Holder(Protocol):
    """Who shows a token: what it is for is decided where permissions are."""

    @property
    def token(self) -> Token: ...
    def may(self, scope: TokenScope) -> bool: ...
    def sees(self, market_id: str) -> bool: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A request as it came. `query`: its parameters; `asked`: its path and query, for the log."""

    form: ExportForm
    asked: str
    address: str
    authorization: str
    accept: str = ""
    if_none_match: str = ""
    query: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What is answered. `problem`: the sentence of a refusal, `kind` its stable word."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str]
    problem: str = ""
    kind: str = ""
    records: int = 0
    market_ids: frozenset[str] = frozenset()
    identities: bool = False
    is_logged: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    after: int
    limit: int
    kind: str
    market_ids: tuple[str, ...]


class _Refused(Exception):
    def __init__(
        self,
        status: int,
        kind: str,
        problem: str,
        headers: Mapping[str, str] | None = None,
        *,
        is_logged: bool = True,
    ) -> None:
        super().__init__(problem)
        self.answer = Answer(status=status, kind=kind, problem=problem, headers=headers or {}, is_logged=is_logged)


def answer(conn: Connection, request: Request, policy: ExportsPolicy, holder_of: Callable[[Token], Holder]) -> Answer:
    """Return the answer to a request, written down in the same transaction."""
    token: Token | None = None
    try:
        token = _token_of(conn, request, policy)
        _require_room(conn, token, request.at, policy)
        answered = _records(conn, holder_of(token), request, policy)
    except _Refused as refusal:
        answered = refusal.answer
    if answered.is_logged:
        export_accesses.add(
            conn,
            Access(
                at=request.at,
                token_id=None if token is None else token.token_id,
                address=request.address,
                asked=_kept(request.asked),
                status=answered.status,
                records=answered.records,
                identities=answered.identities,
                problem=_kept(answered.problem),
            ),
            answered.market_ids,
        )
    return answered


def _kept(text: str) -> str:
    """A text of a stranger as it may be kept for good: who put a token into the address did not give it away so."""
    return one_line(redacted(text))[:_LONGEST_ASKED]


def _token_of(conn: Connection, request: Request, policy: ExportsPolicy) -> Token:
    """Return a token that was shown, good or not; who shows none is counted by their address."""
    parts = parts_of(request.authorization)
    stored = None if parts is None else export_tokens.by_key(conn, parts.key_id)
    if parts is not None and stored is not None and parts.is_of(stored[1]):
        return export_tokens.tokens(conn, stored[0])[0]
    export_tokens.lock(conn, request.address)
    first = export_tokens.stranger_in_the_way(
        conn, request.address, since=request.at - _MINUTE, most=policy.refused_per_minute
    )
    if first is not None:
        # What is asked without end by who is nobody must not fill a log that nothing is removed from.
        raise _too_many(first, request.at, is_logged=False)
    error = "" if not request.authorization else ', error="invalid_token"'
    raise _Refused(
        401,
        "no_token",
        "no token of ours was shown; expected Authorization: Bearer sye_…",
        {"WWW-Authenticate": f'Bearer realm="exports"{error}'},
    )


def _require_room(conn: Connection, token: Token, now: datetime, policy: ExportsPolicy) -> None:
    export_tokens.lock(conn, str(token.token_id))
    since = now - _MINUTE
    first = export_tokens.in_the_way(conn, token.token_id, since=since, most=policy.requests_per_minute)
    if first is not None:
        # A program that tries on without waiting fills no log either.
        told = export_tokens.turned_away(conn, token.token_id, since=since, most=policy.refused_per_minute)
        raise _too_many(first, now, is_logged=told is None)


def _too_many(first: datetime, now: datetime, *, is_logged: bool) -> _Refused:
    wait_s = max(1, -int((now - first - _MINUTE).total_seconds() // 1))
    problem, headers = f"too many requests; wait {wait_s} s", {"Retry-After": str(wait_s)}
    return _Refused(429, "too_many", problem, headers, is_logged=is_logged)


def _records(conn: Connection, holder: Holder, request: Request, policy: ExportsPolicy) -> Answer:
    problem = problem_of(holder.token, request.address, request.at)
    if problem:
        raise _Refused(
            401, "token_not_good", problem, {"WWW-Authenticate": 'Bearer realm="exports", error="invalid_token"'}
        )
    scope = _SCOPES[request.form]
    if not holder.may(scope):
        raise _Refused(
            403,
            "scope_missing",
            f"the token lacks the scope {scope}",
            {"WWW-Authenticate": f'Bearer realm="exports", error="insufficient_scope", scope="{scope}"'},
        )
    asked = _read(request, holder, policy)
    found = export_records.since(conn, request.form, asked.after, market_ids=asked.market_ids, limit=asked.limit + 1)
    shown, identities = found[: asked.limit], holder.may(TokenScope.IDENTITIES)
    is_more = len(found) > len(shown)
    cursor = shown[-1].revision if shown else asked.after
    if asked.kind == "csv":
        body = as_csv(request.form, shown, identities=identities)
    else:
        body = as_json(request.form, shown, identities=identities, next_after=cursor, is_more=is_more)
    etag = f'"{hashlib.sha256(asked.kind.encode() + body).hexdigest()[:32]}"'
    headers = {
        "Content-Type": _MEDIA[asked.kind],
        "ETag": etag,
        "Vary": "Authorization, Accept",
        "Cache-Control": "private, no-cache",
        "X-Next-After": str(cursor),
        "X-Is-More": "true" if is_more else "false",
    }
    if etag in (one.strip() for one in request.if_none_match.split(",")):
        return Answer(status=304, headers=headers)
    return Answer(
        status=200,
        body=body,
        headers=headers,
        records=len(shown),
        market_ids=frozenset(one.market_id for one in shown),
        identities=identities and bool(shown),
    )


def _read(request: Request, holder: Holder, policy: ExportsPolicy) -> _Asked:
    unknown = sorted(request.query.keys() - {"after", "limit", "format", "market"})
    if unknown:
        raise _Refused(422, "invalid", f"{unknown[0][:40]!r} is no parameter; expected after, limit, format, market")
    kind = request.query.get("format", "csv" if request.accept.startswith("text/csv") else "json")
    if kind not in _MEDIA:
        raise _Refused(422, "invalid", f"format is {kind[:40]!r}; expected json or csv")
    market = request.query.get("market")
    if market is not None and not is_id(market):
        raise _Refused(422, "invalid", f"market is {market[:40]!r}; expected the id of a market")
    # Whether a market exists that the token is not for is nobody's business.
    if market is not None and not holder.sees(market):
        raise _Refused(404, "not_found", f"there is no market {market[:40]!r} that the token is for")
    return _Asked(
        after=_whole(request.query, "after", 0, 0, _HIGHEST),
        limit=_whole(request.query, "limit", min(100, policy.page_records), 1, policy.page_records),
        kind=kind,
        market_ids=holder.token.market_ids if market is None else (market,),
    )


def _whole(query: Mapping[str, str], name: str, usual: int, least: int, most: int) -> int:
    text = query.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):  # noqa: PLR2004 - as long as the highest
        raise _Refused(422, "invalid", f"{name} is {text[:40]!r}; expected a whole number from {least} to {most}")
    return int(text)
