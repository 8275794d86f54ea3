"""What makes a course of the model: exercises that are checked by running what the learner built."""

from mailflow.course.exercises import ANSWER, LINES, RECORDS, RUN, SCRIPT, SETTINGS, Verdict, check, exercise
from mailflow.course.feedback import Feedback

__all__ = ["ANSWER", "LINES", "RECORDS", "RUN", "SCRIPT", "SETTINGS", "Feedback", "Verdict", "check", "exercise"]
