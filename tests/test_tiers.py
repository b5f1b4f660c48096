"""Every package has tests in the quick tier, and what the tiers name is there."""

from __future__ import annotations

import os

import pytest

from tiers import ROOT, SLOW

SOURCE = ROOT / "src" / "segmentry"
PACKAGES = sorted(p.parent for p in SOURCE.glob("*/__init__.py") if any(p.parent.glob("[a-z]*.py")))


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.name)
def test_every_package_with_code_has_tests_in_the_quick_tier(package) -> None:
    modules = list((ROOT / "tests" / package.name).glob("test_*.py"))
    doctests = [f for f in package.rglob("*.py") if ">>> " in f.read_text("utf-8")]
    assert [f for f in modules + doctests if f.relative_to(ROOT).as_posix() not in SLOW]


@pytest.mark.parametrize("slow", sorted(SLOW))
def test_what_is_called_slow_is_there(slow: str) -> None:
    module, _, function = slow.partition("::")
    assert f"def {function}(" in (ROOT / module).read_text("utf-8") if function else (ROOT / module).is_file()


@pytest.fixture(scope="module")
def dear() -> None:
    """Stands for what is made once per module."""


def test_what_is_made_once_per_module_stays_in_one_process(
    dear: None, request: pytest.FixtureRequest
) -> None:
    """A version of pytest may lose the groups of pytest-xdist, which reads them from the names of tests."""
    is_divided = os.environ.get("PYTEST_XDIST_WORKER") and request.config.getoption("loadgroup", False)
    assert not is_divided or request.node.nodeid.endswith("@tests/test_tiers.py")
