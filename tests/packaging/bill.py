"""Print what an installed segmentry is made of, as a CycloneDX bill of materials: `make bill`."""

import json
import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any


def installed(name: str) -> dict[str, Distribution]:
    """Return a distribution and all that it requires without extras, by normalised name.

    >>> {"segmentry", "numpy", "typer"} <= set(installed("segmentry"))
    True
    """
    found: dict[str, Distribution] = {}
    pending = [name]
    while pending:
        key = re.sub(r"[-_.]+", "-", pending.pop()).lower()
        if key in found:
            continue
        try:
            found[key] = distribution(key)
        except PackageNotFoundError:
            continue  # required on another system alone
        required = [r for r in found[key].requires or () if "extra ==" not in r]
        pending += [name[0] for r in required if (name := re.match(r"[\w.-]+", r))]
    return found


def licence_of(one: Distribution) -> str:
    """Return the licence that a distribution states, as an expression, a classifier or in words; empty where it states none."""
    about = one.metadata
    stated = about.get("License-Expression")
    classifiers = [
        c.split(" :: ")[-1] for c in about.get_all("Classifier") or () if c.startswith("License ::")
    ]
    first = ((about.get("License") or "").strip().splitlines() or [""])[0]
    return stated or " AND ".join(classifiers) or first


def bill(name: str) -> dict[str, Any]:
    """Return the bill of materials of a distribution."""
    components = [
        {
            "type": "library",
            "name": one.metadata["Name"],
            "version": one.version,
            "purl": f"pkg:pypi/{key}@{one.version}",
            "licenses": [{"license": {"name": licence_of(one)}}],
        }
        for key, one in sorted(installed(name).items())
    ]
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components}


if __name__ == "__main__":
    json.dump(bill("segmentry"), sys.stdout, indent=1)
