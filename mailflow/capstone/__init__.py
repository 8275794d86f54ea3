"""The task of the last notebook: a brief, storms that judge a design for it, a score sheet, a report, a presentation."""

from mailflow.capstone.entry import Brief, brief
from mailflow.capstone.figures import Figures
from mailflow.capstone.presentation import Presentation, Slide
from mailflow.capstone.sheet import Sheet

__all__ = ["Brief", "Figures", "Presentation", "Sheet", "Slide", "brief"]
