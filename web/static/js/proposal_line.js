/** The lines of a proposal, and what becomes of them when a newer proposal takes its place. */

/** @typedef {{id: number | null, name: string | null, role_label: string}} Who */

/**
 * @typedef {object} Line
 * @property {number} case_id
 * @property {string} number
 * @property {string} type_name
 * @property {string} type_name_en
 * @property {boolean} urgent
 * @property {string | null} address
 * @property {number} version
 * @property {Who | null} person
 * @property {number | null} travel_s
 * @property {number} cost
 * @property {{code: string, text: string}[]} reasons
 * @property {boolean} differs
 * @property {Who | null} instead
 * @property {"open" | "accepted" | "stale" | "refused" | "left" | "undone"} state
 * @property {{code: string, text: string} | null} why
 * @property {"new" | "other" | null} [fresh] the case was not there before, or somebody else was named
 * @property {string} [was] why an earlier line for the case no longer held
 */

/**
 * @typedef {object} Renewed
 * @property {Line[]} lines
 * @property {Set<number>} chosen
 * @property {number} fresh lines that are new or name somebody else
 * @property {number} gone cases that wait no longer
 */

/** What somebody decided here: it stays in sight, with its reason, until its case waits again. */
const SETTLED = new Set(["accepted", "stale", "refused", "undone"]);

/** @param {Who | null} one */
export const nameOf = (one) => one?.name ?? one?.role_label ?? "";

/** @param {Line} line */
const whoIs = (line) => line.person && (line.person.id ?? line.person.role_label);

/**
 * Put the lines of a newer proposal in the place of those shown.
 *
 * Each stays where it stood, new ones come last. A mark stays with whom it was given to: a line that
 * is new, or names somebody else, comes without one and says so, so that nobody is sent unseen.
 * @param {Line[]} shown
 * @param {Set<number>} chosen
 * @param {Line[]} coming
 * @returns {Renewed}
 */
export function renew(shown, chosen, coming) {
  const left = new Map(coming.map((line) => [line.case_id, line]));
  /** @type {Line[]} */
  const lines = [];
  let fresh = 0, gone = 0;
  for (const old of shown) {
    const line = left.get(old.case_id);
    left.delete(old.case_id);
    if (line) {
      const one = follow(old, line);
      if (one.fresh && one.fresh !== old.fresh) fresh += 1;
      lines.push(one);
    } else if (SETTLED.has(old.state)) lines.push(old);
    else gone += 1;
  }
  for (const line of left.values()) lines.push({ ...line, fresh: "new" });
  const kept = new Set(lines.filter((line) => line.state === "open" && !line.fresh && chosen.has(line.case_id)).map((line) => line.case_id));
  return { lines, chosen: kept, fresh: fresh + left.size, gone };
}

/** @param {Line} old @param {Line} line @returns {Line} */
function follow(old, line) {
  const waits = !SETTLED.has(old.state);
  const fresh = waits && whoIs(old) === whoIs(line) ? old.fresh : "other";
  return { ...line, fresh, was: waits ? old.was : old.why?.text };
}
