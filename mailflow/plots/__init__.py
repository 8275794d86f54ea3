"""Charts of a trace, made with matplotlib, for what a picture of one step cannot show: how something grows over time.

Each function returns a `Chart`, which a notebook shows by itself; its text says the same in words. A chart of
your own is a `Chart`, too: its size, its words, and a function that draws on axes. Without matplotlib a chart shows its
words and its `Numbers`.
"""

from mailflow.plots.charts import COLOURS, STYLES, Chart, counter_chart, holders, queue_lengths, retry_timetable
from mailflow.plots.link_state import flapping, informed, sent, traffic, versions
from mailflow.plots.numbers import Numbers
from mailflow.plots.pile_up import pile_up
from mailflow.plots.relay import backscatter, mx_choices, relay_decisions
from mailflow.plots.strip import ten_steps

__all__ = [
    "COLOURS",
    "STYLES",
    "Chart",
    "Numbers",
    "backscatter",
    "counter_chart",
    "flapping",
    "holders",
    "informed",
    "mx_choices",
    "pile_up",
    "queue_lengths",
    "relay_decisions",
    "retry_timetable",
    "sent",
    "ten_steps",
    "traffic",
    "versions",
]
