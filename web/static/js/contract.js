/** What the API sends, turned into what the pages work with. The only place that knows both. */

import { readTimed } from "./light.js";

/**
 * @typedef {object} Lead
 * @property {number | null} personId
 * @property {string | null} name
 * @property {string | null} role
 * @property {string} state
 * @property {number | null} travelS
 */

/**
 * @typedef {object} Case
 * @property {number} id
 * @property {string} number
 * @property {string} type
 * @property {string} typeName
 * @property {string | null} typeNameEn
 * @property {string} family
 * @property {string} state
 * @property {number} version
 * @property {boolean} urgent
 * @property {string} channel
 * @property {number} lon
 * @property {number} lat
 * @property {string} gridCode
 * @property {string | null} address
 * @property {string} description
 * @property {number} reportedAt milliseconds since 1970
 * @property {number} stateSince milliseconds since 1970
 * @property {number | null} yellowAt milliseconds since 1970
 * @property {number | null} dueAt milliseconds since 1970; null where no clock runs
 * @property {Lead | null} lead
 */

/**
 * @typedef {object} Candidate
 * @property {number | null} personId null where the server names nobody
 * @property {string | null} name null beyond the scope of the person asking
 * @property {string | null} phone
 * @property {string} role
 * @property {string} roleLabel
 * @property {string} assignmentRole lead, mediator, lawyer, judge
 * @property {string} rung
 * @property {{code: string, text: string}[]} reasons
 * @property {number | null} travelS
 * @property {number | null} distanceM
 * @property {number | null} load
 * @property {number | null} capacity
 * @property {string} duty
 * @property {string | null} mode
 * @property {number | null} lon
 * @property {number | null} lat
 * @property {boolean} beyond
 */

/**
 * @typedef {object} Assignment
 * @property {number} id
 * @property {number | null} personId
 * @property {string | null} name
 * @property {string | null} phone
 * @property {string} roleLabel
 * @property {string} role lead, mediator, lawyer, judge, assist
 * @property {string} state
 * @property {boolean} live
 * @property {number | null} travelS
 * @property {string[]} reasons
 * @property {string | null} returnReason
 */

/**
 * Read a case of the live snapshot, of a list, or of a single answer.
 * @param {any} raw
 * @returns {Case}
 */
export function readCase(raw) {
  return {
    id: raw.id,
    number: raw.number,
    type: raw.type,
    typeName: raw.type_name,
    typeNameEn: raw.type_name_en,
    family: raw.family,
    state: raw.state,
    version: raw.version,
    urgent: raw.urgent,
    channel: raw.channel,
    lon: raw.lon,
    lat: raw.lat,
    gridCode: raw.grid_code ?? raw.grid.code,
    address: raw.address,
    description: raw.description ?? "",
    reportedAt: Date.parse(raw.reported_at),
    stateSince: Date.parse(raw.state_since),
    ...readTimed(raw),
    lead: readLead(raw.lead),
  };
}

/** @param {any} lead @returns {Lead | null} */
function readLead(lead) {
  if (!lead) return null;
  return { personId: lead.person_id, name: lead.name, role: lead.role, state: lead.state, travelS: lead.travel_s };
}

/** @param {any} raw @returns {Candidate} */
export function readCandidate(raw) {
  return {
    personId: raw.person_id,
    name: raw.name,
    phone: raw.phone ?? null,
    role: raw.role,
    roleLabel: raw.role_label,
    assignmentRole: raw.assignment_role,
    rung: raw.rung,
    reasons: raw.reasons,
    travelS: raw.travel_s,
    distanceM: raw.distance_m,
    load: raw.load,
    capacity: raw.capacity,
    duty: raw.duty,
    mode: raw.mode,
    lon: raw.lon,
    lat: raw.lat,
    beyond: !raw.in_scope,
  };
}

/** @param {any} raw @returns {Assignment} */
export function readAssignment(raw) {
  return {
    id: raw.id,
    personId: raw.person_id,
    name: raw.name,
    phone: raw.phone ?? null,
    roleLabel: raw.role_label,
    role: raw.role,
    state: raw.state,
    live: raw.live,
    travelS: raw.travel_s,
    reasons: raw.reasons.map((/** @type {any} */ reason) => reason.text),
    returnReason: raw.return_reason,
  };
}

/**
 * @typedef {object} PeopleColumns
 * @property {number[]} id
 * @property {number[]} lon degrees
 * @property {number[]} lat degrees
 * @property {(number | null)[]} headingDeg
 * @property {number[]} speedMps
 * @property {number[]} ageS
 * @property {number[]} role index into roles
 * @property {boolean[]} busy
 */

/**
 * Read the columns of the snapshot.
 * @param {any} raw
 * @returns {PeopleColumns}
 */
export function readPeople(raw) {
  const [west, south] = raw.origin_e6;
  return {
    id: raw.id,
    lon: raw.dlon_e6.map((/** @type {number} */ offset) => (west + offset) / 1e6),
    lat: raw.dlat_e6.map((/** @type {number} */ offset) => (south + offset) / 1e6),
    headingDeg: raw.heading_deg,
    speedMps: raw.speed_dmps.map((/** @type {number | null} */ speed) => (speed ?? 0) / 10),
    ageS: raw.age_s,
    role: raw.role,
    busy: raw.busy.map(Boolean),
  };
}

/**
 * Read the fixes of a `positions` signal: `[id, lon, lat, heading, speed, age]` each.
 * @param {any[][]} fixes
 * @returns {PeopleColumns}
 */
export function readFixes(fixes) {
  const column = (/** @type {number} */ index) => fixes.map((fix) => fix[index]);
  return {
    id: column(0),
    lon: column(1),
    lat: column(2),
    headingDeg: column(3),
    speedMps: column(4).map((speed) => speed ?? 0),
    ageS: column(5),
    role: [],
    busy: [],
  };
}

/**
 * What a grid worker reported is verified and rated by its reporter before it closes (docs/loop.md).
 * @param {Pick<Case, "family" | "channel">} one
 */
export const needsVerification = (one) => ["hazard", "dispute", "service"].includes(one.family) && ["grid_worker", "patrol"].includes(one.channel);

/** Whether a case still needs somebody. */
export const isPending = (/** @type {Pick<Case, "state">} */ one) => one.state === "pending" || one.state === "reported";

/** Whether people may still be sent: it waits for somebody, or somebody is on it. @param {Pick<Case, "state">} one */
export const callsPeople = (one) => isPending(one) || ["assigned", "acknowledged", "arrived"].includes(one.state);

/** @param {Pick<Case, "state">} one */
export const isOpen = (one) => !["closed", "void", "merged"].includes(one.state);
