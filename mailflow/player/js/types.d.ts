// The data that come from Python, and what the modules of the player hand to each other. An interface ending in Data is
// a TypedDict of the same name in Python; a test compares their fields.

import type { MapView } from "./map.js";
import type { OpenedGroup } from "./opened.js";
import type { Player } from "./player.js";
import type { Questions } from "./questions.js";

// ---- the trace, as mailflow.trace.Trace writes it ----

export interface TraceData {
  format: string;
  organization: OrganizationData;
  seed: number;
  script: unknown[];
  rules: Record<string, RuleData>;
  steps: StepData[];
  messages: Record<string, MessageData>;
  link_state: LinkStateData;
  events: EventData[];
}

/** Time in seconds, server, number of the step, MailMsg, place, values, effects, and the rule if not the usual one. */
export type EventData = [
  time: number,
  server: string,
  step: number,
  mail: string,
  place: string | null,
  values: Value[],
  effects: Effect[],
  rule?: string,
];

export type Value = string | number | boolean | null | string[];

export interface StepData {
  key: string;
  title: string;
  component: string;
  rule: string;
  sentence: string;
  fields: string[];
  level?: "story" | "detail" | "everything";
  tracking?: number | null;
  decision?: string;
}

export interface RuleData {
  title: string;
  numbers: string[];
  sure: string;
  qualname: string;
}

export interface OrganizationData {
  name: string;
  title: string;
  domain: string;
  routing_groups: RoutingGroupData[];
  servers: ServerData[];
  connectors: ConnectorData[];
  homes: Record<string, string>;
  external_hosts: HostData[];
  senders?: Record<string, string[]>;
  no_route_waits?: boolean;
  unmatched_returned?: boolean;
}

export interface RoutingGroupData {
  name: string;
  master: string;
}

export interface ServerData {
  name: string;
  fqdn: string;
  ip: string;
  routing_group: string;
  role: string;
  stores: string[];
  product?: string;
  check_connector_restrictions?: boolean;
  smart_host?: string;
  virtual_servers?: VirtualServerData[];
  own_domain?: boolean;
  tracking?: TrackingData;
}

export interface TrackingData {
  subjects: boolean;
  days: number | null;
}

export interface VirtualServerData {
  name: string;
  smart_host: string;
  max_message_kb: number | null;
}

export interface ConnectorData {
  name: string;
  kind: string;
  routing_group: string;
  to: string[];
  cost: number;
  address_spaces: SpaceData[];
  local_bridgeheads: string[];
  remote_bridgeheads: string[];
  smart_host: string;
  settings?: Record<string, unknown>;
}

export interface SpaceData {
  pattern: string;
  cost: number;
  type?: string;
}

export interface HostData {
  name: string;
  ip: string;
  accepts: string[];
}

export interface MessageData {
  kind: string;
  via: string;
  sender: string;
  recipients: string[];
  subject: string;
  size: number;
  priority: string;
  format: string;
  structure: string;
  defects: string[];
  preview: string;
  id?: string;
  ids?: Record<string, string>;
}

export interface LinkStateData {
  initial?: string[];
  entries?: Record<string, EntryData>;
}

/** Members are (server, connected); connectors (name, up, bridgeheads); bridgeheads (server, availability). */
export interface EntryData {
  group: string;
  master: string;
  version: string;
  members: [string, boolean][];
  connectors: [string, boolean, [string, string][]][];
  configured?: ConnectorData[];
}

// ---- effects and the state that they make ----

export type Effect =
  | ["message", id: string, mail: string, addresses: string[]]
  | ["recipient", mail: string, index: number, address: string, how: string, parent: number | null]
  | ["mail", made: string, old: string, indexes: number[]]
  | ["at", mail: string, server: string, place: string]
  | ["end", mail: string, index: number, end: string, detail: string]
  | ["queue", server: string, place: string, text: string]
  | ["service", server: string, service: string, up: boolean]
  | ["outside", name: string, up: boolean]
  | ["marked", name: string, up: boolean]
  | ["table", server: string, entries: [string, string][] | null]
  | ["deleted", name: string];

/** An event of a tape: what the trace says of it, with its number and its step in full. */
export interface TapeEvent {
  number: number;
  time: number;
  server: string;
  step: StepData;
  mail: string;
  place: string | null;
  values: Value[];
  effects: Effect[];
  rule?: string | undefined;
}

/**
 * Where one recipient of a message stands. `parent` is the recipient that it comes from, by number; `mail` is empty at
 * its end, and `at` the server where it ended.
 */
export interface RecipientState {
  address: string;
  how: string;
  parent: number | null;
  mail: string;
  state: string;
  detail: string;
  at?: string;
}

/** Where a MailMsg is, since when (in seconds), and whom it carries, by number. */
export interface MailState {
  server: string;
  place: string;
  since: number;
  recipients: number[];
}

/** The state of a run after an event. Queues and services are keyed "server|place" and "server|service". */
export interface State {
  messages: Record<string, RecipientState[]>;
  mails: Map<string, MailState>;
  queues: Record<string, string>;
  services: Record<string, boolean>;
  outside: Record<string, boolean>;
  marked: Record<string, boolean>;
  tables: Record<string, Record<string, string> | null>;
  deleted: Set<string>;
}

// ---- what Python tells beside the trace ----

/** A question with the places where its options can be clicked, and the reason against each of them. */
export interface Question {
  id: string;
  at: number;
  kind: string;
  prompt: string;
  options: string[];
  answer: number;
  why: string;
  why_not: string[];
  where: (Spot | null)[];
}

export interface Answer {
  chosen: number | null;
  right: boolean;
  skipped: boolean;
}

/** A beat of the story: told at step `at`, for the steps from `first` to `last`; in them mail arrives at `arrived`. */
export interface Beat {
  at: number;
  first: number;
  last: number;
  text: string;
  arrived?: string[];
}

/** A chapter begins with a beat, by number. */
export interface Chapter {
  beat: number;
  title: string;
}

/** A message, a copy or a server that can be followed; steps are ranges such as "0-2,5". */
export interface Followed {
  kind: string;
  name: string;
  steps: string;
}

/** A fact: its clauses, each (how sure, what it says), and the documents. */
export interface Fact {
  clauses: [sure: string, says: string][];
  origin: string;
}

/** Where in the picture an answer can be given: "server" and its name, for example. */
export interface Spot {
  kind: string;
  name: string;
}

/** How closely a run is told. */
export type Level = "story" | "detail" | "everything";

/** What to change: how closely the run is told, and whom the learner follows, by number. */
export interface Change {
  level?: Level;
  followed?: number | null;
}

export interface Candidate {
  connector: string;
  path: string[];
  cost: number | null;
  chosen: boolean;
  why: string;
  costs: number[];
}

export interface Route {
  step: number;
  answer: {
    source: string;
    recipient: string;
    outcome: string;
    connector: string;
    cost: number | null;
    why: string;
    next_hop: string[];
    candidates: Candidate[];
  };
  settled: Settled[];
}

export interface Settled {
  group: string;
  cost: number;
  tentative: Record<string, number>;
  text: string;
}

export interface Options {
  parts?: string[];
  title?: string;
  views?: string[];
  server?: string;
  cursor?: number;
  answers?: Record<string, Answer>;
  questions?: Question[];
  share?: string;
  routes?: Route[];
  tables?: string[];
  labels?: string[];
  breakable?: boolean;
  script?: string;
  things?: [kind: string, names: string[]][];
  changes?: ChangeData[];
  costs?: Record<string, [at: number, cost: number][]>;
  undo?: number;
  redo?: number;
  told?: string;
  reopened?: Reopened;
  traces?: TraceData[];
  tell?: string[];
  stories?: { beats: Beat[]; chapters: Chapter[] }[];
  follow?: Followed[];
  facts?: Record<string, Fact>;
  map?: MapPlan[];
  /** For each run, what labels of connectors say from which second on, where a cost changes. */
  prices?: Record<string, [at: number, text: string][]>[];
  level?: Level;
}

/** What a player tells to whoever shows it. `act` is there only where a kernel listens, `load` where parts wait for a click. */
export interface Hooks {
  cursor?: (value: number) => void;
  answers?: (value: Record<string, Answer>) => void;
  act?: (message: object) => void;
  level?: (level: Level) => void;
  load?: (part: string) => Promise<unknown>;
}

/** What was changed in a run: what, after which step, when (in seconds), and the word of the verb. */
export interface ChangeData {
  name: string;
  step: number;
  at: number;
  word: string;
}

/** What the kernel is asked for. */
export interface Act {
  type: "break" | "cost" | "undo" | "redo";
  name?: string;
  cost?: number;
}

/** What a player takes over from the one before it; `focus` is a selector, "" for the player, null for elsewhere. */
export interface Reopened {
  asked: Act[];
  picked: string;
  script: boolean;
  presented: boolean;
  focus: string | null;
}

/** What the kernel answers: to a break in words, or that a player that asked for the focus was shown just now. */
export interface Reply {
  text: string;
  focus?: boolean;
}

/** The part of a widget's model that is used here. */
export interface Model {
  get<Name extends keyof Traits>(name: Name): Traits[Name];
  set<Name extends keyof Traits>(name: Name, value: Traits[Name]): void;
  save_changes(): void;
  send(message: object): void;
  on(name: string, act: (message: Reply) => void): void;
  off(name: string, act: (message: Reply) => void): void;
}

export interface Traits {
  trace: string;
  other: string;
  beside: string;
  options: Options;
  cursor: number;
  level: Level;
  answers: Record<string, Answer>;
  table: string;
  settings: Record<string, number>;
  client: string;
  recipient: string;
  found: number[];
}

// ---- parts of a player ----

/** A view shows the state of a run in its element. */
export interface View {
  element: HTMLElement;
  update(state: State): void;
  seen?(): void;
}

/** What an entry point says of a view; see `addView`. */
export interface Kind {
  make: (player: Player) => View;
  signs?: [sign: string, meaning: string][];
  when?: (player: Player) => boolean;
}

/** What a player has once, and only where its part was sent; see `addMaker`. */
export interface PartMakers {
  bets: (player: Player) => Questions;
  compare: (element: HTMLElement, options: Options, hooks: Hooks) => Player;
  group: (map: MapView) => OpenedGroup;
  save: (player: Player) => void;
}

/** A layer adds to the map. `draw` is called whenever the map is drawn anew. */
export interface Layer {
  draw(): void;
  update?(state: State): void;
}

/** What the ladder tells of an event. */
export interface Says {
  speaker: string;
  said: string;
  answer: string;
}

// ---- elements ----

export type Child = Node | string | null | undefined | readonly (Node | string | null | undefined)[];

/** Attributes, and listeners by names with "on". */
export interface Props {
  onclick?: (event: MouseEvent) => void;
  onchange?: (event: Event) => void;
  oninput?: (event: Event) => void;
  ontoggle?: (event: Event) => void;
  onfocusin?: (event: FocusEvent) => void;
  onkeydown?: (event: KeyboardEvent) => void;
  [name: string]: string | number | boolean | null | undefined | ((event: never) => void);
}

// ---- drawing ----

export interface Point {
  x: number;
  y: number;
}

export interface Box extends Point {
  w: number;
  h: number;
}

/** The layout of a map, as mailflow.player.layout makes it, in CSS pixels at its natural size. */
export interface MapPlan {
  level: "servers" | "groups";
  size: [w: number, h: number];
  type: [name: number, small: number];
  nodes: PlanNode[];
  groups: PlanFrame[];
  lines: PlanLine[];
  paths: Record<string, number[]>;
  node_of: Record<string, string>;
}

/** A box; of a closed routing group `servers` is how many it has. */
export interface PlanNode extends Box {
  id: string;
  kind: "server" | "host" | "group";
  label: string;
  group?: string;
  servers?: number;
}

export interface PlanFrame extends Box {
  id: string;
  title: string;
}

/** A one-way connector; lines are flat: x, y, x, y, and so on. */
export interface PlanLine {
  connector: string;
  from: string;
  to: string;
  points: number[][];
  label: (Box & { text: string }) | null;
  cross: [x: number, y: number];
}

/** Who talks to whom at a step, over what, and whether they pass on link state. */
export interface Session {
  from: string;
  to: string;
  carrier: string;
  news: boolean;
}

// ---- the relay lab, as mailflow.transport.matrix writes it ----

export interface MatrixData {
  server: string;
  organization: string;
  settings: SettingData[];
  clients: Party[];
  recipients: Party[];
  rules: RelayRuleData[];
  looks: [rule: string, outcome: "passes" | "accepts" | "refuses", why: string][];
  verdicts: VerdictData[];
  cells: number[];
  open: (Record<string, string> | null)[];
  incoming: number[];
  ways: string[];
  way: number[];
  call: string;
}

/** A client (with `ip` and `about`) or a recipient (with `address`). */
export interface Party {
  key: string;
  label: string;
  ip?: string;
  about?: string;
  address?: string;
}

export interface SettingData {
  key: string;
  label: string;
  about: string;
  options: { value: boolean | string | string[]; label: string; argument: string; lines: string[] }[];
  start: number;
}

export interface RelayRuleData {
  name: string;
  verb: string;
  title: string;
  numbers: string[];
  sure: string;
}

export interface VerdictData {
  accepted: boolean;
  reply: string;
  verb: string;
  why: string;
  looks: number[];
}

export interface Chosen {
  settings: Record<string, number>;
  client: string;
  recipient: string;
  found: number[];
}
