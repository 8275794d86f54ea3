// Entry point of a part: link state, the route, and breaking things.

/** @import { Player } from "./player.js" */

import { LeversLayer, makeBreaking } from "./breaking.js";
import { LINK_STATE_SIGNS, LinkStateView, linkStateVoice, VersionsLayer } from "./linkstate.js";
import { addExtra, addMapLayer, addView, addVoice, hasPart } from "./registry.js";
import { ROUTE_SIGNS, RouteView, SettledLayer } from "./route.js";

/** @param {Player} player */
const when = (player) => hasPart(player, "link_state");

/**
 * Whether a route is asked, or the view is, which says then how to ask one.
 *
 * @param {Player} player
 */
const whenAsked = (player) => {
  const { routes, views } = player.options;
  return when(player) && Boolean(routes?.length || views?.includes("Route"));
};

addView("Link state", { make: (player) => new LinkStateView(player), signs: LINK_STATE_SIGNS, when });
addView("Route", { make: (player) => new RouteView(player), signs: ROUTE_SIGNS, when: whenAsked });
addMapLayer((map) => (when(map.player) ? new VersionsLayer(map) : null));
addMapLayer((map) => (when(map.player) ? new LeversLayer(map) : null));
addMapLayer((map) => (when(map.player) ? new SettledLayer(map) : null));
addVoice((player, event) => (when(player) ? linkStateVoice(player, event) : null));
addExtra(makeBreaking);
