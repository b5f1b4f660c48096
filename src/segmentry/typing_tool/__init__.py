"""The typing tool: segments found again by the few things that another system knows."""

from segmentry.typing_tool.files import NAMES, to_json, to_markdown, to_sql, write_tool
from segmentry.typing_tool.function import to_python
from segmentry.typing_tool.making import make_tool
from segmentry.typing_tool.points import Answers
from segmentry.typing_tool.tool import Question, SetOfQuestions, Trust, TypingTool

__all__ = [
    "NAMES", "Answers", "Question", "SetOfQuestions", "Trust", "TypingTool", "make_tool", "to_json", "to_markdown", "to_python",
    "to_sql", "write_tool",
]  # fmt: skip
