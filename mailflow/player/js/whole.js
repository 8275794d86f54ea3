// Entry point: the player with all of its parts, for the pages on which it is edited, and for whoever asks what there is.

import "./main.js";
import "./part_bets.js";
import "./part_compare.js";
import "./part_groups.js";
import "./part_link_state.js";
import "./part_save.js";
import "./part_tables.js";

export * from "./main.js";
