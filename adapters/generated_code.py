"""Run source that is generated, so that a traceback names it and shows its lines."""

import linecache
from typing import Any


def run_generated(source: str, name: str, namespace: dict[str, Any]) -> None:
    """Execute source in a namespace, under the file name ``<strongroom NAME>``.

    Later source of the same name replaces the lines that a traceback shows. Raises SyntaxError.
    """
    file = f"<strongroom {name}>"
    code = compile(source, file, "exec")
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(code, namespace)  # noqa: S102 - the source is made of our own names of fields and columns
