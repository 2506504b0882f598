"""Run by CI in an environment that holds only the wheel: the README's first Python example works as written."""

import asyncio
import re
import sys
from pathlib import Path

import strongroom

if __name__ == "__main__":
    assert "site-packages" in strongroom.__file__, strongroom.__file__
    blocks = re.findall(r"```python\n(.*?)```", Path(sys.argv[1]).read_text(encoding="utf-8"), re.DOTALL)
    assert blocks, "the README has no Python example"
    namespace: dict[str, object] = {"__name__": "__main__", "asyncio": asyncio}
    exec(compile(blocks[0], "README.md", "exec"), namespace)
    print(f"strongroom {strongroom.__version__} runs the README's example on Python {sys.version.split()[0]}")
