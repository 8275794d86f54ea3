"""What verbs do to a running world. It is loaded when somebody does the first of it: who only writes a script needs none of it."""

from typing import TYPE_CHECKING

from mailflow.lazily import Later

if TYPE_CHECKING:
    from mailflow.organization import change
    from mailflow.simulation import actions, reading
else:
    actions = Later("mailflow.simulation.actions")
    change = Later("mailflow.organization.change")
    reading = Later("mailflow.simulation.reading")

__all__ = ["actions", "change", "reading"]
