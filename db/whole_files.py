"""Migrations as yoyo keeps them, each file one step: PostgreSQL takes a file of statements as it is.

yoyo would have each file split into its statements by a parser of all dialects of SQL, at every start of everything,
also where nothing is left to apply: that took longer than to run them. A file runs in one transaction either way.
"""

from pathlib import Path
from types import ModuleType

from yoyo import read_migrations
from yoyo.migrations import Migration, MigrationList, StepCollector


def read_whole(folder: Path) -> MigrationList:
    """Return the migrations of a folder in the order of their names. They depend on nothing but that order."""
    return MigrationList([_WholeFile(one.id, one.path, one.source_dir) for one in read_migrations(str(folder))])


class _WholeFile(Migration):
    def load(self) -> None:
        if self.loaded:
            return
        self.source = Path(self.path).read_text(encoding="utf-8")
        self.module = ModuleType(self.id)
        self.use_transactions = True
        self._depends: set[Migration] = set()
        steps = StepCollector(migration=self)
        steps.add_step(self.source)
        self.steps = steps.create_steps(self.use_transactions)
