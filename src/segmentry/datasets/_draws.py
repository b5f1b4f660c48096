"""Random numbers as SQL: a defined integer formula of (seed, row, stream), the same in every DuckDB.

DuckDB's own `hash()` may change between versions, so samples would too. The formula here is the mixer
"lowbias32" (Wellons 2018, found by search for the least bias), in 64-bit integers that never overflow::

    mix(x):  x ^= x >> 16;  x = x * 0x7feb352d mod 2^32
             x ^= x >> 15;  x = x * 0x846ca68b mod 2^32
             x ^= x >> 16
    key(row) = mix(row ^ salt)
    draw(row, stream) = mix'(key ^ constant of the stream)

where mix' leaves out the first and last shift (the key is mixed already; only high bits decide a
comparison). Salt and constants are splitmix64 (Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195) of
the seed. A draw is one of 2^32 integers, so a sample has at most 2^32 rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlglot import exp

BITS = 32
RANGE = 1 << BITS
_MASK64 = (1 << 64) - 1

Stage = tuple[str, exp.Select]
"""Name and query of a CTE."""


def number_literal(value: int) -> exp.Expression:
    """Write an integer as unsigned, so that arithmetic with draws stays in 64 bits."""
    return exp.cast(exp.Literal.number(value), "UBIGINT", dialect="duckdb")


def random_constants(seed: int, count: int) -> list[int]:
    """Return `count` 32-bit constants of the seed (splitmix64, upper halves).

    Examples
    --------
    >>> random_constants(0, 2)
    [3793791033, 1853398634]
    """
    state, out = _splitmix(seed & _MASK64), []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & _MASK64
        out.append(_splitmix(state) >> BITS)
    return out


def _splitmix(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK64
    return z ^ (z >> 31)


def draw_stages(
    prefix: str, source: str, row: str, keep: Sequence[str], streams: Sequence[str], *, seed: int, family: int
) -> list[Stage]:
    """Return CTEs that add one draw per stream to the columns `keep` of `source`.

    Each step is its own CTE because its result is used twice in the next one. `family` (0 to 255) distinguishes
    sets of streams over the same rows.
    """
    salt, *own = random_constants(seed ^ (family << 56), len(streams) + 1)
    x, kept = exp.column("x"), list(keep)
    start = _xor(exp.cast(exp.column(row), "UBIGINT", dialect="duckdb"), number_literal(salt))
    keys = [
        ("key_0", start),
        ("key_1", _multiply(_fold(x, 16), 0x7FEB352D)),
        ("key_2", _multiply(_fold(x, 15), 0x846CA68B)),
        ("key_3", _fold(x, 16)),
    ]
    stages: list[Stage] = []
    for name, step in keys:
        stages.append(_stage(f"{prefix}_{name}", source, kept, [("x", step)]))
        source = stages[-1][0]
    first = [
        (s, _multiply(_xor(x, number_literal(c)), 0x7FEB352D)) for s, c in zip(streams, own, strict=True)
    ]
    stages.append(_stage(f"{prefix}_mixed", source, kept, first))
    second = [(s, _multiply(_fold(exp.column(s), 15), 0x846CA68B)) for s in streams]
    stages.append(_stage(f"{prefix}_draws", f"{prefix}_mixed", kept, second))
    return stages


def _stage(name: str, source: str, keep: Iterable[str], new: Iterable[tuple[str, exp.Expression]]) -> Stage:
    columns = [*(exp.column(k) for k in keep), *(exp.alias_(e, n) for n, e in new)]
    return name, exp.select(*columns).from_(source)


def _xor(left: exp.Expression, right: exp.Expression) -> exp.Expression:
    return exp.Anonymous(this="xor", expressions=[left, right])


def _fold(x: exp.Expression, shift: int) -> exp.Expression:
    """``x ^ (x >> shift)``."""
    return _xor(x.copy(), exp.BitwiseRightShift(this=x.copy(), expression=exp.Literal.number(shift)))


def _multiply(x: exp.Expression, factor: int) -> exp.Expression:
    """``x * factor mod 2^32``; both are below 2^32, so the product fits."""
    product = exp.Paren(this=exp.Mul(this=x, expression=number_literal(factor)))
    return exp.BitwiseAnd(this=product, expression=number_literal(RANGE - 1))


def scaled(draw: str, count: exp.Expression) -> exp.Expression:
    """Return a whole number from 0 to `count` - 1."""
    factor = exp.cast(count, "UBIGINT", dialect="duckdb")
    product = exp.Paren(this=exp.Mul(this=exp.column(draw), expression=factor))
    shifted = exp.BitwiseRightShift(this=product, expression=exp.Literal.number(BITS))
    return exp.cast(shifted, "BIGINT", dialect="duckdb")


def below(draw: str, count: int) -> exp.Expression:
    """Return a whole number from 0 to `count` - 1 for a constant count."""
    return scaled(draw, exp.Literal.number(count))


def exponential(draw: str) -> exp.Expression:
    """Return a standard exponential variate, ``-ln((draw + 1/2) / 2^32)``."""
    centred = exp.Paren(this=exp.Add(this=exp.column(draw), expression=exp.Literal.number("0.5e0")))
    uniform = exp.Div(this=centred, expression=exp.Literal.number(f"{RANGE}e0"))
    return exp.Neg(this=exp.Ln(this=uniform))


def threshold(probability: float) -> int:
    """Return the integer such that a draw is below it with the given probability."""
    return round(probability * RANGE)
