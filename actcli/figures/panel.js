// A panel of the page: axes, lines with their dots, names of asymptotes and poles, and the movable point.

import { asymptote, flats, polesOf, roundStep, text, ticks, trace } from "./curve.js";

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { left: 56, right: 22, top: 22, bottom: 26 };
// The most dots on one line, as more would hide it, and the most poles with names.
const [MOST_DOTS, MOST_POLES] = [40, 4];
// The number of steps of a line in a small panel, and half the length of a tangent in pixels.
const [SMALL_STEPS, TANGENT] = [200, 60];

function element(name, attributes, parent, words) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (words !== undefined) made.textContent = words;
  parent?.append(made);
  return made;
}

// The maps from x and y to pixels, and from slopes to slopes in pixels.
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

function drawDots(group, dots, style, { across, up }, r) {
  if (dots.length > MOST_DOTS) return;
  for (const { x, y, filled } of dots) {
    element("circle", { class: `dot s${style}${filled ? "" : " open"}`, cx: across(x), cy: up(y), r }, group);
  }
}

/** A sample of a line for a key. */
export function swatch(style) {
  const sample = element("svg", { class: "swatch", width: 36, height: 10, "aria-hidden": "true" });
  element("line", { class: `line s${style}`, x1: 1, x2: 35, y1: 5, y2: 5 }, sample);
  return sample;
}

/** Draws lines and zero lines in an existing svg element. lines: {f, order, style}, the first on top. */
export function drawSmall(svg, lines, { span, limits }) {
  const { width, height } = svg.viewBox.baseVal;
  const box = { low: span[0], high: span[1], bottom: limits[0], top: limits[1], width, height };
  const scale = scales(box, { left: 0, top: 0 });
  element("line", { class: "zero", x1: 0, x2: width, y1: scale.up(0), y2: scale.up(0) }, svg);
  element("line", { class: "zero", x1: scale.across(0), x2: scale.across(0), y1: 0, y2: height }, svg);
  for (const { f, order, style } of [...lines].reverse()) {
    const { pieces, dots } = trace(f, box, SMALL_STEPS);
    drawLine(svg, pieces, style, scale);
    if (order === 0) drawDots(svg, dots, style, scale, 2);
  }
}

/** Axes with lines. */
export class Panel {
  /**
   * lines: {f, order, style} each, f from x to the value (order 0) or slope (order 1), nan where undefined; span,
   * limits: bounds of x and y; size: [width, height] of the panel in pixels; label: its description for screen readers;
   * names: of the axes; marks: the x of dots; clip: the unique id of its clip path; alone: {value, slope, saturated} of
   * a single function whose asymptotes, poles and flat parts are shown, else null.
   */
  constructor({ lines, span, limits, size, label, names, marks, clip, alone }) {
    const [width, height] = size.map((side, k) => side - (k ? MARGIN.top + MARGIN.bottom : MARGIN.left + MARGIN.right));
    this.box = { low: span[0], high: span[1], bottom: limits[0], top: limits[1], width, height };
    this.edges = { left: MARGIN.left, right: MARGIN.left + width, top: MARGIN.top, base: MARGIN.top + height };
    this.scale = scales(this.box, MARGIN);
    this.lines = lines.map((line) => ({ ...line, ...trace(line.f, this.box) }));
    this.svg = element("svg", { width: size[0], height: size[1], role: "img", "aria-label": label });
    element("rect", { x: MARGIN.left, y: MARGIN.top, width, height }, element("clipPath", { id: clip }, this.svg));
    const clipped = () => element("g", { "clip-path": `url(#${clip})` }, this.svg);
    this.shaded = alone ? this.shade(clipped(), alone) : false;
    this.axes(element("g", {}, this.svg), names);
    const dashes = clipped();
    const named = alone ? [...this.asymptotes(dashes, alone), ...this.poles(dashes)] : [];
    const curves = clipped();
    for (const { f, style, pieces, dots } of this.lines) {
      const marked = marks.map((x) => ({ x, y: f(x), filled: true }));
      drawLine(curves, pieces, style, this.scale);
      drawDots(this.svg, [...dots, ...marked].filter(({ x, y }) => this.holds(x, y)), style, this.scale, 4);
    }
    for (const one of named) this.name(one);
    [this.tangents, this.points] = [clipped(), element("g", { class: "point" }, this.svg)];
  }

  holds(x, y) {
    const { low, high, bottom, top } = this.box;
    return x >= low && x <= high && y >= bottom && y <= top;
  }

  axes(group, names) {
    const { box, scale } = this;
    const { left, right, top, base } = this.edges;
    for (const x of ticks(box.low, box.high, box.width / 75)) {
      const place = scale.across(x);
      element("line", { class: x ? "grid" : "zero", x1: place, x2: place, y1: top, y2: base }, group);
      element("text", { x: place, y: base + 17, "text-anchor": "middle" }, group, text(x));
    }
    for (const y of ticks(box.bottom, box.top, box.height / 42)) {
      const place = scale.up(y);
      element("line", { class: y ? "grid" : "zero", x1: left, x2: right, y1: place, y2: place }, group);
      element("text", { x: left - 7, y: place + 4, "text-anchor": "end" }, group, text(y));
    }
    const beside = names.x.length < 3 ? { x: right + 6, y: base + 4 } : { x: right, y: base - 6, "text-anchor": "end" };
    element("text", { class: "name", ...beside }, group, names.x);
    element("text", { class: "name", x: left - 4, y: top - 9 }, group, names.y);
  }

  // Shades the intervals where the slope is nearly 0, and returns whether there are any.
  shade(group, { saturated }) {
    const { pieces } = this.lines.find(({ order }) => order === 1);
    const shaded = flats(pieces, saturated, this.box);
    for (const [from, to] of shaded) {
      const [x, end] = [this.scale.across(from), this.scale.across(to)];
      element("rect", { class: "shade", x, y: this.edges.top, width: end - x, height: this.box.height }, group);
    }
    return shaded.length > 0;
  }

  dashed(group, x1, y1, x2, y2) {
    const { across, up } = this.scale;
    element("line", { class: "asymptote", x1: across(x1), y1: up(y1), x2: across(x2), y2: up(y2) }, group);
  }

  // Draws the asymptotes, each on its half of x; returns their names with the places allowed for them.
  asymptotes(group, { value, slope }) {
    const { low, high } = this.box;
    const [left, right] = [-1, 1].map((sign) => asymptote(value, slope, sign));
    const same = left && right && left.slope === right.slope && text(left.level, 4) === text(right.level, 4);
    const middle = (low + high) / 2;
    const halves = same ? [[right, high, low]] : [[left, low, middle], [right, high, middle]];
    return halves.flatMap(([line, end, start]) => {
      if (!line) return [];
      const level = (x) => line.slope * x + line.level;
      // An asymptote that coincides with the function is left out, unless it is horizontal.
      if (line.slope && [end, (end + start) / 2].every((x) => Math.abs(value(x) - level(x)) < 1e-9)) return [];
      this.dashed(group, start, level(start), end, level(end));
      const places = [0.02, 0.15, 0.4].map((share) => end + share * (start - end));
      const seen = places.filter((x) => this.holds(x, level(x)));
      const spots = seen.flatMap((x) => around(this.scale.across(x), this.scale.up(level(x)), line.slope));
      return [{ words: `y = ${straight(line)}`, spots }];
    });
  }

  poles(group) {
    const { bottom, top } = this.box;
    const found = [...new Set(this.lines.flatMap(({ breaks }) => polesOf(breaks)))];
    for (const x of found) this.dashed(group, x, bottom, x, top);
    if (found.length > MOST_POLES) return [];
    return found.map((x) => {
      const heights = [this.edges.top + 20, this.edges.base - 16];
      return { words: `x = ${text(x, 4)}`, spots: heights.flatMap((y) => around(this.scale.across(x), y, 0)) };
    });
  }

  // Writes a name at the place where it covers the fewest points of the lines.
  name({ words, spots }) {
    const wide = 7.5 * words.length;
    const { across, up } = this.scale;
    const drawn = this.lines.flatMap(({ pieces }) => pieces.flat().map(([x, y]) => [across(x), up(y)]));
    const costs = spots.map((spot) => {
      const from = spot["text-anchor"] === "end" ? spot.x - wide : spot.x;
      if (from < this.edges.left || from + wide > this.edges.right + MARGIN.right) return Infinity;
      const [start, end] = [from - 4, from + wide + 4];
      return drawn.filter(([x, y]) => x > start && x < end && y > spot.y - 15 && y < spot.y + 5).length;
    });
    const best = costs.indexOf(Math.min(...costs));
    if (costs[best] < Infinity) element("text", { class: "name", ...spots[best] }, this.svg, words);
  }

  /** The rounded x at a horizontal position in pixels of the browser window. */
  under(place) {
    const { low, high, width } = this.box;
    const share = (place - this.svg.getBoundingClientRect().left - MARGIN.left) / width;
    const step = roundStep((high - low) / 1000);
    const x = Math.round((low + Math.min(Math.max(share, 0), 1) * (high - low)) / step) * step;
    return Number(x.toPrecision(12));
  }

  /** Marks the lines at x. points: [y, slope] for each line, with the slope nan for no tangent. */
  mark(x, points) {
    this.points.replaceChildren();
    this.tangents.replaceChildren();
    const { across, up, steepness } = this.scale;
    const [place, { top, base }] = [across(x), this.edges];
    if (!(x >= this.box.low && x <= this.box.high)) return;
    element("line", { class: "cross", x1: place, x2: place, y1: top, y2: base }, this.points);
    points.forEach(([y, slope], k) => {
      if (!this.holds(x, y)) return;
      const [{ style }, cy] = [this.lines[k], up(y)];
      if (Number.isFinite(slope)) {
        const steep = steepness(slope);
        const [wide, tall] = [1, steep].map((part) => (part * TANGENT) / Math.hypot(1, steep));
        const ends = { x1: place - wide, x2: place + wide, y1: cy + tall, y2: cy - tall };
        element("line", { class: `tangent s${style}`, ...ends }, this.tangents);
      }
      element("circle", { class: `dot s${style}`, cx: place, cy, r: 5 }, this.points);
    });
  }
}

// Places for a name beside a point of a line: on the sides where a line of this slope would not cross it.
function around(x, y, slope) {
  const [above, below] = [y - 6, y + 16];
  const after = { x: x + 7, "text-anchor": "start" };
  const before = { x: x - 7, "text-anchor": "end" };
  if (slope > 0) return [{ ...before, y: above }, { ...after, y: below }];
  if (slope < 0) return [{ ...before, y: below }, { ...after, y: above }];
  return [{ ...after, y: above }, { ...after, y: below }, { ...before, y: above }, { ...before, y: below }];
}

function straight({ slope, level }) {
  if (!slope) return text(level, 4);
  const lead = Math.abs(slope) === 1 ? `${slope < 0 ? "−" : ""}x` : `${text(slope, 4)}x`;
  return level ? `${lead} ${level > 0 ? "+" : "−"} ${text(Math.abs(level), 4)}` : lead;
}
