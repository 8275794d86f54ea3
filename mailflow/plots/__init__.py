"""Charts of a trace, made with matplotlib, for what a picture of one step cannot show: how something grows over time.

Each function returns a `Chart`, which a notebook shows by itself; its text says the same in words. A chart of
your own begins with `blank` and ends with a `Chart`.
"""

from mailflow.plots.charts import COLOURS, STYLES, Chart, blank, holders, queue_lengths, retry_timetable
from mailflow.plots.link_state import flapping, informed, sent, traffic, versions
from mailflow.plots.relay import backscatter, mx_choices, relay_decisions

__all__ = [
    "COLOURS",
    "STYLES",
    "Chart",
    "backscatter",
    "blank",
    "flapping",
    "holders",
    "informed",
    "mx_choices",
    "queue_lengths",
    "relay_decisions",
    "retry_timetable",
    "sent",
    "traffic",
    "versions",
]
