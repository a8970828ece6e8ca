"""Where things are: the tree, its dependencies, scratch folders."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEPS = Path(os.environ.get("SEALROW_DEPS", ROOT / ".deps"))
SEALROW = Path(os.environ.get("SEALROW_BIN", ROOT / "build/release/bin/sealrow"))
KEEP = bool(os.environ.get("SEALROW_KEEP"))


def scratch(name: str) -> Path:
    """A folder of its own, removed at exit. Searchable by all: servers started by root drop to nobody."""
    folder = Path(tempfile.mkdtemp(prefix=f"sealrow-{name}-"))
    folder.chmod(0o755)
    if not KEEP:
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
