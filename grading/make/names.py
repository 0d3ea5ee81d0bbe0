"""Rename identifiers: the starter's ``my_softmax`` is ``softmax`` in an assignment."""

from __future__ import annotations

import io
import tokenize


def renamed(source: str, names: dict[str, str]) -> str:
    """Code in which identifiers have other names; strings and comments that quote them, too."""
    lines = source.splitlines(keepends=True)
    edits: list[tuple[int, int, int, str]] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME and token.string in names:
            edits.append((token.start[0], token.start[1], token.end[1], names[token.string]))
        elif token.type in (tokenize.STRING, tokenize.COMMENT) and token.start[0] == token.end[0]:
            new = in_text(token.string, names)
            if new != token.string:
                edits.append((token.start[0], token.start[1], token.end[1], new))
    for row, start, end, new in sorted(edits, reverse=True):
        line = lines[row - 1]
        lines[row - 1] = line[:start] + new + line[end:]
    return "".join(lines)


def in_text(text: str, names: dict[str, str]) -> str:
    """Text in which these words, and no parts of longer ones, are replaced."""
    out, word = [], ""
    for character in text + "\0":
        if character.isidentifier() or (word and character.isdigit()):
            word += character
            continue
        out += [names.get(word, word), character]
        word = ""
    return "".join(out)[:-1]
