"""What may be shown of few customers: a policy, a rule for every field, and one algorithm."""

from segmentry.disclosure.policy import MODEL_FILE, Policy
from segmentry.disclosure.rules import disclosed

__all__ = ["MODEL_FILE", "Policy", "disclosed"]
