"""What the widgets of the course have in common: one Python side for the browser side that the package anywidget brings."""

from __future__ import annotations

from importlib.metadata import version

import ipywidgets
import traitlets

__all__ = ["EsmWidget"]

FRONT_END = "~" + ".".join([*version("anywidget").split(".")[:2], "*"])
"""The versions of anywidget's browser side that can show what this one describes."""


class EsmWidget(ipywidgets.DOMWidget):  # type: ignore[misc]  # ipywidgets comes without types
    """A widget whose browser side is an ECMAScript module of ours (``_esm``, with a style in ``_css``), run by anywidget in the browser.

    These fields are what `anywidget.AnyWidget` sends, and what every saved notebook holds; a test compares the two. Its own Python side
    watches files and Python objects, for which it loads psygnal: 2 MB in every kernel, and no widget of the course needs either.
    """

    _model_name = traitlets.Unicode("AnyModel").tag(sync=True)
    _model_module = traitlets.Unicode("anywidget").tag(sync=True)
    _model_module_version = traitlets.Unicode(FRONT_END).tag(sync=True)
    _view_name = traitlets.Unicode("AnyView").tag(sync=True)
    _view_module = traitlets.Unicode("anywidget").tag(sync=True)
    _view_module_version = traitlets.Unicode(FRONT_END).tag(sync=True)
    _anywidget_id = traitlets.Unicode().tag(sync=True)
    _esm = traitlets.Unicode().tag(sync=True)

    @traitlets.default("_anywidget_id")
    def _own_id(self) -> str:
        return f"{type(self).__module__}.{type(self).__name__}"

    def _repr_mimebundle_(self, **_kwargs: object) -> tuple[dict[str, object], dict[str, object]]:
        view = {"version_major": 2, "version_minor": 1, "model_id": self.model_id}
        return {"text/plain": repr(self), "application/vnd.jupyter.widget-view+json": view}, {}
