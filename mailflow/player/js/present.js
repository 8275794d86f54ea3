// Present: the player alone on the whole screen, in large type.

/** @import { Player } from "./player.js" */

const KIND = "mf-present";

/**
 * Whether a player is presented.
 *
 * @param {Player} player
 */
export function isPresented(player) {
  return player.root.classList.contains(KIND);
}

/**
 * Present a player, or stop.
 *
 * @param {Player} player
 */
export function present(player) {
  const { root } = player;
  // A browser that leaves the whole screen keeps Escape for itself.
  root.onfullscreenchange = () => isPresented(player) && !document.fullscreenElement && present(player);
  if (root.classList.toggle(KIND)) root.requestFullscreen?.().catch(() => {});
  else if (document.fullscreenElement) document.exitFullscreen();
  player.draw();
}
