"""The kinds of faults, by where they show. Each is declared once, by `mailflow.faults.draft.case`."""

from mailflow.faults.cases import between as between
from mailflow.faults.cases import inside as inside
from mailflow.faults.cases import outside as outside
from mailflow.faults.cases import rare as rare
from mailflow.faults.cases import traps as traps
