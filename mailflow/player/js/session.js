// Sessions: who talks to whom at a step, and over what.

/** @import { Player } from "./player.js" */
/** @import { Session, TapeEvent } from "./types.js" */

const ON_PORT_691 = ["routing.reported", "routing.pushed", "routing.given", "routing.started", "routing.attached"];
const TABLES = ["routing.pushed", "routing.given", "routing.orginfo", "routing.by-mta", "routing.reported"];

/**
 * What carries an event: a TCP port, X.400, or nothing.
 *
 * @param {Player} player
 * @param {TapeEvent} event
 */
export function carrierOf(player, event) {
  const { key, fields, component } = event.step;
  const port = player.tape.value(event, "port");
  if (port) return String(port);
  if (key.startsWith("dns.")) return "53";
  if (component === "MTA") return "X.400";
  if (ON_PORT_691.includes(key)) return "691";
  return fields.includes("command") || key.startsWith("smtp.") || key.startsWith("link.") ? "25" : "";
}

/**
 * The session of a step; a MailMsg that changes its server makes one, too. Null where nobody talks.
 *
 * @param {Player} player
 * @returns {Session | null}
 */
export function sessionOf(player) {
  const { event } = player;
  const { key } = event.step;
  const carrier = carrierOf(player, event);
  const peer = player.peer(event);
  if (!peer) return handover(player, carrier);
  const hears = key === "routing.pushed";
  const [from, to] = hears ? [peer, event.server] : [event.server, peer];
  return { from, to, carrier, news: TABLES.includes(key) };
}

/**
 * @param {Player} player
 * @param {string} carrier
 * @returns {Session | null}
 */
function handover({ tape, cursor, event }, carrier) {
  if (!event.mail || event.place === null) return null;
  const from = tape.at(cursor - 1).mails.get(event.mail)?.server;
  return from && from !== event.server ? { from, to: event.server, carrier, news: false } : null;
}
