// Entry point of a part: two runs side by side.

import { compare } from "./compare.js";
import { addMaker } from "./registry.js";

addMaker("compare", compare);
