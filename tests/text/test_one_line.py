"""Messages are one printable line, whatever names and values are in them."""

from __future__ import annotations

import pytest

from segmentry.text.one_line import LONGEST, one_line, printable


@pytest.mark.parametrize(
    "code", [*range(9), *range(11, 32), *range(127, 160), 0x202E, 0x2066, 0x2028, 0xFFFE, 0x200F]
)
def test_control_characters_are_written_as_codes(code: int) -> None:
    shown = printable(f"a{chr(code)}b")
    assert shown == (f"a\\x{code:02x}b" if code < 256 else f"a\\u{code:04x}b")
    assert printable(shown) == shown


def test_other_letters_stay() -> None:
    for text in ("Größe é 東京 😀", "a\n\tb", "شركة", "a\u00a0b\u202fc"):
        assert printable(text) == text


def test_a_message_is_one_line_of_limited_length() -> None:
    assert one_line("a\n b\r\nc") == "a b c"
    long = one_line("".join(chr(0x4E00 + i) for i in range(2_000)))
    assert (len(long), long[0], "…" in long) == (LONGEST, chr(0x4E00), True)
    assert len(one_line("\x1b" * 1_000)) == LONGEST
