"""Charts of a trace, made with matplotlib, for what a picture of one step cannot show: how something grows over time.

Each function returns a `Chart`, which a notebook shows by itself; its text says the same in words. A chart of
your own is a `Chart`, too: its size, its words, and a function that draws on axes. Without matplotlib a chart shows its
words and its `Numbers`.
"""

from typing import TYPE_CHECKING

from mailflow.lazily import lazily

if TYPE_CHECKING:
    from mailflow.plots.charts import COLOURS as COLOURS
    from mailflow.plots.charts import STYLES as STYLES
    from mailflow.plots.charts import Chart as Chart
    from mailflow.plots.charts import counter_chart as counter_chart
    from mailflow.plots.charts import holders as holders
    from mailflow.plots.charts import queue_lengths as queue_lengths
    from mailflow.plots.charts import retry_timetable as retry_timetable
    from mailflow.plots.link_state import flapping as flapping
    from mailflow.plots.link_state import informed as informed
    from mailflow.plots.link_state import sent as sent
    from mailflow.plots.link_state import traffic as traffic
    from mailflow.plots.link_state import versions as versions
    from mailflow.plots.numbers import Numbers as Numbers
    from mailflow.plots.piles import pile_up as pile_up
    from mailflow.plots.relay import backscatter as backscatter
    from mailflow.plots.relay import mx_choices as mx_choices
    from mailflow.plots.relay import relay_decisions as relay_decisions
    from mailflow.plots.strip import ten_steps as ten_steps

_HOME = {
    "COLOURS": "mailflow.plots.charts",
    "Chart": "mailflow.plots.charts",
    "Numbers": "mailflow.plots.numbers",
    "STYLES": "mailflow.plots.charts",
    "backscatter": "mailflow.plots.relay",
    "counter_chart": "mailflow.plots.charts",
    "flapping": "mailflow.plots.link_state",
    "holders": "mailflow.plots.charts",
    "informed": "mailflow.plots.link_state",
    "mx_choices": "mailflow.plots.relay",
    "pile_up": "mailflow.plots.piles",
    "queue_lengths": "mailflow.plots.charts",
    "relay_decisions": "mailflow.plots.relay",
    "retry_timetable": "mailflow.plots.charts",
    "sent": "mailflow.plots.link_state",
    "ten_steps": "mailflow.plots.strip",
    "traffic": "mailflow.plots.link_state",
    "versions": "mailflow.plots.link_state",
}

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

__getattr__ = lazily(__name__, _HOME)
