// Chips: one for each MailMsg, with the same shape and colour in every view.

/** @import { Player } from "./player.js" */
/** @import { MailState } from "./types.js" */

import { html } from "./dom.js";
import { counted } from "./format.js";
import { messageOf } from "./tape.js";

const SHAPES = ["●", "■", "▲", "◆", "★", "⬟"];
const HUES = 6;

/** @type {(mail: string) => number} */
const numberOf = (mail) => Number.parseInt(messageOf(mail).slice(1), 10) - 1;

/**
 * The shape that stands for a message.
 *
 * @param {string} mail
 */
export function shapeOf(mail) {
  return SHAPES[numberOf(mail) % SHAPES.length] || "●";
}

/**
 * The class that gives the colour of a message.
 *
 * @param {string} mail
 */
export function hueOf(mail) {
  return `mf-hue${numberOf(mail) % HUES}`;
}

/**
 * A chip; pressed, it shows its message in the tables.
 *
 * @param {Player} player
 * @param {string} mail
 * @param {MailState} item
 */
export function chip(player, mail, item) {
  const message = player.tape.data.messages[messageOf(mail)];
  const label = `${mail}: ${message?.subject || ""}, ${counted(item.recipients.length, "recipient")}`;
  const pick = () => {
    player.picked = messageOf(mail);
    player.show("Tables");
  };
  const now = mail === player.event.mail ? " mf-now" : "";
  const props = { class: `mf-chip ${hueOf(mail)}${now}`, type: "button", "data-mail": mail, title: label };
  const shape = html("span", { "aria-hidden": "true" }, shapeOf(mail));
  return html("button", { ...props, "aria-label": label, onclick: pick }, shape, ` ${mail}`);
}
