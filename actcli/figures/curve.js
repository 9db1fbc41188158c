// Lines, dots, breaks and asymptotes of a function of one number, and the formatting of numbers.

// The number of equal steps that a line starts with, of halvings where it bends, and of halvings towards a break.
const STEPS = 800;
const BENDS = 9;
const HALVINGS = 44;
// The largest ratio of a window's height to that of its curves, and of its limits to those of x and the initial ones.
const [MOST_ROOM, MOST_GROWTH] = [4, 10];
// The most breaks of a function; further breaks are drawn as steep lines.
const MOST_BREAKS = 400;

/**
 * The lines, breaks and dots of a function between two bounds.
 * f: from number to number, nan where undefined. window: {low, high, bottom, top, width, height}, the last two in
 * pixels. Returns pieces, lists of [x, y] without a break; breaks, {x, left, here, right} in ascending order; and dots,
 * {x, y, filled}.
 */
export function trace(f, window, steps = STEPS) {
  const grid = Array.from({ length: steps + 1 }, (_, k) => window.low + ((window.high - window.low) * k) / steps);
  const points = grid.map((x) => [x, f(x)]);
  const breaks = breaksOf(f, points, window);
  const pieces = [];
  const bounds = [{ x: window.low, right: f(window.low) }, ...breaks, { x: window.high, left: f(window.high) }];
  let next = 0;
  for (let k = 1; k < bounds.length; k += 1) {
    const [from, to] = [bounds[k - 1], bounds[k]];
    while (next < points.length && points[next][0] <= from.x) next += 1;
    const inside = [];
    for (; next < points.length && points[next][0] < to.x; next += 1) inside.push(points[next]);
    const ends = [edge(f, from.x, from.right, to.x), edge(f, to.x, to.left, from.x)];
    const line = [ends[0], ...inside, ends[1]].filter(([, y]) => !Number.isNaN(y));
    if (line.length > 1 && from.x < to.x) pieces.push(bent(f, line, window));
  }
  return { pieces, breaks, dots: breaks.flatMap((one) => dotsAt(one, window)) };
}

/**
 * The limits [bottom, top] of y for curves that have changed: the initial ones, wider if a curve leaves them, up to a
 * bound that keeps the other curves visible, and narrower if all curves would look flat.
 */
export function follow(curves, [low, high], [bottom, top]) {
  const grid = Array.from({ length: 201 }, (_, k) => low + ((high - low) * k) / 200);
  const ranges = curves.flatMap((f) => {
    const levels = grid.map(f).filter(Number.isFinite).sort((a, b) => a - b);
    const [least, most] = [0.04, 0.96].map((share) => levels[Math.round(share * (levels.length - 1))]);
    return levels.length ? [[least, most]] : [];
  });
  if (!ranges.length) return [bottom, top];
  const [least, most] = [Math.min(...ranges.map(([y]) => y)), Math.max(...ranges.map(([, y]) => y))];
  const [middle, part] = [(least + most) / 2, (MOST_ROOM * (most - least)) / (top - bottom)];
  if (part > 0 && part < 1) return [bottom, top].map((y) => middle + part * (y - middle));
  const [room, farthest] = [0.1 * (most - least), MOST_GROWTH * Math.max(-low, high, -bottom, top)];
  return [Math.max(Math.min(bottom, least - room), -farthest), Math.min(Math.max(top, most + room), farthest)];
}

// The end of a piece: the one-sided limit, or at a pole a point so near that the line leaves the window.
function edge(f, x, limit, other) {
  if (Number.isFinite(limit)) return [x, limit];
  const beside = x + (other - x) * 2 ** -30;
  return [beside, f(beside)];
}

// The line with points added until chords are within a fraction of a pixel of the function.
function bent(f, line, { low, high, bottom, top, width, height }) {
  const [across, up] = [width / (high - low), height / (top - bottom)];
  const seen = (y) => Math.min(Math.max(y, bottom - (top - bottom)), top + (top - bottom)) * up;
  const found = [line[0]];
  const add = (a, b, depth) => {
    const x = (a[0] + b[0]) / 2;
    const middle = [x, f(x)];
    const [below, here, above] = [seen(a[1]), seen(middle[1]), seen(b[1])];
    const off = (Math.abs(here - (below + above) / 2) * across) / Math.hypot(across, (above - below) / (b[0] - a[0]));
    if (depth > 0 && off > 0.2 && x > a[0] && x < b[0]) {
      add(a, middle, depth - 1);
      add(middle, b, depth - 1);
    } else {
      found.push(b);
    }
  };
  for (let k = 1; k < line.length; k += 1) add(line[k - 1], line[k], BENDS);
  return found;
}

// The breaks of a line: jumps, poles, holes and the ends of intervals on which the function is defined.
function breaksOf(f, points, { low, high, bottom, top }) {
  const height = top - bottom;
  const [least, width] = [height / 1000, (high - low) * 2 ** -HALVINGS];
  const seen = (x, y = f(x)) => ({
    x,
    y: Number.isNaN(y) ? y : Math.min(Math.max(y, bottom - height), top + height),
  });
  const found = [];
  const near = 1e-9 * (high - low);
  const isKnown = (x) => found.length === MOST_BREAKS || found.some((one) => Math.abs(one.x - x) < near);
  const search = (a, b) => {
    let [left, right] = [a, b];
    while (gap(left.y, right.y) > least) {
      const middle = seen((left.x + right.x) / 2);
      if (right.x - left.x <= width || !(middle.x > left.x && middle.x < right.x)) {
        const x = shortest(left.x, right.x);
        if (isKnown(x)) return;
        found.push(at(f, x, high - low, height));
        search(a, left);
        search(right, b);
        return;
      }
      if (gap(left.y, middle.y) >= gap(middle.y, right.y)) right = middle;
      else left = middle;
    }
  };
  const shown = points.map(([x, y]) => seen(x, y));
  for (let k = 1; k < shown.length; k += 1) {
    search(shown[k - 1], shown[k]);
    const pole = k + 1 < shown.length && peak(f, points.slice(k - 1, k + 2), height);
    if (pole && !isKnown(pole.x)) found.push(pole);
  }
  const inside = found.filter((one) => one.x >= low && one.x <= high && isBreak(one, least));
  return inside.sort((a, b) => a.x - b.x);
}

// The distance of two values, infinite between a number and nan.
function gap(a, b) {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) === Number.isNaN(b) ? 0 : Infinity;
  return a === b ? 0 : Math.abs(a - b);
}

// A pole without a change of sign: a point between three points with values that grow without bound on both sides.
function peak(f, [[a, before], [, here], [b, after]], height) {
  const size = Math.abs(here);
  const isHighest = size > height && size >= Math.abs(before) && size >= Math.abs(after);
  if (!isHighest || !(before * here > 0 && here * after > 0)) return null;
  let [left, right] = [a, b];
  for (let k = 0; k < 90; k += 1) {
    const [first, second] = [left + (right - left) / 3, right - (right - left) / 3];
    if (Math.abs(f(first)) < Math.abs(f(second))) left = first;
    else right = second;
  }
  const margin = (b - a) * 2 ** -HALVINGS;
  const place = at(f, shortest(left - margin, right + margin), b - a, height);
  return [place.left, place.right].every((limit) => Math.abs(limit) === Infinity) ? place : null;
}

// A point, its value, and its one-sided limits.
function at(f, x, span, height) {
  return { x, left: side(f, x, -span, height), here: f(x), right: side(f, x, span, height) };
}

// The one-sided limit at x: infinite if values grow without bound, nan if they are undefined or oscillate.
function side(f, x, span, height) {
  const values = [12, 20, 28, 36].map((k) => f(x + span * 2 ** -k));
  if (values.some(Number.isNaN)) return NaN;
  const steps = [1, 2, 3].map((k) => Math.abs(values[k]) - Math.abs(values[k - 1]));
  const grows = steps.every((step, k) => step > height / 1000 && (k === 0 || step > 0.5 * steps[k - 1]));
  if (grows || !Number.isFinite(values[3])) {
    const sign = Math.sign(values[3]);
    return values.every((value) => Math.sign(value) === sign) ? sign * Infinity : NaN;
  }
  const settles = [1, 2].every((k) => Math.abs(values[k + 1] - values[k]) < height / (k === 1 ? 10 : 50));
  return settles ? values[3] : NaN;
}

// The number with the fewest digits between two bounds.
function shortest(low, high) {
  if (low <= 0 && high >= 0) return 0;
  const middle = (low + high) / 2;
  for (let digits = 1; digits < 16; digits += 1) {
    const rounded = Number(middle.toPrecision(digits));
    if (rounded >= low && rounded <= high) return rounded;
  }
  return low;
}

// Without limits on both sides the line is only steep, or oscillates, and is not broken.
function isBreak({ left, here, right }, least) {
  if (!Number.isFinite(here)) return true;
  return gap(left, right) > least || (!Number.isNaN(left) && gap(left, here) > least);
}

// The dots at a break: open for limits that differ from the value, filled for the value. At an x of many digits the
// value depends on rounding, so it has no filled dot.
function dotsAt({ x, left, here, right }, { bottom, top }) {
  const near = (a, b) => gap(a, b) <= (top - bottom) / 1000;
  const known = Number(x.toPrecision(9)) === x && Number.isFinite(here);
  const open = [left, right].filter((y) => Number.isFinite(y) && !(known && near(y, here)));
  const sides = open.length === 2 && near(...open) ? open.slice(1) : open;
  const isPole = [left, right].some((y) => Math.abs(y) === Infinity);
  const dots = sides.map((y) => ({ x, y, filled: false }));
  return known && !isPole ? [...dots, { x, y: here, filled: true }] : dots;
}

/** The x of those breaks that are poles. */
export function polesOf(breaks) {
  return breaks.filter(({ left, right }) => [left, right].some((y) => Math.abs(y) === Infinity)).map(({ x }) => x);
}

/** The asymptote of a function towards sign * infinity, {slope, level}, or null. */
export function asymptote(value, slope, sign) {
  const steep = slope(sign * 1e8);
  const inclined = Math.abs(steep) < 1e-7 ? 0 : steep;
  const places = inclined ? [1e6, 1e8] : [1e8, 1e12];
  const [near, far] = places.map((x) => value(sign * x) - inclined * sign * x);
  if (!(Math.abs(far - near) <= 3e-6 * Math.max(1, Math.abs(far)))) return null;
  return { slope: inclined, level: Math.abs(far) < 3e-6 ? 0 : far };
}

/** The intervals, at least 1/20 of the window long, on which |y| of a line is less than `least`. */
export function flats(pieces, least, { low, high }) {
  const found = [];
  for (const piece of pieces) {
    let start = null;
    piece.forEach(([x, y], k) => {
      const flat = Math.abs(y) < least;
      if (flat && start === null) start = x;
      const end = flat ? x : piece[Math.max(k - 1, 0)][0];
      if (start !== null && (!flat || k === piece.length - 1)) {
        if (end - start >= (high - low) / 20) found.push([start, end]);
        start = null;
      }
    });
  }
  return found;
}

/** About `count` round numbers between two bounds. */
export function ticks(low, high, count) {
  const step = roundStep((high - low) / Math.max(count, 1));
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

/** The smallest number of the form 1, 2 or 5 times a power of ten that is at least `least`. */
export function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  const times = [1, 2, 5, 10].find((factor) => factor * power >= least * (1 - 1e-9));
  return Number((times * power).toPrecision(12));
}

/** A number with `digits` significant digits as Python's %g writes it, except for a minus sign instead of a hyphen. */
export function text(value, digits = 6) {
  if (Number.isNaN(value)) return "nan";
  const sign = value < 0 || Object.is(value, -0) ? "−" : "";
  if (!Number.isFinite(value)) return `${sign}∞`;
  if (value === 0) return `${sign}0`;
  const [mantissa, power] = Math.abs(value).toExponential(digits - 1).split("e");
  const exponent = Number(power);
  const trimmed = (number) => (number.includes(".") ? number.replace(/\.?0*$/, "") : number);
  if (exponent < -4 || exponent >= digits) {
    return `${sign}${trimmed(mantissa)}e${exponent < 0 ? "−" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const figures = mantissa.replace(".", "");
  if (exponent < 0) return `${sign}${trimmed(`0.${"0".repeat(-exponent - 1)}${figures}`)}`;
  return `${sign}${trimmed(`${figures.slice(0, exponent + 1)}.${figures.slice(exponent + 1)}`)}`;
}
