// Entry point of a part that waits for a click: the view with tables.

import { addView } from "./registry.js";
import { TABLES_SIGNS, TablesView } from "./tables.js";

addView("Tables", { make: (player) => new TablesView(player), signs: TABLES_SIGNS });
