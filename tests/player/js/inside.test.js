import assert from "node:assert/strict";
import { test } from "node:test";
import { deliveriesOf, inCategorizer, lastCategorized, nameOf, treeOf } from "../../../mailflow/player/js/inside.js";
import { fitting, queueName } from "../../../mailflow/player/js/server.js";
import { Tape } from "../../../mailflow/player/js/tape.js";

/** @import { Effect, EventData, MailState, StepData, TraceData, Value } from "../../../mailflow/player/js/types.js" */

const LOOKUP = "queue/Messages awaiting directory lookup";
const LATER = "queue/Messages waiting to be routed";

/** @type {(key: string, component: string, fields?: string[]) => StepData} */
const step = (key, component, fields = []) => ({ key, title: key, component, rule: "", sentence: "", fields });

const STEPS = [
  step("client.compose", "client"),
  step("queuing.awaiting-lookup", "advanced queuing"),
  step("categorizer.recipients", "categorizer", ["recipients", "found"]),
  step("categorizer.expanded", "categorizer", ["group", "skipped"]),
  step("categorizer.forwarded", "categorizer", ["recipient", "other"]),
  step("categorizer.target", "categorizer", ["recipient", "target"]),
  step("categorizer.unknown", "categorizer", ["recipient"]),
  step("notification.bounced", "advanced queuing"),
  step("categorizer.bifurcated", "categorizer"),
  step("categorizer.categorized", "categorizer"),
  step("delivery.delivered", "information store", ["store"]),
];

/** @type {(key: string, values?: Value[], effects?: Effect[], place?: string | null, mail?: string) => EventData} */
function event(key, values = [], effects = [], place = null, mail = "m1.1") {
  const index = STEPS.findIndex((one) => one.key === key);
  return [0, "LON01", index, mail, place, values, effects];
}

const ALL = ["all@x.org", "Nix@x.org", "cara@x.org", "jo@x.org", "lea@x.org"];
const EVENTS = [
  event("client.compose", [], [["message", "m1", "m1.1", ALL]], "outbox"),
  event("queuing.awaiting-lookup", [], [], LOOKUP),
  event("categorizer.recipients", [
    [...ALL.slice(0, 4), "1 more"],
    ["group All", "not in the directory", "mailbox Cara", "contact Jo"],
  ]),
  event(
    "categorizer.expanded",
    ["All", " 1 already on the list."],
    [
      ["recipient", "m1.1", 5, "ben@x.org", "member", 0],
      ["end", "m1.1", 0, "expanded", "all"],
    ],
  ),
  event("categorizer.forwarded", ["cara@x.org", "ben@x.org"]),
  event("categorizer.target", ["jo@x.org", "jo@y.org"]),
  event("categorizer.unknown", ["nix@x.org"]),
  event("notification.bounced", [], [["end", "m1.1", 1, "bounced", "5.1.1"]]),
  event("categorizer.bifurcated", [], [["mail", "m1.2", "m1.1", [3]]], null, "m1.2"),
  event("categorizer.categorized", [], [], LATER),
  event("categorizer.categorized", [], [], LATER, "m1.2"),
  event("delivery.delivered", ["Mailbox Store"], [["end", "m1.1", 5, "delivered", "LON01, Mailbox Store"]]),
];
const tape = new Tape(/** @type {TraceData} */ (/** @type {unknown} */ ({ steps: STEPS, events: EVENTS })));

/** @type {(number: number) => import("../../../mailflow/player/js/inside.js").Person[]} */
const tree = (number) => treeOf(tape, tape.at(number), "LON01", number, "m1.1");

test("a person is called by the first part of the address", () => {
  assert.equal(nameOf("ben@contoso.com"), "Ben");
  assert.equal(nameOf("mary.ann_lee@contoso.com"), "Mary Ann Lee");
});

test("before the look-up nobody is known; after it everybody is what was found", () => {
  assert.deepEqual(
    tree(1).map(({ sign, words }) => [sign, words]),
    ALL.map(() => ["?", ""]),
  );
  assert.deepEqual(
    tree(2).map(({ words }) => words),
    ["group All", "not in the directory", "mailbox Cara", "contact Jo", ""],
  );
  assert.equal(tree(2)[4].sign, "•");
});

test("a group unfolds, and says how many were there already", () => {
  const [group] = tree(3);
  assert.deepEqual([group.sign, group.kind, group.words], ["▾", "gone", "group of 1 recipient"]);
  assert.deepEqual(group.notes, ["1 already on the list."]);
  assert.deepEqual(
    group.children.map(({ address, fresh }) => [address, fresh]),
    [["ben@x.org", true]],
  );
  assert.equal(tree(4)[0].children[0].fresh, false);
});

test("two ways to one person meet there", () => {
  const [group, , cara] = tree(4);
  assert.deepEqual(cara.notes, ["⤳ also to Ben"]);
  assert.deepEqual(group.children[0].notes, ["⤲ also from Cara: one copy"]);
  assert.equal(cara.fresh, true);
});

test("a contact shows its target, an unknown one turns red where it is turned down", () => {
  assert.deepEqual(tree(5)[3].notes, ["→ jo@y.org"]);
  assert.deepEqual([tree(6)[1].sign, tree(6)[1].kind], ["◌", "odd"]);
  assert.deepEqual([tree(7)[1].sign, tree(7)[1].kind, tree(7)[1].words], ["✕", "bad", "unknown, bounced 5.1.1"]);
});

test("a copy takes its recipients with it", () => {
  assert.deepEqual([tree(7)[3].mail, tree(8)[3].mail, tree(8)[3].fresh], ["m1.1", "m1.2", true]);
});

test("the tree stands until no copy is left in the categorizer", () => {
  /** @type {(number: number) => string} */
  const shown = (number) => inCategorizer(tape, tape.at(number), "LON01", number, LOOKUP);
  assert.deepEqual([0, 1, 2, 7, 9, 10, 11].map(shown), ["", "", "m1.1", "m1.1", "m1.1", "m1.2", ""]);
  assert.equal(lastCategorized(tape, "LON02", 11), undefined);
});

test("deliveries by server, with the store that the event names", () => {
  assert.deepEqual(
    [...deliveriesOf(tape)],
    [["LON01", [{ number: 11, store: "Mailbox Store", mail: "m1.1", index: 5 }]]],
  );
});

test("a queue is called as Queue Viewer calls it", () => {
  const places = ["queue/Local delivery", "link/lon02.x.org/PAR01", "exipc/Store_out_queue", "outbox", "mta"];
  assert.deepEqual(places.map(queueName), [
    "Local delivery",
    "lon02.x.org",
    "Store_out_queue",
    "Outbox",
    "Microsoft MTA",
  ]);
});

test("as many chips as fit, with room to say how many more; never none", () => {
  /** @type {(...names: string[]) => [string, MailState][]} */
  const mails = (...names) => names.map((name) => [name, { server: "", place: "", since: 0, recipients: [] }]);
  assert.equal(fitting(mails("m1.1", "m2.1", "m3.1"), 180), 3);
  assert.equal(fitting(mails("m1.1", "m2.1", "m3.1"), 170), 2);
  assert.equal(fitting(mails("m1.1", "m2.1", "m3.1", "m4.1"), 180), 2);
  assert.equal(fitting(mails("m123.100", "m2.1"), 20), 1);
});
