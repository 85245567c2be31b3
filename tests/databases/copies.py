"""Migrate once, copy for every test: a copy of a template takes tens of milliseconds, the migrations seconds."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from tests.databases.server import url_of_database


def new_name(role: str) -> str:
    return f"steelyard_{role}_{os.getpid()}_{secrets.token_hex(4)}"


@contextmanager
def template(server_url: str, migrate: Callable[[str], object]) -> Iterator[str]:
    """The name of a migrated database that nobody is connected to, and nobody can connect to."""
    with database(server_url, new_name("template")) as name:
        migrate(url_of_database(server_url, name))
        close_for_copying(server_url, name)
        yield name


def close_for_copying(server_url: str, name: str) -> None:
    """PostgreSQL copies a database only while nobody is in it, and TimescaleDB's workers would come back."""
    identifier = sql.Identifier(name)
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(identifier))
        conn.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name])


@contextmanager
def database(server_url: str, name: str, *, template_name: str = "template0") -> Iterator[str]:
    """A database of this name for as long as the block lasts; who is still connected at the end is put out."""
    identifier = sql.Identifier(name)
    with psycopg.connect(server_url, autocommit=True) as conn:
        # Files are copied in half the time that it takes to log each page, and no test needs a log.
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        conn.execute(create.format(identifier, sql.Identifier(template_name)))
    try:
        yield name
    finally:
        with psycopg.connect(server_url, autocommit=True) as conn:
            conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))


@contextmanager
def fresh_copy(server_url: str, template_name: str) -> Iterator[str]:
    """The URL of a copy of the template."""
    with database(server_url, new_name("test"), template_name=template_name) as name:
        yield url_of_database(server_url, name)
