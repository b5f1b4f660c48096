"""Texts that some format reads as something else: they go through every output as names and values."""

from __future__ import annotations

CONTROLS = [
    f"control{chr(code)}{code:02x}"
    for code in (*range(1, 32), 127, 0x85, 0x9B, 0x2028, 0xFFFE, 0xFFFF, 0xFDD0)
]
FORMULAS = [
    '=HYPERLINK("http://evil.example","x")', "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "=cmd|' /C calc'!A0",
    "\uff1d1+1", "a!B1", "'=1+1",
]  # fmt: skip
JINJA = [
    '{%endraw%}{{ env_var("X") }}{%raw%}', "{% endraw %}{{ 1/0 }}", "{%- endraw -%}{{ boom() }}{%- raw -%}", "{{ boom() }}",
    "{{{ boom() }}}", "{# comment #}", "{%+ endraw %}{{ boom() }}", "{{{{", "}}", "%}", "{",
]  # fmt: skip
MARKUP = [
    "<script>window.pwned=1</script>", "</script><script>window.pwned=1</script>", "<img src=x onerror=window.pwned=1>", "<!--",
    '"><svg onload=window.pwned=1>', "]]>", "&lt;&#0;&amp;", "javascript:window.pwned=1", "</style><script>window.pwned=1</script>",
    "' onmouseover='window.pwned=1", "`${window.pwned=1}`", "</title><script>window.pwned=1</script>", "var(--ink)",
]  # fmt: skip
CODE = [
    "'); DROP TABLE customers; --", '"; DROP TABLE customers; --', "/*", "*/ --", "\\", "\\'", "$$", "$1", "%s", "%(x)s", "?", ":x",
    "'''", '"""', '"""\nimport os\n"""', "\\N{DASH}", "\\x00", "{x}", "a\nb", "a\r\nb", "a\rb", "E'\\''", "x' OR '1'='1",
    "[x]\ny = 1", 'x"""\n[source]', "null", "true", "---", "- a", "a: b # c", "!!python/object/apply:os.system ['true']", "*x", "&x", "|",
    "segmentry_input_relation", '"segmentry_input_relation"',
]  # fmt: skip
LETTERS = [
    "\u202egnp.exe", "\u2066x\u2069", "\u200bzero", "e\u0301", "\U0001f600", "東京", "شركة", "\ufeffmark", "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07", "\u0000nul".replace("\u0000", "\u0001"),
]  # fmt: skip
NAMES = [
    "../../etc/passwd",
    "a/b",
    "a\\b",
    "CON",
    "a:b",
    "*",
    "x" * 300,
    "é" * 200,
    ".",
    "..",
    "a b",
    "A B",
    "con.csv",
]
NASTY = [*CONTROLS, *FORMULAS, *JINJA, *MARKUP, *CODE, *LETTERS, *NAMES]
"""No two are alike after spaces at their ends are removed."""
ARGUMENTS = [
    "sum",
    "min",
    "len",
    "range",
    "any",
    "sorted",
    "zip",
    "math",
    "RULES",
    "assign",
    "class",
    "None",
    "__import__",
    "1x",
    "é",
]
"""Names of features that mean something in Python."""
