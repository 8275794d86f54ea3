"""Puts the notebooks, which lie beside the package, into the package of a wheel. All else is in pyproject.toml."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithCourse(build_py):  # type: ignore[misc]  # setuptools comes without types
    """Copies notebooks/ to mailflow/course/notebooks/; an editable install reads them where they are."""

    def run(self) -> None:
        """Build the package, then add the notebooks."""
        super().run()
        if not self.editable_mode:
            for source, target in self._notebooks().items():
                self.mkpath(str(Path(target).parent))
                self.copy_file(source, target, preserve_mode=False)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """What is installed, with the notebooks."""
        return [*super().get_outputs(include_bytecode), *self._notebooks().values()]

    def _notebooks(self) -> dict[str, str]:
        folder = Path(self.build_lib, "mailflow", "course", "notebooks")
        return {str(path): str(folder / path.name) for path in sorted(Path("notebooks").glob("*.ipynb"))}


setup(cmdclass={"build_py": BuildWithCourse})
