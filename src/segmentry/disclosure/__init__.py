"""What may be shown of few customers, and what must not."""
