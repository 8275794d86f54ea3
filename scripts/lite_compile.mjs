// Compiles Python sources with the Python of Pyodide itself: node lite_compile.mjs PYODIDE WHAT
//
// A page has no other Python of that version, and compiling is two thirds of what a kernel does while somebody waits for it.
// WHAT is JSON: `folders`, each with the `place` that its modules will lie in, and `course`, the folder of mailflow, if only
// those modules are to be compiled that a kernel of the course imports. Each x.py gets an x.pyc beside it, with no time in it.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [runtime, what] = process.argv.slice(2);
const { folders, course } = JSON.parse(what);
const { loadPyodide } = await import(pathToFileURL(join(runtime, "pyodide.mjs")).href);
const pyodide = await loadPyodide({ indexURL: runtime, stdout() {}, stderr() {} });

// What a kernel imports until it has shown a player, broken a link and drawn what it can.
const USED = `
import sys, glob
sys.path[:0] = ["/0", *glob.glob("/0/share/jupyter/labextensions/@jupyterlite/*/static/pypi/*.whl"), "/course"]
import pyodide_kernel, piplite.piplite, jedi, anywidget, ipywidgets, mailflow, mailflow.live, mailflow.plots, smtplib
from mailflow.player import widget
sites = mailflow.load("two sites")
letter = mailflow.Message.write("anna@contoso.com", ["pierre@contoso.com", "kim@fabrikam.com", "nix@contoso.com"])
trace = mailflow.Scenario(sites).fail("London-Paris").send(letter).run(until=600)
mailflow.check("first delivery", trace), mailflow.winroute(trace, "LON01"), mailflow.picture(trace)
[str(module.__file__) for module in list(sys.modules.values()) if getattr(module, "__file__", None)]
`;

function used() {
  for (const [number, { folder }] of folders.entries()) pyodide.mountNodeFS(`/${number}`, folder);
  pyodide.mountNodeFS("/course", course);
  const library = /^\/lib\/python\d+\.zip\//;
  return new Set(
    pyodide
      .runPython(USED)
      .toJs()
      .map((path) => path.replace(library, "/1/")),
  );
}

const wanted = course && used();
const compiled = pyodide.runPython(`
import marshal, warnings
from importlib.util import MAGIC_NUMBER, source_hash

warnings.simplefilter("ignore")  # of the code of others

def compiled(source, name):
    """The bytes of a .pyc that is never held against its source; None for what this Python cannot read."""
    source = source.to_bytes()
    try:
        code = compile(source, name, "exec", dont_inherit=True)
    except SyntaxError:
        return None
    return MAGIC_NUMBER + (1).to_bytes(4, "little") + source_hash(source) + marshal.dumps(code)

compiled
`);

let count = 0;
for (const [number, { folder, place }] of folders.entries()) {
  const sources = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".py"));
  for (const name of sources.map((name) => name.replaceAll("\\", "/"))) {
    if (wanted && !wanted.has(`/${number}/${name}`)) continue;
    const bytes = compiled(new Uint8Array(readFileSync(join(folder, name))), `${place}/${name}`);
    if (bytes) {
      writeFileSync(join(folder, `${name}c`), bytes.toJs());
      bytes.destroy();
      count += 1;
    }
  }
}
console.log(`${count} modules compiled`);
