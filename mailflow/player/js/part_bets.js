// Entry point of a part: bets.

import { Questions } from "./questions.js";
import { addMaker } from "./registry.js";

addMaker("bets", (player) => new Questions(player));
