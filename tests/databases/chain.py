"""Which server the tests run on: the first that applies, from a named one down to the embedded PostgreSQL."""

from dataclasses import dataclass, field
from functools import cached_property

from tests.databases import container, debian_folder, embedded, given_url, local
from tests.databases.server import Server

IN_ORDER = (given_url.find, container.find, local.find, debian_folder.find)


@dataclass
class Chain:
    """Looks once. Building the Debian folder takes a minute, so it waits until a test needs a database."""

    #: Why something better than the chosen server was not to be had.
    problems: list[str] = field(default_factory=list)

    @cached_property
    def at_hand(self) -> Server | None:
        """What is there already and has TimescaleDB, or is named by the caller."""
        return next((server for find in IN_ORDER if (server := find()) is not None), None)

    @cached_property
    def chosen(self) -> Server:
        return self.at_hand or self._built() or embedded.find()

    def _built(self) -> Server | None:
        if not debian_folder.can_be_built():
            self.problems.append("no Docker, no local TimescaleDB, and only root with debootstrap can build the folder")
            return None
        problem = debian_folder.build()
        if problem is not None:
            self.problems.append(f"the Debian folder could not be built: {problem}")
            return None
        return debian_folder.find()

    def why_no_timescale(self) -> str | None:
        """None when the chosen server has TimescaleDB."""
        if self.chosen.timescale is not None:
            return None
        return "; ".join([f"needs TimescaleDB, and the server is {self.chosen}", *self.problems])

    def header(self) -> str:
        if self.at_hand is None and debian_folder.can_be_built():
            return "database: Debian folder, built when a test first needs it"
        return f"database: {self.chosen}"
