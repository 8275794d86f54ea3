"""The exercises and missions of the course, one file a notebook. `mailflow.course.exercises.tasks` reads them."""
