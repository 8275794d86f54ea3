"""What a teacher needs, made from the notebooks: guides, a timetable, questions, copies for students, and slides.

    make teaching      or      python -m scripts.teaching [--check]

`lesson` reads a notebook and what `teaching/notes` says besides; the other modules make one thing each of it. What is text is
committed: `teaching/guides`, `teaching/timetable.md` and `teaching/questions.gift`. The rest lies in `teaching/build`.
"""
