"""Print the lower bound of each dependency, and of each extra's, as a constraints file for pip: `make test-oldest`."""

import re
import sys
import tomllib
from itertools import chain
from pathlib import Path


def oldest(project: dict) -> list[str]:
    """Return ``name==version`` for each requirement, which is ``name>=version`` or ``name~=version``.

    >>> oldest({"dependencies": ["sqlglot>=30.0,<31"], "optional-dependencies": {"spark": ["pyspark~=4.0"]}})
    ['sqlglot==30.0', 'pyspark==4.0']
    """
    requirements = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    bounds = [re.match(r"([\w-]+)[>~]=([\d.]+)", requirement) for requirement in requirements]
    return [f"{bound[1]}=={bound[2]}" for bound in bounds]


if __name__ == "__main__":
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    sys.stdout.write("\n".join(oldest(project)) + "\n")
