// A closed routing group of a large map, opened: its servers, each with its state, on a sheet over the map.

/** @import { Now } from "./boxes.js" */
/** @import { MapView } from "./map.js" */

import { button, html } from "./dom.js";
import { counted } from "./format.js";

export class OpenedGroup {
  /** @param {MapView} map */
  constructor(map) {
    this.map = map;
    this.name = "";
    /** @type {(server: string) => string} what a layer tells of a server */
    this.tells = () => "";
    this.list = html("div", { class: "mf-openedlist" });
    this.title = html("b", {});
    const shut = button("✕", "Close the routing group (Escape)", () => this.close());
    this.element = html(
      "div",
      { class: "mf-opened", role: "group", hidden: true, onkeydown: (event) => this.key(event) },
      html("div", { class: "mf-bar" }, this.title, shut),
      this.list,
    );
  }

  /** @param {string} name */
  show(name) {
    this.name = name;
    this.element.hidden = false;
    this.element.setAttribute("aria-label", `Routing group ${name}`);
    this.map.player.redraw("Map");
    const first = this.list.querySelector("button");
    first?.focus({ preventScroll: true });
  }

  close() {
    const { name } = this;
    this.name = "";
    this.element.hidden = true;
    const door = this.map.picture.querySelector(`[data-door="${CSS.escape(name)}"]`);
    if (door instanceof SVGElement) door.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.close();
  }

  /** @param {Now} now */
  update(now) {
    if (!this.name) return;
    const servers = this.map.organization.servers.filter((server) => server.routing_group === this.name);
    this.title.textContent = `${this.name}: ${counted(servers.length, "server")}`;
    const focused = document.activeElement?.getAttribute("aria-label");
    this.list.replaceChildren(...servers.map((server) => this.server(server.name, now)));
    for (const item of this.list.children) {
      if (item instanceof HTMLElement && item.getAttribute("aria-label") === focused)
        item.focus({ preventScroll: true });
    }
  }

  /**
   * @param {string} name
   * @param {Now} now
   */
  server(name, now) {
    const { masters } = this.map;
    const stopped = now.stopped.get(name) ?? [];
    const mails = (now.mails.get(this.map.plan.home(name)) ?? []).filter((mail) => this.map.serverOf(mail) === name);
    const off = now.isDown(name) ? "✕ down" : stopped.length ? `✕ ${stopped.join(", ")}` : "";
    const got = now.arrived.get(name)?.join(", ") ?? "";
    const done = now.done.get(name) ?? 0;
    const told = [this.tells(name), off, mails.join(", "), got ? `${got} ✔` : done ? `✓ ${done}` : ""];
    const looks = { type: "button", class: `mf-openedserver${now.acting.has(name) ? " mf-active" : ""}` };
    const acts = { "data-spot": `server:${name}`, "aria-label": `server ${name}`, onclick: () => this.map.look(name) };
    const title = html("b", {}, `${masters.has(name) ? "★ " : ""}${name}`);
    return html("button", { ...looks, ...acts }, title, ` ${told.filter(Boolean).join(" · ")}`);
  }
}
