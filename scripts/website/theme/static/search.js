// What the search of Sphinx is told. It shows a piece of each page that it finds, which it fetches; a browser fetches nothing for a page that
// was opened as a file. Pages are not marked where a word was found: the results say enough.
DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = location.protocol !== "file:";
Object.assign(globalThis, { SPHINX_HIGHLIGHT_ENABLED: false });

// Sphinx speaks of categories, and this search has none.
const NOTHING =
  "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.";
Documentation.TRANSLATIONS[NOTHING] =
  "No page has all of these words. Look for fewer of them, or see whether they are spelled right.";
