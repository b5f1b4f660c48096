"""The process of an `Aside`: `python -m segmentry.selection.answering` answers on standard output what comes in."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from io import BytesIO
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any

import numpy as np

from segmentry.patterns import Codes, FeatureLevels, PatternTable
from segmentry.selection.aside import PATTERNS, SEGMENTS, Here
from segmentry.selection.confusion import Segments
from segmentry.selection.evidence import Evidence
from segmentry.selection.null_curves import Curves

Question = tuple[dict[str, Any], dict[str, Any]]


def _serve(received: IO[bytes], sent: IO[bytes]) -> None:
    """Answer the questions that come in, about the pattern table that came last."""
    questions: SimpleQueue[Question] = SimpleQueue()
    Thread(target=_read, args=(received, questions), daemon=True).start()
    import scipy.optimize  # noqa: F401 - before the first question

    while True:
        head, arrays = questions.get()
        if "features" in head:
            patterns = _patterns(head, arrays)
        answer = _answer(patterns, head, arrays)
        sent.write(json.dumps(asdict(answer), default=_plain).encode() + b"\n")
        sent.flush()


def _read(received: IO[bytes], questions: SimpleQueue[Question]) -> None:
    """Read questions; when there are no more, nobody waits for an answer, and the process ends, whatever it is at."""
    for line in received:
        head = json.loads(line)
        with np.load(BytesIO(received.read(head["n_bytes"])), allow_pickle=False) as arrays:
            questions.put((head, dict(arrays)))
    os._exit(0)


def _patterns(head: dict[str, Any], arrays: dict[str, Any]) -> PatternTable:
    features = tuple(FeatureLevels(**{**f, "levels": tuple(f["levels"])}) for f in head["features"])
    columns = {name: arrays[name] for name in PATTERNS if name in arrays}
    return PatternTable(features, **{**columns, "codes": columns["codes"].view(Codes)})


def _answer(patterns: PatternTable, head: dict[str, Any], arrays: dict[str, Any]) -> Curves | Evidence:
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
