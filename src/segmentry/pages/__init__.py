"""One base page, one stylesheet and one template environment for the pages of the report, the audit and drift."""

from segmentry.pages.rendering import page_script, render_page, render_part, script_digest

__all__ = ["page_script", "render_page", "render_part", "script_digest"]
