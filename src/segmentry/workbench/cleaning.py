"""Cleaning of the rows: the steps of the recipe with their counts, and those that the audit's findings offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from segmentry.errors import RecipeError, nearest
from segmentry.patterns import Cleaning
from segmentry.recipe.models import CleanStep
from segmentry.recipe.values import Declared
from segmentry.runs.cleaning_offers import CleaningOffer
from segmentry.workbench.changes import Found
from segmentry.workbench.state import State


class AddStep(Declared):
    """A step that a finding of the audit offers, by the name of the step."""

    kind: Literal["clean"]
    step: str

    def apply(self, state: State, found: Found) -> State:
        """Return the state after the move."""
        known = {str(o.step["step"]): o.step for o in found.cleaning if o.step is not None}
        if self.step not in known:
            raise RecipeError(
                "no finding of the audit offers this step", source=self.step, hint=nearest(self.step, known)
            )
        if any(_is_same(step, known[self.step]) for step in state.whole.clean):
            return state
        content = state.whole.to_dict().get("clean", [])
        taken = {step.step.casefold() for step in state.whole.clean}
        name, number = self.step, 2
        while name.casefold() in taken:
            name, number = f"{self.step}_{number}", number + 1
        made = state.whole.with_(clean=[*content, {**known[self.step], "step": name}])
        return state.changed(made, f"Cleaning: {name}")


class RemoveStep(Declared):
    """A cleaning step taken out."""

    kind: Literal["unclean"]
    step: str

    def apply(self, state: State, found: Found) -> State:  # noqa: ARG002 - as the others
        """Return the state after the move."""
        names = [step.step for step in state.whole.clean]
        if self.step not in names:
            raise RecipeError(
                "there is no such cleaning step", place=("clean", self.step), hint=nearest(self.step, names)
            )
        kept = [s for s in state.whole.to_dict()["clean"] if s["step"] != self.step]
        return state.changed(state.whole.with_(clean=kept), f"Cleaning without {self.step}")


@dataclass(frozen=True)
class StepShown:
    """A cleaning step of the recipe: what it does, the rows that it drops or changes (None before they are counted), and why."""

    step: str
    does: str
    what: str
    n_rows: int | None
    why: str


def steps_shown(clean: Sequence[CleanStep], cleaning: Cleaning | None) -> tuple[StepShown, ...]:
    """List the cleaning steps of a recipe with the counts of its table."""
    return tuple(_shown(step, cleaning) for step in clean)


def _shown(step: CleanStep, cleaning: Cleaning | None) -> StepShown:
    counted = [s for s in cleaning.steps if s.step == step.step] if cleaning is not None else []
    known = next((s for s in counted if s.what in ("dropped", "changed")), None)
    if step.replace is not None:
        pairs = ", ".join(f"{old} → {new}" for old, new in step.replace.values)
        return StepShown(step.step, f"{step.replace.column}: {pairs}", "changed", _rows(known), step.why)
    does = (
        f"drops rows without {' or '.join(step.drop_missing)}" if step.drop_missing else f"keeps {step.keep}"
    )
    return StepShown(step.step, does, "dropped", _rows(known), step.why)


def _rows(counted: Any) -> int | None:
    return None if counted is None else int(counted.n_rows)


def offers_shown(offers: Sequence[CleaningOffer], clean: Sequence[CleanStep]) -> list[dict[str, Any]]:
    """List the findings of the audit: the step that each offers, and whether the recipe has it."""
    return [
        {
            "title": o.title,
            "advice": o.advice,
            "severity": o.severity,
            "step": None if o.step is None else str(o.step["step"]),
            "is_taken": o.step is not None and any(_is_same(step, o.step) for step in clean),
        }
        for o in offers
    ]


def _is_same(step: CleanStep, offered: dict[str, Any]) -> bool:
    """Whether a step does what an offered one does, whatever it is called and why."""
    other = CleanStep.model_validate(offered)
    return (step.drop_missing, step.keep, step.replace) == (other.drop_missing, other.keep, other.replace)
