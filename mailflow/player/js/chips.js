// Chips: one for each MailMsg, with the same shape and colour in every view.

/** @import { Player } from "./player.js" */
/** @import { MailState } from "./types.js" */

import { html } from "./dom.js";
import { counted } from "./format.js";
import { messageOf } from "./tape.js";

const SHAPES = ["●", "■", "▲", "◆", "★", "⬟"];
const HOLLOW = ["○", "□", "△", "◇", "☆", "⬠"];
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
 * The hollow shape that stands for a handle on a message.
 *
 * @param {string} mail
 */
export function handleOf(mail) {
  return HOLLOW[numberOf(mail) % HOLLOW.length] || "○";
}

/**
 * A chip; pressed, it shows its message in the tables. A handle is hollow: it stands for a message that lies elsewhere.
 *
 * @param {Player} player
 * @param {string} mail
 * @param {MailState} item
 * @param {boolean} [handle]
 */
export function chip(player, mail, item, handle = false) {
  const message = player.tape.data.messages[messageOf(mail)];
  const about = `${mail}: ${message?.subject || ""}, ${counted(item.recipients.length, "recipient")}`;
  const label = handle ? `handle on ${about}; the message itself does not cross` : about;
  const pick = () => {
    player.picked = messageOf(mail);
    player.show("Tables");
  };
  const looks = `${handle ? " mf-handle" : ""}${mail === player.event.mail ? " mf-now" : ""}`;
  const marks = { "data-part": "chip", "data-mail": mail };
  const props = { class: `mf-chip ${hueOf(mail)}${looks}`, type: "button", title: label, ...marks };
  const shape = html("span", { "aria-hidden": "true" }, handle ? handleOf(mail) : shapeOf(mail));
  return html("button", { ...props, "aria-label": label, onclick: pick }, shape, ` ${mail}`);
}
