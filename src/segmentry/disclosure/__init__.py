"""What may be shown of few customers: one policy, a rule for every field, one algorithm."""

from segmentry.disclosure.policy import MODEL_FILE, Policy
from segmentry.disclosure.rules import disclosed

__all__ = ["MODEL_FILE", "Policy", "disclosed"]
