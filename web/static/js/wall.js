/** The command centre's wall: joins the living picture to the map, figures, cases and ticker. */

import { page, byId, markReady } from "./page.js";
import { t } from "./message.js";
import { h, say } from "./dom.js";
import { everySecond } from "./clock.js";
import { clock, minuteTime } from "./format.js";
import { Live } from "./live.js";
import { showAge } from "./age.js";
import { bindKeys, startKeys } from "./keys.js";
import { makeMap, whenIdle } from "./map.js";
import { MapCanvas } from "./map_canvas.js";
import { PeopleCanvas } from "./people_canvas.js";
import { CaseCanvas } from "./case_canvas.js";
import { showTip } from "./map_tip.js";
import { MapLayers } from "./map_layers.js";
import { nameGaps } from "./map_name.js";
import { isPending } from "./contract.js";
import { read, write } from "./url_state.js";
import { showFigures } from "./wall_figures.js";
import { WallCases } from "./wall_cases.js";
import { Ticker } from "./wall_ticker.js";
import { Tour } from "./wall_tour.js";
import { Sound } from "./wall_sound.js";
import { showLegend } from "./wall_legend.js";

/** @typedef {import("./contract.js").Case} Case */

/** @type {{map: import("./map.js").Map, canvas: MapCanvas, cases: CaseCanvas, tour: Tour} | null} */
let stage = null;
let lostAt = 0;

const live = new Live();
const sound = new Sound(byId("mute"));
const ticker = new Ticker(byId("ticker"));
const list = new WallCases(live, { onChoose: choose });
const figures = showFigures(byId("figures"), live);
const frame = byId("map");

showAge(live);
showLegend(byId("legend"));
everySecond((at) => say(byId("clock"), clock(at)));
everySecond(() => showLost());

live.onChange((change) => {
  if (change.what === "snapshot") {
    adopt();
    ticker.begin(live);
  }
  if (change.what === "case" && change.case) onCase(change.case, change.kind ?? "");
  if (change.what === "event") ticker.add(change.data, live);
  if (change.what === "positions") stage?.canvas.wake();
});
live.start();

const layers = new MapLayers(byId("layers"), byId("layers-open"), live);
bindKeys([
  { key: "l", shown: "l", says: t("wall.layers"), run: () => layers.toggle() },
  { key: "m", shown: "m", says: t("wall.mute_key"), run: () => sound.toggle() },
  { key: "a", shown: "a", says: t("wall.tour"), run: () => stage?.tour.toggle() },
  { key: "0", shown: "0", says: t("wall.whole"), run: () => stage?.tour.whole() },
  { key: "Escape", shown: "Esc", says: t("keys.back"), run: () => { layers.close(); choose(null); } },
]);
startKeys();
await openMap();

async function openMap() {
  const map = await makeMap(frame, { style: "night", padding: panels() });
  if (!map) {
    markReady();
    return;
  }
  const canvas = new MapCanvas(map, frame);
  const people = new PeopleCanvas(live.people);
  const cases = new CaseCanvas(live.cases, { size: 8 });
  canvas.add(people);
  canvas.add(cases);
  const tour = new Tour(map, byId("tour"), live, panels);
  stage = { map, canvas, cases, tour };
  layers.attach(map, canvas, { people, cases });
  showTip(frame, map, canvas, { people, cases, live, onChoose: choose });
  adopt();
  const keepNamesFree = () => {
    people.gaps = nameGaps(map, 1.12 * rootPx());
    canvas.wake();
  };
  map.on("idle", keepNamesFree);
  whenIdle(map, ready);
}

function ready() {
  if (live.loaded) markReady();
  else setTimeout(ready, 100);
}

function adopt() {
  if (stage) {
    stage.cases.cases = live.cases;
    stage.cases.selected = Number(read("case") ?? 0);
    stage.canvas.wake();
  }
  list.show();
  figures.refresh();
}

/**
 * @param {Case} one
 * @param {string} kind
 */
function onCase(one, kind) {
  list.show();
  figures.soon();
  if (!stage) return;
  if (kind === "case.reported" && isPending(one)) {
    stage.cases.ring(one.id);
    if (one.urgent) {
      sound.play();
      stage.tour.visit(one);
    }
  }
  stage.canvas.wake();
}

/** @param {Case | null} one */
function choose(one) {
  write({ case: one?.id });
  list.mark(one?.id ?? 0);
  if (!stage) return;
  stage.cases.selected = one?.id ?? 0;
  if (one) {
    stage.tour.stop();
    stage.map.easeTo({ center: [one.lon, one.lat], zoom: Math.max(14, stage.map.getZoom()), padding: panels() });
  }
  stage.canvas.wake();
}

/** Size of the root, which all sizes of the wall are multiples of. */
function rootPx() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize);
}

/** The room that the panels leave for the map. */
function panels() {
  const rem = rootPx();
  if (innerWidth < 700) return { left: 8, right: 8, top: 8, bottom: 8 };
  return { left: 19.5 * rem, right: 25 * rem, top: 4.4 * rem, bottom: 6.7 * rem };
}

/** Say at once that the picture stands still, and since when. */
function showLost() {
  const lost = live.state === "reconnecting" || live.state === "signed-out";
  lostAt = lost ? lostAt || Date.now() : 0;
  const banner = byId("lost");
  banner.hidden = !lost || (live.state === "reconnecting" && Date.now() - lostAt < 1500);
  if (banner.hidden) return;
  const since = live.positionsAt ? minuteTime(live.positionsAt) : "–";
  if (live.state === "signed-out") {
    banner.replaceChildren(`${t("wall.signed_out")} `, h("a", { href: "/sign-in?next=/wall" }, t("nav.sign_in")));
  } else {
    say(banner, t("wall.lost", { since }));
  }
}

if (page.district) document.title = t("wall.heading", { district: page.locale === "en" ? page.district.name_en : page.district.name });
