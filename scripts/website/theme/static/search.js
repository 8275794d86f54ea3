// What the search of Sphinx is told. It shows a piece of each page that it finds, which it fetches; a browser fetches nothing for a page that
// was opened as a file. Pages are not marked where a word was found: the results say enough.
DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = location.protocol !== "file:";
Object.assign(globalThis, { SPHINX_HIGHLIGHT_ENABLED: false });
