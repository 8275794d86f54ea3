// Entry point of a part that waits for a click: saving the picture.

import { addMaker } from "./registry.js";
import { save } from "./save.js";

addMaker("save", save);
