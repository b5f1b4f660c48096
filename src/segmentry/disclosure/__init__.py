"""What may be shown of few customers: one policy, one allow-list of fields, one algorithm."""

from segmentry.disclosure.policy import MODEL_FILE, Policy
from segmentry.disclosure.rules import disclosed, disclosed_queries

__all__ = ["MODEL_FILE", "Policy", "disclosed", "disclosed_queries"]
