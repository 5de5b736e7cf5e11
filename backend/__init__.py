"""Lets ``backend.app`` be imported from the repository's root, as the operations overview's checks do.

The canonical name of the server package is ``app`` (see pyproject.toml). The finder below gives the same module objects
under both names, so that there is one engine, one settings object, one of everything. When the project's own
environment is not active, its packages are added, so that a plain ``python -c`` works as well.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import site
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

_HERE = Path(__file__).parent
_ALIAS = "backend.app"


class _SameModule(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Resolves ``backend.app.x`` to the very module ``app.x``."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != _ALIAS and not fullname.startswith(_ALIAS + "."):
            return None
        return importlib.util.spec_from_loader(fullname, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return importlib.import_module(spec.name.removeprefix("backend."))

    def exec_module(self, module: ModuleType) -> None:
        """The module was executed under its canonical name already."""


if str(_HERE) not in sys.path:
    sys.path.insert(0, str(_HERE))
if sys.prefix == sys.base_prefix:  # no environment is active: ours is used, before what the system's Python has
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    before = list(sys.path)
    for packages in (
        _HERE.parent / ".venv" / "lib" / version / "site-packages",
        _HERE.parent / ".venv" / "Lib" / "site-packages",
    ):
        if packages.is_dir():
            site.addsitedir(str(packages))
    sys.path[:] = [path for path in sys.path if path not in before] + before
sys.meta_path.insert(0, _SameModule())
