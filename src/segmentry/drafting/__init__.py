"""From a table to a commented recipe: what each column is for, its levels, and the reasons."""

from segmentry.drafting.drafts import Draft, draft

__all__ = ["Draft", "draft"]
