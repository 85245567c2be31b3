"""The rules of the tree: imports go one way, and SQL lives in db/ only. Each check is shown a bad sample too."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = ROOT / "pyproject.toml"
LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"
FOLDERS = (
    "domain",
    "tables",
    "messages",
    "edge_agent",
    "db",
    "pricing",
    "supervision",
    "credit",
    "ingest",
    "web",
    "simulators",
    "steelyard",
)
SQL_STATEMENT = re.compile(
    r"""^\s*(--[^\n]*\n\s*)*(
        SELECT\s.*\sFROM\s | WITH\s.*\sAS\s.*\( | INSERT\s+INTO\s | UPDATE\s.*\sSET\s | DELETE\s+FROM\s
        | (CREATE|ALTER|DROP)\s+(UNLOGGED\s+|TEMP\s+|OR\s+REPLACE\s+)?(TABLE|INDEX|VIEW|FUNCTION)\s
    )""",
    re.VERBOSE | re.DOTALL,
)
EXECUTING = frozenset({"execute", "executemany", "copy"})


def product_files(folder: Path) -> list[Path]:
    return sorted(path for name in FOLDERS if name != "db" for path in (folder / name).rglob("*.py"))


def statements_in(source: str) -> Iterator[tuple[int, str]]:
    """String constants that a database would run. A docstring that only talks of one does not start like it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL_STATEMENT.match(node.value):
            yield node.lineno, node.value.strip()[:60]


def imports_psycopg(tree: ast.AST) -> bool:
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return any(name.split(".")[0] in {"psycopg", "psycopg_pool"} for name in names)


def executions_in(source: str) -> Iterator[tuple[int, str]]:
    """Calls of a connection or cursor. SQLite has an `execute` too, so the module must also know psycopg."""
    tree = ast.parse(source)
    if not imports_psycopg(tree):
        return
    # Without an argument it is not a statement: dict.copy(), say.
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    for call in calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr in EXECUTING:
            yield call.lineno, ast.unparse(call.func)


def is_of_the_outbox(path: Path) -> bool:
    """The agent's outbox is an SQLite file on the device: it is no part of the product's database."""
    return path.is_relative_to(ROOT / "edge_agent")


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([LINT_IMPORTS, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_folder_of_the_design_is_a_package(folder: str) -> None:
    assert (ROOT / folder / "__init__.py").is_file()


def test_the_import_rules_are_about_every_folder() -> None:
    rules = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert set(rules["root_packages"]) == set(FOLDERS)


def test_imports_go_one_way() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("domain/prices.py", "import db", "The flow runs one way"),
        ("simulators/market/stall.py", "import ingest", "Simulators only know the wire"),
        ("domain/rules.py", "import psycopg", "The domain is the standard library"),
        ("pricing/rules/cap.py", "import time", "Decisions are sans-I/O"),
    ],
)
def test_an_import_against_the_flow_is_found(tmp_path: Path, module: str, line: str, broken: str) -> None:
    """The contracts of pyproject.toml, on a tree with one wrong import."""
    make_tree_for_every_contract(tmp_path)
    (tmp_path / module).write_text(f"{line}\n", encoding="utf-8")
    done = lint_imports(tmp_path)
    assert done.returncode != 0
    assert re.search(rf"{re.escape(broken)}\s+BROKEN", done.stdout), done.stdout


def make_tree_for_every_contract(folder: Path) -> None:
    """Empty modules wherever a contract names one."""
    (folder / "pyproject.toml").write_text(PYPROJECT.read_text(encoding="utf-8"), encoding="utf-8")
    rules = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]
    modules = [module for contract in rules["contracts"] for module in contract.get("source_modules", [])]
    for name in (*FOLDERS, *modules):
        if name.split(".")[0] in FOLDERS:
            package = folder.joinpath(*name.split("."))
            package.mkdir(parents=True, exist_ok=True)
            for level in (package, *package.relative_to(folder).parents):
                (folder / level / "__init__.py").touch()


def test_sql_is_in_db_only() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in product_files(ROOT)
        if not is_of_the_outbox(path)
        for line, text in statements_in(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_only_db_runs_statements() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in product_files(ROOT)
        for line, text in executions_in(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT net_g FROM weighings",
        "  SELECT net_g\n  FROM weighings",
        "-- name: newest\nSELECT net_g FROM weighings",
        "INSERT INTO alerts (kind) VALUES (%s)",
        "UPDATE alerts SET state = 'confirmed'",
        "DELETE FROM alerts",
        "CREATE TABLE alerts (id bigint)",
        "WITH newest AS (SELECT 1) SELECT * FROM newest",
    ],
)
def test_a_statement_outside_db_is_found(statement: str) -> None:
    assert list(statements_in(f"QUERY = {statement!r}\n"))


@pytest.mark.parametrize(
    "text", ["Select a stall from the list", "the cap is updated", "Delete from the list what is sold"]
)
def test_a_sentence_is_no_statement(text: str) -> None:
    assert not list(statements_in(f"TEXT = {text!r}\n"))


def test_an_execution_outside_db_is_found() -> None:
    assert list(executions_in("import psycopg\ndef f(c: psycopg.Connection) -> None:\n    c.execute(name)\n"))
    assert list(executions_in("from psycopg import Cursor\ndef f(c: Cursor) -> None:\n    c.executemany(q, rows)\n"))


def test_sqlite_on_a_device_is_none_of_it() -> None:
    assert not list(executions_in("import sqlite3\nsqlite3.connect(path).execute(name)\n"))
