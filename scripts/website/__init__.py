"""The site: the course as pages with living players, for any static host and for a browser that opens them as files.

``python -m scripts.website`` puts the sources of all pages into a folder (`staging`), with players and exercises of the notebooks as
the pages need them (`notebooks`), lets Sphinx and MyST-NB make pages of them in the look of `theme/`, and links fact numbers
and terms (`extension`).
"""
