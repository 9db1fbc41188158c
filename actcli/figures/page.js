// The page in the browser: draws the curves, follows sliders and pointer, says what the values are.

import { asymptote, flats, polesOf, roundStep, text, ticks, trace } from "./curve.js";

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { left: 56, right: 22, top: 22, bottom: 26 };
// More dots than this on one line hide it, more poles than this are drawn without a name.
const [MOST_DOTS, MOST_POLES] = [40, 4];
// Steps of the panels of the gallery, and milliseconds of rest before the values are said aloud.
const [SMALL_STEPS, REST] = [200, 400];

function element(name, attributes, parent, words) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (words !== undefined) made.textContent = words;
  parent?.append(made);
  return made;
}

function filled(row, cells) {
  row.replaceChildren(
    ...cells.map((cell, k) => {
      const made = document.createElement(k ? "td" : "th");
      if (!k) made.scope = "row";
      made.append(cell);
      return made;
    }),
  );
  return row;
}

// The places of a window on a drawing, and how steep a slope is there.
function scales({ low, high, bottom, top, width, height }, margin) {
  const level = (y) => margin.top + ((top - y) / (top - bottom)) * height;
  return {
    across: (x) => margin.left + ((x - low) / (high - low)) * width,
    up: (y) => Math.min(Math.max(level(y), -3 * height), 4 * height),
    steepness: (slope) => (slope * (high - low) * height) / ((top - bottom) * width),
  };
}

function drawLine(group, pieces, style, { across, up }) {
  const point = ([x, y]) => `${across(x).toFixed(2)} ${up(y).toFixed(2)}`;
  const d = pieces.map((piece) => `M${piece.map(point).join("L")}`).join("");
  element("path", { class: `line s${style}`, d }, group);
}

function drawDots(group, dots, style, { across, up }, radius) {
  if (dots.length > MOST_DOTS) return;
  for (const { x, y, filled } of dots) {
    element("circle", { class: `${filled ? "dot" : "dot open"} s${style}`, cx: across(x), cy: up(y), r: radius }, group);
  }
}

/** One page: `functions` is what `actcli code` wrote, {at, domain} each; `page` is what there is to show. */
export class Explorer {
  constructor(functions, page) {
    this.functions = functions;
    this.page = page;
    this.parameters = page.functions.map(({ parameters }) => parameters.map(({ value }) => value));
    this.stated = page.functions.map(({ stated }) => new Map(stated.map(([x, ...numbers]) => [x, numbers])));
    this.figure = document.getElementById("figure");
    this.slider = document.getElementById("x");
    this.exact = document.getElementById("x-exact");
    this.readout = document.getElementById("readout");
    this.note = document.getElementById("note");
    this.key = document.getElementById("key");
    this.status = document.getElementById("status");
    this.values = document.getElementById("values");
    this.slider.addEventListener("input", () => this.move(Number(this.slider.value)));
    this.exact.addEventListener("input", () => this.exact.value !== "" && this.move(Number(this.exact.value), this.exact));
    this.values.addEventListener("toggle", () => this.list());
    page.functions.forEach((_, i) => this.connect(i));
    if (page.small) {
      window.addEventListener("hashchange", () => this.follow(true));
      for (const link of document.querySelectorAll("nav a")) this.small(link);
      this.follow(false);
    } else {
      this.show(0);
    }
    new ResizeObserver(() => this.figure.clientWidth !== this.width && this.draw()).observe(this.figure);
  }

  // Values and numbers of the controls of a function go together, as long as its domain allows them.
  connect(i) {
    const card = document.getElementById(`card-${i}`);
    const { spec, parameters } = this.page.functions[i];
    const set = (k, value, source) => {
      const values = this.parameters[i].map((old, j) => (j === k ? value : old));
      const broken = this.functions[i].domain.find(([, holds]) => !holds(...values));
      const refused = Number.isNaN(value) ? "a number" : broken?.[0];
      if (refused) {
        this.status.textContent = `${spec} needs ${refused}`;
        source.setAttribute("aria-invalid", "true");
        return;
      }
      this.parameters[i] = values;
      write(k, source);
      this.draw();
    };
    const inputs = parameters.map((_, k) => [`p${i}-${k}`, `p${i}-${k}-exact`].map((id) => document.getElementById(id)));
    const write = (k, source) => {
      const value = this.parameters[i][k];
      const [range, number] = inputs[k];
      if (range !== source) range.value = value;
      if (number !== source) number.value = Number.isFinite(value) ? value : "";
      range.setAttribute("aria-valuetext", text(value));
      for (const input of inputs[k]) input.removeAttribute("aria-invalid");
      card.querySelector(".facts").hidden = this.moved(i);
    };
    inputs.forEach(([range, number], k) => {
      write(k);
      range.addEventListener("input", () => set(k, Number(range.value), range));
      range.addEventListener("change", () => write(k));
      number.addEventListener("input", () => set(k, number.value === "" ? NaN : Number(number.value), number));
      number.addEventListener("change", () => write(k));
    });
    card.querySelector("button")?.addEventListener("click", () => {
      this.parameters[i] = parameters.map(({ value }) => value);
      inputs.forEach((_, k) => write(k));
      this.draw();
    });
  }

  // What is named after the # of the address.
  follow(asked) {
    const wanted = decodeURIComponent(location.hash.slice(1));
    const found = this.page.functions.findIndex(({ spec }) => spec === wanted);
    this.show(Math.max(found, 0));
    for (const link of document.querySelectorAll("nav a")) {
      link.toggleAttribute("aria-current", link.hash === `#${this.page.functions[this.view.functions[0]].spec}`);
    }
    if (asked && found >= 0) {
      const heading = document.querySelector(`#card-${found} h2`);
      document.getElementById("explorer").scrollIntoView({ block: "start" });
      heading.focus({ preventScroll: true });
    }
  }

  show(k) {
    this.view = this.page.views[k];
    const [low, high] = this.view.span;
    this.page.functions.forEach((_, i) => {
      document.getElementById(`card-${i}`).hidden = !this.view.functions.includes(i);
    });
    Object.assign(this.slider, { min: low, max: high, step: roundStep((high - low) / 250) });
    this.together = this.view.functions.length === 1;
    const lines = (orders) => orders.flatMap((order) => this.view.functions.map((i) => ({ i, order })));
    this.panels = (this.together ? [this.page.orders] : this.page.orders.map((order) => [order])).map((orders, row) => ({
      lines: lines(orders).map((line, style) => ({ ...line, style })),
      name: this.together ? "" : ["value", "slope"][orders[0]],
      limits: this.view.limits[row],
    }));
    this.x = this.page.marks[0] ?? low + 0.6 * (high - low);
    this.draw();
    stretchBraces();
  }

  // The value and the slope: those that are stated for kinks and poles, as long as no slider has moved.
  at(i, x) {
    const stated = this.moved(i) ? undefined : this.stated[i].get(x);
    return stated ?? this.functions[i].at(x, ...this.parameters[i]);
  }

  moved(i) {
    return this.page.functions[i].parameters.some(({ value }, k) => value !== this.parameters[i][k]);
  }

  // A value, or a slope where there is a value, as a function of x.
  along(i, order) {
    return (x) => {
      const found = this.at(i, x);
      return Number.isNaN(found[0]) ? NaN : found[order];
    };
  }

  draw() {
    this.width = this.figure.clientWidth;
    const tall = this.together ? [0.56, 240, 470] : [0.36, 190, 300];
    const height = Math.min(Math.max(this.width * tall[0], tall[1]), tall[2]);
    const [low, high] = this.view.span;
    this.figure.replaceChildren(
      ...this.panels.map((panel) => {
        const [bottom, top] = panel.limits;
        const size = { width: this.width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
        panel.window = { low, high, bottom, top, ...size };
        panel.scale = scales(panel.window, MARGIN);
        return this.panel(panel, height);
      }),
    );
    this.move(this.x);
    this.list();
  }

  panel(panel, height) {
    const { window: box, scale } = panel;
    const specs = this.view.functions.map((i) => this.page.functions[i].spec).join(", ");
    const svg = element("svg", { width: this.width, height, role: "img" });
    const shown = panel.name || this.page.orders.map((order) => ["value", "slope"][order]).join(" and ");
    svg.setAttribute("aria-label", `${shown} of ${specs} for x from ${text(box.low)} to ${text(box.high)}`);
    const clip = `clip-${this.panels.indexOf(panel)}`;
    const frame = { x: MARGIN.left, y: MARGIN.top, width: box.width, height: box.height };
    element("rect", frame, element("clipPath", { id: clip }, svg));
    const grid = element("g", {}, svg);
    const curves = element("g", { "clip-path": `url(#${clip})` }, svg);
    const traced = panel.lines.map(({ i, order }) => trace(this.along(i, order), box));
    panel.traced = traced;
    const names = this.together && this.page.orders[0] === 0 ? this.notes(panel, curves) : [];
    this.axes(panel, grid);
    traced.forEach(({ pieces, dots }, k) => {
      const { i, order, style } = panel.lines[k];
      const marks = this.page.marks.map((x) => ({ x, y: this.along(i, order)(x), filled: true }));
      drawLine(curves, pieces, style, scale);
      drawDots(svg, [...dots, ...marks].filter(({ x, y }) => inside(box, x, y)), style, scale, 4);
    });
    const drawn = traced.flatMap(({ pieces }) => pieces.flat().map(([x, y]) => [scale.across(x), scale.up(y)]));
    for (const { words, spots } of names) nameAt(svg, words, spots, drawn, this.width);
    panel.tangents = element("g", { "clip-path": `url(#${clip})` }, svg);
    panel.point = element("g", { class: "point" }, svg);
    const follow = (event) => {
      const share = (event.clientX - svg.getBoundingClientRect().left - MARGIN.left) / box.width;
      const step = roundStep((box.high - box.low) / 1000);
      const x = Math.round((box.low + Math.min(Math.max(share, 0), 1) * (box.high - box.low)) / step) * step;
      this.move(Number(x.toPrecision(12)));
    };
    svg.addEventListener("pointermove", follow);
    svg.addEventListener("pointerdown", follow);
    return svg;
  }

  axes({ window: box, scale, name }, group) {
    const [left, base] = [MARGIN.left, MARGIN.top + box.height];
    for (const x of ticks(box.low, box.high, box.width / 75)) {
      const place = scale.across(x);
      element("line", { class: x ? "grid" : "zero", x1: place, x2: place, y1: MARGIN.top, y2: base }, group);
      element("text", { x: place, y: base + 17, "text-anchor": "middle" }, group, text(x));
    }
    for (const y of ticks(box.bottom, box.top, box.height / 42)) {
      const place = scale.up(y);
      element("line", { class: y ? "grid" : "zero", x1: left, x2: left + box.width, y1: place, y2: place }, group);
      element("text", { x: left - 7, y: place + 4, "text-anchor": "end" }, group, text(y));
    }
    element("text", { class: "name", x: left + box.width + 6, y: base + 4 }, group, this.page.xlabel);
    const usual = this.together ? this.page.orders.map((order) => `f${"′".repeat(order)}(x)`).join(", ") : name;
    element("text", { class: "name", x: left - 4, y: MARGIN.top - 9 }, group, this.page.ylabel ?? usual);
  }

  // Where the slope is nearly 0, what the function nears, and its poles; gives the names of these lines.
  notes({ window: box, scale, traced, lines }, group) {
    const { i } = lines[0];
    const [value, slope] = [this.along(i, 0), this.along(i, 1)];
    const [top, base] = [MARGIN.top, MARGIN.top + box.height];
    const shaded = flats(trace(slope, box).pieces, this.page.saturated, box);
    this.key.textContent = shaded.length ? `shaded: slope under ${text(this.page.saturated)} in size` : "";
    for (const [from, to] of shaded) {
      const [x, end] = [scale.across(from), scale.across(to)];
      element("rect", { class: "shade", x, y: top, width: end - x, height: box.height }, group);
    }
    const names = [];
    const dashed = (x1, y1, x2, y2) => element("line", { class: "asymptote", x1, y1, x2, y2 }, group);
    const [left, right] = [-1, 1].map((sign) => asymptote(value, slope, sign));
    const middle = (box.low + box.high) / 2;
    const same = left && right && left.slope === right.slope && text(left.level, 4) === text(right.level, 4);
    const halves = same ? [[right, box.high, box.low]] : [[left, box.low, middle], [right, box.high, middle]];
    for (const [line, end, start] of halves) {
      if (!line) continue;
      const level = (x) => line.slope * x + line.level;
      // A line that the function follows to the last digit is no news, unless it is level.
      if (line.slope && [end, (end + start) / 2].every((x) => Math.abs(value(x) - level(x)) < 1e-9)) continue;
      dashed(scale.across(start), scale.up(level(start)), scale.across(end), scale.up(level(end)));
      const shares = [0.02, 0.15, 0.4].map((share) => end + share * (start - end)).filter((x) => inside(box, x, level(x)));
      const spots = shares.flatMap((x) => around(scale.across(x), scale.up(level(x)), line.slope));
      names.push({ words: `y = ${straight(line)}`, spots });
    }
    const poles = polesOf(traced.flatMap(({ breaks }) => breaks)).filter((x, k, all) => all.indexOf(x) === k);
    for (const x of poles) {
      const place = scale.across(x);
      dashed(place, top, place, base);
      if (poles.length <= MOST_POLES) names.push({ words: `x = ${text(x, 4)}`, spots: [top + 20, base - 16].flatMap((y) => around(place, y, 0)) });
    }
    return names;
  }

  move(x, source) {
    this.x = x;
    const shown = text(x);
    if (source !== this.exact) this.exact.value = x;
    this.slider.value = x;
    this.slider.setAttribute("aria-valuetext", `x = ${shown}`);
    for (const panel of this.panels) this.point(panel);
    const found = this.view.functions.map((i) => this.at(i, x));
    const rows = [...this.readout.tBodies[0].rows];
    const names = this.view.functions.map((i) => this.page.functions[i].spec);
    while (rows.length < names.length) rows.push(this.readout.tBodies[0].insertRow());
    names.forEach((name, k) => {
      const swatch = this.together ? [] : [swatchOf(k)];
      const label = document.createElement("span");
      label.append(...swatch, name);
      filled(rows[k], [label, ...this.page.orders.map((order) => text(found[k][order]))]);
    });
    this.readout.caption.textContent = `at x = ${shown}`;
    this.note.textContent = this.breaksAt(x).join(" ");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const words = names.map((name, k) => `${name}: ${this.page.orders.map((o) => `${["value", "slope"][o]} ${text(found[k][o])}`).join(", ")}`);
      this.status.textContent = `x = ${shown}. ${words.join(". ")}. ${this.note.textContent}`;
    }, REST);
  }

  // What there is to say where a value or a slope jumps.
  breaksAt(x) {
    const known = this.panels.flatMap(({ lines, traced }) => lines.map((line, k) => ({ ...line, breaks: traced[k].breaks })));
    return known.flatMap(({ i, order, breaks }) =>
      breaks
        .filter((one) => one.x === x)
        .map(({ left, right }) => {
          const what = `${["The value", "The slope"][order]} of ${this.page.functions[i].spec}`;
          const side = (limit, from) => (Number.isNaN(limit) ? `no limit from the ${from}` : `${text(limit)} from the ${from}`);
          return `${what} at ${text(x)}: ${side(left, "left")}, ${side(right, "right")}.`;
        }),
    );
  }

  point({ window: box, scale, lines, point, tangents }) {
    point.replaceChildren();
    tangents.replaceChildren();
    if (!(this.x >= box.low && this.x <= box.high)) return;
    const place = scale.across(this.x);
    element("line", { class: "cross", x1: place, x2: place, y1: MARGIN.top, y2: MARGIN.top + box.height }, point);
    for (const { i, order, style } of lines) {
      const [value, slope] = this.at(i, this.x);
      const y = [value, slope][order];
      if (!inside(box, this.x, y)) continue;
      if (order === 0 && Number.isFinite(slope)) {
        const steep = scale.steepness(slope);
        const half = 60 / Math.hypot(1, steep);
        const ends = { x1: place - half, x2: place + half, y1: scale.up(y) + half * steep, y2: scale.up(y) - half * steep };
        element("line", { class: `tangent s${style}`, ...ends }, tangents);
      }
      element("circle", { class: `dot s${style}`, cx: place, cy: scale.up(y), r: 5 }, point);
    }
  }

  // The curves as a table, for those who read rather than look.
  list() {
    if (!this.values.open) return;
    const [low, high] = this.view.span;
    const places = [...new Set([...ticks(low, high, 20), ...this.page.marks])].sort((a, b) => a - b);
    const table = this.values.querySelector("table");
    const head = document.createElement("tr");
    const names = this.view.functions.map((i) => this.page.functions[i].spec);
    const columns = names.flatMap((name) => this.page.orders.map((order) => `${name}${"′".repeat(order)}`));
    for (const name of ["x", ...columns]) {
      const cell = head.appendChild(document.createElement("th"));
      cell.scope = "col";
      cell.textContent = name;
    }
    table.tHead.replaceChildren(head);
    table.tBodies[0].replaceChildren(
      ...places.map((x) => {
        const found = this.view.functions.flatMap((i) => this.page.orders.map((order) => text(this.at(i, x)[order])));
        return filled(document.createElement("tr"), [text(x), ...found]);
      }),
    );
  }

  // A panel of the gallery.
  small(link) {
    const { i } = link.dataset;
    const { span, limits } = this.page.small;
    const svg = link.querySelector("svg");
    const { width, height } = svg.viewBox.baseVal;
    const box = { low: span[0], high: span[1], bottom: limits[0], top: limits[1], width, height };
    const scale = scales(box, { left: 0, top: 0 });
    element("line", { class: "zero", x1: 0, x2: width, y1: scale.up(0), y2: scale.up(0) }, svg);
    element("line", { class: "zero", x1: scale.across(0), x2: scale.across(0), y1: 0, y2: height }, svg);
    for (const order of [...this.page.orders].reverse()) {
      const traced = trace(this.along(Number(i), order), box, SMALL_STEPS);
      const style = this.page.orders.indexOf(order);
      drawLine(svg, traced.pieces, style, scale);
      if (order === 0) drawDots(svg, traced.dots, style, scale, 2);
    }
  }
}

function inside({ low, high, bottom, top }, x, y) {
  return x >= low && x <= high && y >= bottom && y <= top;
}

// Places for a name beside a point of a line that rises or falls: where it lies on neither side of the line.
function around(x, y, slope) {
  const [above, below] = [y - 6, y + 16];
  const after = { x: x + 7, "text-anchor": "start" };
  const before = { x: x - 7, "text-anchor": "end" };
  if (slope > 0) return [{ ...before, y: above }, { ...after, y: below }];
  if (slope < 0) return [{ ...before, y: below }, { ...after, y: above }];
  return [{ ...after, y: above }, { ...after, y: below }, { ...before, y: above }, { ...before, y: below }];
}

// A name where it covers the fewest points of what is drawn.
function nameAt(svg, words, spots, drawn, width) {
  const wide = 7.5 * words.length;
  const cost = (spot) => {
    const from = spot["text-anchor"] === "end" ? spot.x - wide : spot.x;
    if (from < MARGIN.left || from + wide > width) return Infinity;
    return drawn.filter(([x, y]) => x > from - 4 && x < from + wide + 4 && y > spot.y - 15 && y < spot.y + 5).length;
  };
  const costs = spots.map(cost);
  const best = costs.indexOf(Math.min(...costs));
  if (best >= 0 && costs[best] < Infinity) element("text", { class: "name", ...spots[best] }, svg, words);
}

// Browsers without a font for mathematics leave the brace of cases as small as a letter.
function stretchBraces() {
  for (const brace of document.querySelectorAll("math mrow > mo:first-child")) {
    const cases = brace.nextElementSibling;
    if (cases?.localName !== "mtable") continue;
    const [small, large] = [brace, cases].map((one) => one.getBoundingClientRect());
    if (small.height === 0 || small.height > 0.8 * large.height) continue;
    const move = (large.top + large.bottom - small.top - small.bottom) / 2;
    brace.style.transform = `translateY(${move}px) scaleY(${large.height / small.height})`;
  }
}

function straight({ slope, level }) {
  if (!slope) return text(level, 4);
  const lead = Math.abs(slope) === 1 ? `${slope < 0 ? "−" : ""}x` : `${text(slope, 4)}x`;
  return level ? `${lead} ${level > 0 ? "+" : "−"} ${text(Math.abs(level), 4)}` : lead;
}

function swatchOf(style) {
  const swatch = element("svg", { class: "swatch", width: 36, height: 10, "aria-hidden": "true" });
  element("line", { class: `line s${style}`, x1: 1, x2: 35, y1: 5, y2: 5 }, swatch);
  return swatch;
}
