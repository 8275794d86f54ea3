// Entry point of a part: maps of organizations that are so large that their routing groups are closed at first.

import { OpenedGroup } from "./opened.js";
import { addMaker } from "./registry.js";

addMaker("group", (map) => new OpenedGroup(map));
