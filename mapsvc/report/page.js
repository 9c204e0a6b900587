/* The script of the report's page. Data come from the element #report-data; text from data goes
   into the page as text only. */
'use strict';

/**
 * @typedef {{code: string[], name: string[], part_of: string[], count: number[],
 *   residents: number[], density: (number|null)[], per_thousand: (number|null)[],
 *   relative: (number|null)[], low: (number|null)[], high: (number|null)[],
 *   relative_sign: (number|null)[], z: (number|null)[], z_sign: (number|null)[],
 *   quadrant: (string|null)[], quadrant_sign: (number|null)[], shapes: object[]}} UnitTable columns of one unit, all in one order
 * @typedef {{unit: string, measure: string, colors: string[], shade: number[],
 *   sign: number[]|null}} UnitLayer
 */

const report = (() => {
  /** Sides from which on a map can be fitted to the area, with its margin. */
  const LEAST_PX = 60;
  let kept = null;
  /** Undo what marks the unit under the pointer; the map may move away under a pointer at rest. */
  let leaveUnit = () => {};
  const layers = {};

  /** Return what the page was made from. */
  function data() {
    kept ??= JSON.parse(document.getElementById('report-data').textContent);
    return kept;
  }

  /** Make an element with text in it. */
  function make(tag, text, className) {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (className) element.className = className;
    return element;
  }

  /** Write a number with two or three figures. */
  function figures(value) {
    const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
    return value.toLocaleString(data().locale,
      { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace('-', '−');
  }

  /** Choose the look of one unit. */
  function look(layer, row) {
    const { colors, opacity } = data();
    const shade = layer.shade[row];
    const style = { pane: 'units', color: colors.edge, weight: 0.6, opacity: 0.8, fillOpacity: 0,
      dashArray: null };
    if (layer.measure === 'density') {
      return shade ? { ...style, fillColor: layer.colors[shade - 1], fillOpacity: opacity.sure } : style;
    }
    if (!shade) return { ...style, fillColor: colors.untold, fillOpacity: opacity.untold };
    const sign = layer.sign ? layer.sign[row] : 0;
    const filled = { ...style, fillColor: layer.colors[shade - 1],
      fillOpacity: sign ? opacity.sure : opacity.unsure };
    if (!sign) return filled;
    return sign > 0 ? { ...filled, color: colors.strong, weight: 2.25, opacity: 1 }
      : { ...filled, color: colors.strong, weight: 1, opacity: 0.75, dashArray: '4 3' };
  }

  /** Tell what is known of a unit. */
  function explain(layer, row) {
    const { words, told } = data();
    const unit = data().units[layer.unit];
    const box = make('div');
    box.append(make('h3', unit.name[row]));
    box.append(make('div', [unit.part_of[row], unit.code[row]].filter(Boolean).join(' · '), 'quiet'));
    const list = make('dl', undefined, 'unit-facts');
    const say = (label, value, note) => {
      list.append(make('dt', label));
      const told_ = make('dd', value);
      if (note) told_.append(make('small', note));
      list.append(told_);
    };
    say(words.count, unit.count[row].toLocaleString(data().locale));
    if (unit.density[row] !== null) say(words.density, figures(unit.density[row]));
    say(words.residents, unit.residents[row].toLocaleString(data().locale));
    if (unit.per_thousand[row] !== null) say(words.per_thousand, figures(unit.per_thousand[row]));
    if (unit.relative[row] !== null) {
      const chance = words.chance.replace('{low}', figures(unit.low[row]))
        .replace('{high}', figures(unit.high[row]));
      say(words.relative, words.times.replace('{value}', figures(unit.relative[row])),
        `${chance} · ${told.relative[unit.relative_sign[row]]}`);
    } else if (layer.measure === 'relative') {
      say(words.relative, '—', words.none);
    }
    if (unit.z[row] !== null) {
      say(words.z, figures(unit.z[row]), told.significance[unit.z_sign[row]]);
    }
    if (unit.quadrant[row] !== null) {
      say(words.quadrant, told.outlier[unit.quadrant[row]],
        unit.quadrant_sign[row] ? words.sure : told.significance[0]);
    }
    box.append(list);
    return box;
  }

  /** Say in a few words what lies under the pointer. */
  function hint(layer, row) {
    const { words } = data();
    const unit = data().units[layer.unit];
    const value = { density: unit.density, relative: unit.relative, significance: unit.z,
      outlier: unit.quadrant }[layer.measure][row];
    const label = { density: words.density, relative: words.relative, significance: words.z,
      outlier: words.quadrant }[layer.measure];
    const box = make('div');
    box.append(make('b', unit.name[row]));
    const said = value === null ? words.none
      : layer.measure === 'outlier' ? data().told.outlier[value]
        : layer.measure === 'relative' ? words.times.replace('{value}', figures(value)) : figures(value);
    box.append(make('div', `${label} ${said}`));
    return box;
  }

  /** Make a layer of units; its shapes are drawn when it is first shown. */
  function makeUnits(key) {
    const layer = data().layers[key];
    const unit = data().units[layer.unit];
    const group = L.geoJSON(null, {
      style: (feature) => look(layer, feature.properties.row),
      onEachFeature: (feature, shape) => {
        const { row } = feature.properties;
        group.report.shapes[unit.code[row]] = shape;
        shape.bindPopup(() => explain(layer, row), { minWidth: 240 });
        shape.bindTooltip(() => hint(layer, row), { sticky: true });
        shape.on('mouseover', () => {
          leaveUnit();
          shape.setStyle({ weight: 3, color: data().colors.strong, opacity: 1 });
          leaveUnit = () => {
            shape.closeTooltip();
            shape.setStyle(look(layer, row));
            leaveUnit = () => {};
          };
        });
        shape.on('mouseout', () => leaveUnit());
      },
    });
    group.report = { key, shapes: {} };
    group.once('add', () => {
      unit.shapes.forEach((geometry, row) => {
        group.addData({ type: 'Feature', properties: { row }, geometry });
      });
      // bold edges are drawn last, so that no neighbour covers them
      group.eachLayer((shape) => { if (shape.options.weight > 2) shape.bringToFront(); });
    });
    layers[key] = group;
    return group;
  }

  /** Make outlines and names of the streets. */
  function makeStreets() {
    const group = L.layerGroup();
    for (const street of data().streets) {
      group.addLayer(L.geoJSON(street.outline, { pane: 'edges', interactive: false,
        style: { color: data().colors.street, weight: 1.2, opacity: 0.8, fill: false, dashArray: '6 3' } }));
      const icon = L.divIcon({ className: 'street-name', html: make('span', street.name), iconSize: null });
      group.addLayer(L.marker(street.at, { icon, pane: 'names', interactive: false, keyboard: false }));
    }
    return group;
  }

  /** Leave out names that would lie on one another. */
  function thinNames() {
    const taken = [];
    for (const name of document.querySelectorAll('.street-name span')) {
      name.hidden = false;
      const box = name.getBoundingClientRect();
      name.hidden = taken.some((other) => box.left < other.right && box.right > other.left
        && box.top < other.bottom && box.bottom > other.top);
      if (!name.hidden) taken.push(box);
    }
  }

  /** Show the legend of a layer and no other. */
  function showKey(key) {
    for (const section of document.querySelectorAll('.key')) {
      section.hidden = section.dataset.layer !== key;
    }
    document.documentElement.dataset.layer = key;
  }

  /** Show one unit on a layer. */
  function showUnit(map, key, code) {
    const group = layers[key];
    if (!map.hasLayer(group)) {
      for (const other of everyBase()) if (other !== group) map.removeLayer(other);
      map.addLayer(group);
      map.fire('baselayerchange', { layer: group });
    }
    const shape = group.report.shapes[code];
    map.fitBounds(shape.getBounds(), { maxZoom: 14, animate: false });
    shape.openPopup(shape.getBounds().getCenter());
    document.querySelector('.bar').scrollIntoView();
  }

  /** Put the legends into the map where there is room, else under it. */
  function placeKeys(map) {
    const keys = document.querySelector('.keys');
    L.DomEvent.disableClickPropagation(keys);
    const narrow = window.matchMedia('(max-width: 60rem)');
    const place = () => {
      if (narrow.matches) map.getContainer().after(keys);
      else map.getContainer().append(keys);
    };
    narrow.addEventListener('change', place);
    place();
  }

  /** Show all of the area, again when the window changes, until somebody moves the map. */
  function fitMap(map) {
    const fit = () => {
      const { x, y } = map.getSize();
      // While the window is being laid out the map has no room: nothing can be fitted into it.
      if (Math.min(x, y) > LEAST_PX) map.fitBounds(data().bounds, { padding: [12, 12], animate: false });
    };
    const leave = () => map.off('resize', fit);
    fit();
    map.on('resize', fit);
    for (const kind of ['pointerdown', 'wheel', 'keydown']) {
      map.getContainer().addEventListener(kind, leave, { once: true, passive: true });
    }
    return leave;
  }

  let bases = [];
  /** Return all layers of which one is seen. */
  function everyBase() {
    return bases;
  }

  /** Join map, control, legends and tables once everything is made. */
  function start(map, control) {
    const { words, first } = data();
    bases = control._layers.filter((one) => !one.overlay).map((one) => one.layer);
    const slot = document.getElementById('layers');
    slot.append(control.getContainer());
    map.getContainer().setAttribute('role', 'region');
    map.getContainer().setAttribute('aria-label', words.label);
    L.control.zoom({ position: 'topleft', zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
    L.control.scale({ imperial: false, position: 'bottomleft' }).addTo(map);
    map.on('baselayerchange', (event) => {
      showKey(event.layer.report ? event.layer.report.key : 'density-raster');
    });
    placeKeys(map);
    const leave = fitMap(map);
    showKey(first);
    thinNames();
    map.on('moveend overlayadd', thinNames);
    map.on('movestart', () => leaveUnit());
    document.addEventListener('click', (event) => {
      const button = event.target.closest('.place');
      if (!button) return;
      leave();
      showUnit(map, button.dataset.layer, button.dataset.code);
    });
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') map.closePopup();
    });
    document.documentElement.dataset.ready = '';
  }

  return { makeUnits, makeStreets, start };
})();
