// How times, numbers, names and lists read. Each format has one definition, here.

/** @import { Value } from "./types.js" */

/**
 * To the nearest whole number; from the middle to the even one, as Python does.
 *
 * @param {number} number
 */
function rounded(number) {
  const below = Math.floor(number);
  const rest = number - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

/**
 * A number with at most six digits that count, where it is no whole one.
 *
 * @param {number} value
 */
function figure(value) {
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(6)));
}

/**
 * Seconds since the start as 00:01:02.345.
 *
 * @param {number} seconds
 */
export function clock(seconds) {
  const milliseconds = rounded(seconds * 1000);
  /** @type {(number: number, digits: number) => string} */
  const padded = (number, digits) => String(number).padStart(digits, "0");
  const hours = padded(Math.floor(milliseconds / 3600000), 2);
  const minutes = padded(Math.floor(milliseconds / 60000) % 60, 2);
  const rest = padded(Math.floor(milliseconds / 1000) % 60, 2);
  return `${hours}:${minutes}:${rest}.${padded(milliseconds % 1000, 3)}`;
}

/**
 * A text cut to a number of letters.
 *
 * @param {string} text
 * @param {number} most
 */
export function short(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/**
 * A number with its noun: "1 recipient", "2 recipients".
 *
 * @param {number} number
 * @param {string} noun
 */
export function counted(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** @param {string[]} items */
function listed(items) {
  if (items.length < 2) return String(items[0] ?? "");
  return `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`;
}

/**
 * A value of an event as its sentence tells it; of a reply with many lines the codes are left out.
 *
 * @param {Value | undefined} value
 */
export function told(value) {
  if (Array.isArray(value)) return listed(value);
  if (typeof value === "number") return figure(value);
  const text = value === null || value === undefined ? "" : String(value);
  if (!text.includes("\n")) return text;
  return text
    .split("\n")
    .map((line) => line.slice(4))
    .join(", ");
}

/**
 * The name of a place for a reader: a queue without what kind of place it is.
 *
 * @param {string} place
 */
export function placeName(place) {
  const parts = place.split("/");
  if (parts[0] === "link") return `link ${parts[1]}`;
  return parts.slice(1).join("/") || place;
}
