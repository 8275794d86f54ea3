"""What makes a course of the model: exercises that are checked by running what the learner built."""

from mailflow.course.exercises import Feedback, check

__all__ = ["Feedback", "check"]
