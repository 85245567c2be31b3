"""The web service on a free port of loopback, for tests, and a browser without scripts to visit it with."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psycopg
from psycopg import Connection

from credit.promises.policy import read_promises_policy
from credit.risk.policy import read_risk_policy
from credit.rotation.policy import read_rotation_rules
from credit.rules.reading import read_credit_rules
from pricing.policy import read_rules_policy
from steelyard.resources import data_directory
from supervision.approvals.policy import read_approvals_policy
from supervision.cases.legal_bases import read_legal_bases
from supervision.complaints.policy import read_complaints_policy
from supervision.exports.policy import read_exports_policy
from supervision.inspections.policy import read_inspection_policy
from supervision.notices.policy import read_notices_policy
from supervision.policy import read_supervision_policy
from tests.waiting import wait_until
from tests.web_world import (
    POLICY,
    Visitor,
    furnish,
)
from web.app import create_app
from web.config import WebConfig
from web.server import Server


def config_for(database_url: str, *, ping_s: float = 15.0) -> WebConfig:
    return WebConfig(
        database_url=database_url,
        rules_policy=read_rules_policy(POLICY / "rules.toml"),
        credit_rules=read_credit_rules(POLICY / "credit.toml"),
        credit_file=(POLICY / "credit.toml").read_text(encoding="utf-8"),
        supervision_policy=read_supervision_policy(POLICY / "supervision.toml"),
        approvals_policy=read_approvals_policy(POLICY / "approvals.toml"),
        risk_policy=read_risk_policy(POLICY / "risk.toml"),
        promises_policy=read_promises_policy(POLICY / "promises.toml"),
        rotation_rules=read_rotation_rules(POLICY / "rotation.toml"),
        complaints_policy=read_complaints_policy(POLICY / "complaints.toml"),
        notices_policy=read_notices_policy(POLICY / "notices.toml"),
        inspection_policy=read_inspection_policy(POLICY / "inspections.toml"),
        legal_bases=read_legal_bases(data_directory() / "legal_bases.toml"),
        exports_policy=read_exports_policy(POLICY / "exports.toml"),
        secure_cookies=False,
        ping_s=ping_s,
    )


@contextmanager
def serving(config: WebConfig) -> Iterator[str]:
    """Run the service on a free port of loopback; yield its address."""
    server = Server(create_app(config), host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive(), what="the web service is up")
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=15)


#: No test speaks TLS with the service, and to read the list of authorities takes longer than most requests.
TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@contextmanager
def visiting(address: str, visitor: Visitor | None = None) -> Iterator[httpx.Client]:
    """A browser without scripts: it keeps cookies and does not follow redirects by itself."""
    cookies = {} if visitor is None else visitor.cookie
    with httpx.Client(base_url=address, cookies=cookies, trust_env=False, timeout=120, verify=TRUSTS_NOBODY) as client:
        yield client


@contextmanager
def furnished_service(database_url: str, *, ping_s: float = 15.0) -> Iterator[tuple[str, Connection]]:
    """The service on a furnished database: its address, and a connection to look behind it."""
    with psycopg.connect(database_url) as conn:
        furnish(conn)
        with serving(config_for(database_url, ping_s=ping_s)) as address:
            yield address, conn
