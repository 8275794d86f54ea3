"""What makes a course of the model: exercises that are checked by running what the learner built."""

from mailflow.course.exercises import ANSWER, RECORDS, RUN, SETTINGS, Feedback, check, exercise

__all__ = ["ANSWER", "RECORDS", "RUN", "SETTINGS", "Feedback", "check", "exercise"]
