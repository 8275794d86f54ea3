"""One layout for every map of a trace: the still picture draws it, and the browser gets it as data.

`layout` says where boxes, lines and labels are. No line runs through a box that is not its own, no label lies on another
one or on a box, and type is never below 11 CSS pixels at the natural size.
"""

from mailflow.player.layout.plan import Layout, layout, layouts, length_of, point_at

__all__ = ["Layout", "layout", "layouts", "length_of", "point_at"]
