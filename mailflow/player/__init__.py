"""The player: one view for every trace of the course.

`mailflow.player.page` and `picture` need nothing but the standard library, `widget` needs Jupyter. What a notebook uses (``play``, ``compare``,
``page``, ``picture``) is imported from `mailflow` itself.
"""
