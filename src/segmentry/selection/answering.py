"""The process of an `Aside`: `python -m segmentry.selection.answering` answers on standard output what comes in."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from io import BytesIO
from typing import IO, Any

import numpy as np

from segmentry.patterns import Codes, FeatureLevels, PatternTable
from segmentry.selection.aside import PATTERNS, SEGMENTS, Here
from segmentry.selection.confusion import Segments
from segmentry.selection.evidence import Evidence
from segmentry.selection.null_curves import Curves


def _serve(received: IO[bytes], sent: IO[bytes]) -> None:
    """Answer the questions that come in, until there are no more."""
    import scipy.optimize  # noqa: F401 - before the first question

    for line in received:
        head = json.loads(line)
        with np.load(BytesIO(received.read(head["n_bytes"])), allow_pickle=False) as arrays:
            answer = _answer(head, dict(arrays))
        sent.write(json.dumps(asdict(answer), default=_plain).encode() + b"\n")
        sent.flush()


def _answer(head: dict[str, Any], arrays: dict[str, Any]) -> Curves | Evidence:
    features = tuple(FeatureLevels(**{**f, "levels": tuple(f["levels"])}) for f in head["features"])
    columns = {name: arrays[name] for name in PATTERNS if name in arrays}
    patterns = PatternTable(features, **{**columns, "codes": columns["codes"].view(Codes)})
    here, method, seed = Here(), head["method"], head["seed"]
    if head["question"] == "curves":
        return here.curves(patterns, method, head["numbers"], seed=seed, costs=head["costs"])()
    segments = Segments(head["k"], *(arrays[name] for name in SEGMENTS))
    return here.evidence(patterns, method, segments, seed=seed)()


def _plain(value: Any) -> Any:
    return value.tolist()  # arrays and numbers of numpy


if __name__ == "__main__":
    answers, sys.stdout = sys.stdout, sys.stderr  # what others print is no answer
    _serve(sys.stdin.buffer, answers.buffer)
