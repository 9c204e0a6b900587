/** A case as a row of the desk's list. */

import { svg } from "./dom.js";
import { readTimed } from "./light.js";

/**
 * @typedef {object} Row
 * @property {number} id
 * @property {string} number
 * @property {number} version
 * @property {string} typeName
 * @property {string | null} typeNameEn
 * @property {string} family
 * @property {boolean} urgent
 * @property {string} state
 * @property {string} words
 * @property {string | null} address
 * @property {string} gridCode
 * @property {string | null} community
 * @property {string | null} street
 * @property {string} level of the desk that holds it
 * @property {string | null} holder its name
 * @property {string} holderCode
 * @property {string | null} lead
 * @property {number | null} leadId
 * @property {string | null} leadRole
 * @property {number} hops
 * @property {string | null} card
 * @property {number} stateSince milliseconds since 1970
 * @property {number} reportedAt milliseconds since 1970
 * @property {number | null} yellowAt
 * @property {number | null} dueAt
 * @property {boolean} gone it was selected and has left the list since
 */

/** @param {any} raw @returns {Row} */
export function readRow(raw) {
  return {
    id: raw.id,
    number: raw.number,
    version: raw.version,
    typeName: raw.type_name,
    typeNameEn: raw.type_name_en,
    family: raw.family,
    urgent: raw.urgent,
    state: raw.state,
    words: raw.description,
    address: raw.address,
    gridCode: raw.grid.code,
    community: raw.grid.community,
    street: raw.grid.street,
    level: raw.holder.level,
    holder: raw.holder.name,
    holderCode: raw.holder.code,
    lead: raw.lead?.name ?? null,
    leadId: raw.lead?.person_id ?? null,
    leadRole: raw.lead?.role_label ?? null,
    hops: raw.hops,
    card: raw.card,
    stateSince: Date.parse(raw.state_since),
    reportedAt: Date.parse(raw.reported_at),
    ...readTimed(raw),
    gone: false,
  };
}

/** A card: upright, with a bar for yellow and solid for red. @param {string} card */
export const cardShape = (card) => svg("svg", { class: "shape", viewBox: "0 0 24 24", "aria-hidden": "true" },
  svg("path", card === "red" ? { d: "M6 1h12v22H6z" } : { d: "M6 1h12v22H6zM9 4v7h6V4z", "fill-rule": "evenodd" }));
