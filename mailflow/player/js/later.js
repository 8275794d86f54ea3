// A view whose part waits until somebody opens it. The part then adds the view itself, in the same place.

/** @import { Kind } from "./types.js" */

import { html } from "./dom.js";

/**
 * @param {string} name
 * @param {string} part
 * @returns {Kind}
 */
export function later(name, part) {
  return {
    make: (player) => {
      player.hooks.load?.(part).then(() => player.remake(name));
      return { element: html("div"), update: () => {} };
    },
  };
}
