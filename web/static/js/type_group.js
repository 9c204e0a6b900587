/** Types of cases under their classes, and services by how they are given: for whatever offers types. */

import { label, named } from "./message.js";

/**
 * @typedef {{code: string, family: string, parent_code: string | null, name: string, name_en: string,
 *   urgent: boolean, service_kind: string | null, active: boolean}} CaseType
 * @typedef {{key: string, name: string, types: CaseType[]}} TypeGroup
 */

const SERVICE_KINDS = /** @type {const} */ (["immediate", "assisted", "joint"]);

/**
 * Return the types of one family in groups; one group without a name if they have no classes.
 * A class that no type is of is a type itself.
 * @param {CaseType[]} ofFamily
 * @returns {TypeGroup[]}
 */
export function groupTypes(ofFamily) {
  if (ofFamily.some((type) => type.service_kind)) return byKind(ofFamily);
  if (!ofFamily.some((type) => type.parent_code)) return [{ key: "", name: "", types: ofFamily }];
  return ofFamily.filter((type) => !type.parent_code).map((one) => {
    const types = ofFamily.filter((type) => type.parent_code === one.code);
    return { key: one.code, name: named(one.name, one.name_en), types: types.length ? types : [one] };
  });
}

/**
 * Return the types of one family, each class before its own.
 * @param {CaseType[]} ofFamily
 */
export function inOrder(ofFamily) {
  const classes = ofFamily.filter((type) => !type.parent_code);
  return classes.flatMap((one) => [one, ...ofFamily.filter((type) => type.parent_code === one.code)]);
}

/** @param {CaseType[]} services */
function byKind(services) {
  return SERVICE_KINDS.map((kind) => ({ key: kind, name: label("service_kind", kind), types: services.filter((type) => type.service_kind === kind) }))
    .filter((group) => group.types.length);
}
