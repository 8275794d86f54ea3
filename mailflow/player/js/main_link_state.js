// Entry point: the player with link state, the route, and breaking things.

import { LeversLayer, makeBreaking } from "./breaking.js";
import { LINK_STATE_SIGNS, LinkStateView, linkStateVoice, VersionsLayer } from "./linkstate.js";
import { mount, render } from "./main.js";
import { addExtra, addMapLayer, addView, addVoice } from "./registry.js";
import { ROUTE_SIGNS, RouteView, SettledLayer } from "./route.js";

addView("Link state", { make: (player) => new LinkStateView(player), signs: LINK_STATE_SIGNS });
addView("Route", { make: (player) => new RouteView(player), signs: ROUTE_SIGNS });
addMapLayer((map) => new VersionsLayer(map));
addMapLayer((map) => new LeversLayer(map));
addMapLayer((map) => new SettledLayer(map));
addVoice(linkStateVoice);
addExtra(makeBreaking);

export { mount, render };
export default { render, mount };
