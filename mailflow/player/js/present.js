// Present: the player alone on the whole screen, in large type.

const KIND = "mf-present";

/** Whether a player is presented. */
export function isPresented(player) {
  return player.root.classList.contains(KIND);
}

/** Present a player, or stop. */
export function present(player) {
  if (player.root.classList.toggle(KIND)) player.root.requestFullscreen?.().catch(() => {});
  else if (document.fullscreenElement) document.exitFullscreen();
  player.draw();
}
