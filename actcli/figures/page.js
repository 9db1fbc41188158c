// The page in the browser: the shown functions, the sliders of parameters, and value and slope at the point.

import { follow, roundStep, text, ticks, trace } from "./curve.js";
import { Panel, drawSmall, swatch } from "./panel.js";

// Height of a panel as a fraction of its width, and its limits in pixels: for a single panel, and for stacked ones.
const [ALONE, STACKED] = [[0.56, 240, 470], [0.36, 190, 300]];
// Milliseconds without changes before a screen reader reads the values.
const REST = 400;

const byId = (id) => document.getElementById(id);

function cells(row, contents) {
  row.replaceChildren(
    ...contents.map((content, k) => {
      const cell = document.createElement(k ? "td" : "th");
      if (!k) cell.scope = "row";
      cell.append(content);
      return cell;
    }),
  );
  return row;
}

/** The page: `functions` are {at, domain}, with the code from `actcli code`; `page` is the data from page.py. */
export class Explorer {
  constructor(functions, page) {
    Object.assign(this, { functions, page });
    this.parameters = page.functions.map(({ parameters }) => [...parameters]);
    this.agreed = page.functions.map(() => new Map());
    this.stated = page.functions.map(({ stated }) => new Map(stated.map(([x, ...numbers]) => [x, numbers])));
    [this.figure, this.slider, this.exact, this.values] = ["figure", "x", "x-exact", "values"].map(byId);
    this.slider.addEventListener("input", () => this.move(Number(this.slider.value)));
    this.exact.addEventListener("input", () => {
      if (this.exact.value !== "") this.move(Number(this.exact.value), this.exact);
    });
    this.values.addEventListener("toggle", () => this.list());
    page.functions.forEach((_, i) => this.connect(i));
    if (page.small) {
      window.addEventListener("hashchange", () => this.follow(true));
      for (const link of document.querySelectorAll("nav a")) {
        drawSmall(link.querySelector("svg"), this.linesOf([Number(link.dataset.i)], page.orders), page.small);
      }
      this.follow(false);
    } else {
      this.show(0);
    }
    new ResizeObserver(() => this.figure.clientWidth !== this.width && this.draw()).observe(this.figure);
  }

  // --- parameters

  // Connects the slider and the number input of each parameter; values outside the domain are refused.
  connect(i) {
    const card = byId(`card-${i}`);
    const { spec, parameters } = this.page.functions[i];
    const inputs = parameters.map((_, k) => [byId(`p${i}-${k}`), byId(`p${i}-${k}-exact`)]);
    const write = (k, source) => {
      const value = this.parameters[i][k];
      const [range, number] = inputs[k];
      if (range !== source) range.value = value;
      if (number !== source) number.value = Number.isFinite(value) ? value : "";
      range.setAttribute("aria-valuetext", text(value));
      for (const input of inputs[k]) input.removeAttribute("aria-invalid");
    };
    const take = (values) => {
      this.parameters[i] = values;
      this.agreed[i] = this.slopesAtKinks(i);
      card.querySelector(".facts").hidden = this.moved(i);
      this.draw();
    };
    const set = (k, source) => {
      const value = source.value === "" ? NaN : Number(source.value);
      const values = this.parameters[i].map((old, j) => (j === k ? value : old));
      const broken = this.functions[i].domain.find(([, holds]) => !holds(...values));
      const needed = Number.isNaN(value) ? "a number" : broken?.[0];
      if (needed) {
        source.setAttribute("aria-invalid", "true");
        this.tell(`${spec} needs ${needed}`);
        return;
      }
      take(values);
      write(k, source);
    };
    inputs.forEach((pair, k) => {
      write(k);
      for (const input of pair) {
        input.addEventListener("input", () => set(k, input));
        input.addEventListener("change", () => write(k));
      }
    });
    card.querySelector("button")?.addEventListener("click", () => {
      take([...parameters]);
      inputs.forEach((_, k) => write(k));
    });
  }

  // Whether a parameter of a function differs from its initial value.
  moved(i) {
    return this.page.functions[i].parameters.some((value, k) => value !== this.parameters[i][k]);
  }

  // --- values

  // [value, slope] at x. Kinks and poles have stated numbers as long as all parameters have their initial values; for
  // other parameters, a framework's rules give the slopes at kinks.
  at(i, x) {
    const stated = this.moved(i) ? undefined : this.stated[i].get(x);
    if (stated) return stated;
    const found = this.functions[i].at(x, ...this.parameters[i]);
    return this.agreed[i].has(x) ? [found[0], this.agreed[i].get(x)] : found;
  }

  // The slopes at the visible kinks by a framework's rules, one rule for all kinks or one for each.
  slopesAtKinks(i) {
    const { rules } = this.page.functions[i];
    if (!rules.length || !this.moved(i)) return new Map();
    const { span, limits } = this.view;
    const [bottom, top] = limits.at(-1);
    const box = { low: span[0], high: span[1], bottom, top, width: this.width, height: this.width };
    const { breaks } = trace((x) => this.functions[i].at(x, ...this.parameters[i])[1], box);
    const kinks = breaks.filter(({ left, right }) => Number.isFinite(left) && Number.isFinite(right));
    const ruled = kinks.map(({ x, left, right }, k) => {
      const rule = rules.length === 1 ? rules[0] : rules[k];
      return [x, { left, right, mean: (left + right) / 2 }[rule] ?? Number(rule)];
    });
    return new Map(ruled.filter(([, slope]) => !Number.isNaN(slope)));
  }

  // The value or the slope as a function of x; the slope is nan where the value is nan.
  along(i, order) {
    return (x) => {
      const found = this.at(i, x);
      return Number.isNaN(found[0]) ? NaN : found[order];
    };
  }

  linesOf(group, orders) {
    const lines = orders.flatMap((order) => group.map((i) => ({ i, order, f: this.along(i, order) })));
    return lines.map((line, style) => ({ ...line, style }));
  }

  spec(i) {
    return this.page.functions[i].spec;
  }

  // --- view

  // Shows the function named after the # of the address, or the first.
  follow(asked) {
    const links = [...document.querySelectorAll("nav a")];
    const named = links.find(({ hash }) => hash === location.hash);
    const shown = named ?? links[0];
    this.show(Number(shown.dataset.i));
    for (const link of links) link.removeAttribute("aria-current");
    shown.setAttribute("aria-current", "true");
    if (asked && named) {
      byId("explorer").scrollIntoView({ block: "start" });
      byId(`name-${shown.dataset.i}`).focus({ preventScroll: true });
    }
  }

  show(k) {
    this.view = this.page.views[k];
    const { span, functions } = this.view;
    this.page.functions.forEach((_, i) => {
      byId(`card-${i}`).hidden = !functions.includes(i);
    });
    Object.assign(this.slider, { min: span[0], max: span[1], step: roundStep((span[1] - span[0]) / 250) });
    this.x = this.page.marks[0] ?? span[0] + 0.6 * (span[1] - span[0]);
    this.draw();
    stretchBraces();
  }

  // Draws value and slope of a single function on one set of axes, of several functions in a panel each.
  draw() {
    const { page, view } = this;
    const { functions, span, limits } = view;
    const isAlone = functions.length === 1;
    this.width = this.figure.clientWidth;
    const [share, least, most] = isAlone ? ALONE : STACKED;
    const size = [this.width, Math.min(Math.max(this.width * share, least), most)];
    const [specs, range] = [functions.map((i) => this.spec(i)).join(", "), span.map((x) => text(x)).join(" to ")];
    this.panels = (isAlone ? [page.orders] : page.orders.map((order) => [order])).map((orders, row) => {
      const shown = orders.map((order) => page.words[order]).join(" and ");
      const usual = isAlone ? orders.map((order) => `f${"′".repeat(order)}(x)`).join(", ") : shown;
      const [value, slope] = [0, 1].map((order) => this.along(functions[0], order));
      const lines = this.linesOf(functions, orders);
      const stays = page.fixed || !functions.some((i) => this.moved(i));
      return new Panel({
        lines,
        span,
        limits: stays ? limits[row] : follow(lines.map(({ f }) => f), span, limits[row]),
        size,
        label: `${shown} of ${specs} for x from ${range}`,
        names: { x: page.xlabel, y: page.ylabel ?? usual },
        marks: page.marks,
        clip: `clip-${row}`,
        alone: isAlone && orders[0] === 0 ? { value, slope, saturated: page.saturated } : null,
      });
    });
    this.figure.replaceChildren(...this.panels.map(({ svg }) => svg));
    for (const panel of this.panels) {
      for (const event of ["pointermove", "pointerdown"]) {
        panel.svg.addEventListener(event, ({ clientX }) => this.move(panel.under(clientX)));
      }
    }
    const isShaded = this.panels.some(({ shaded }) => shaded);
    byId("key").textContent = isShaded ? `shaded: slope under ${text(page.saturated)} in size` : "";
    this.move(this.x);
    this.list();
  }

  // --- the point

  move(x, source) {
    this.x = x;
    if (source !== this.exact) this.exact.value = x;
    this.slider.value = x;
    this.slider.setAttribute("aria-valuetext", `x = ${text(x)}`);
    for (const panel of this.panels) {
      panel.mark(x, panel.lines.map(({ i, order }) => [this.at(i, x)[order], order ? NaN : this.at(i, x)[1]]));
    }
    const { orders, words } = this.page;
    const { functions } = this.view;
    const body = byId("readout").tBodies[0];
    while (body.rows.length < functions.length) body.insertRow();
    const said = functions.map((i, k) => {
      const shown = orders.map((order) => text(this.at(i, x)[order]));
      const name = document.createElement("span");
      name.append(...(functions.length > 1 ? [swatch(k)] : []), this.spec(i));
      cells(body.rows[k], [name, ...shown]);
      return `${this.spec(i)}: ${shown.map((number, j) => `${words[orders[j]]} ${number}`).join(", ")}.`;
    });
    byId("readout").caption.textContent = `at x = ${text(x)}`;
    const told = this.breaksAt(x).join(" ");
    this.tell(told, [`x = ${text(x)}.`, ...said, told].join(" ").trim(), REST);
  }

  // Shows a sentence, and after a pause has a screen reader read it, or `aloud` instead.
  tell(shown, aloud = shown, rest = 0) {
    byId("note").textContent = shown;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      byId("status").textContent = aloud;
    }, rest);
  }

  // Sentences with the one-sided limits at x, if a value or a slope is discontinuous there.
  breaksAt(x) {
    const from = (limit, side) => `${Number.isNaN(limit) ? "no limit" : text(limit)} from the ${side}`;
    return this.panels.flatMap(({ lines }) =>
      lines.flatMap(({ i, order, breaks }) => {
        const here = breaks.filter((one) => one.x === x);
        const what = `The ${this.page.words[order]} of ${this.spec(i)} at ${text(x)}`;
        return here.map(({ left, right }) => `${what}: ${from(left, "left")}, ${from(right, "right")}.`);
      }),
    );
  }

  // Writes the curves as a table of values, for readers who do not see the figure.
  list() {
    if (!this.values.open) return;
    const { orders, marks } = this.page;
    const { functions, span } = this.view;
    const places = [...new Set([...ticks(...span, 20), ...marks])].sort((a, b) => a - b);
    const [head, columns] = [document.createElement("tr"), functions.flatMap((i) => orders.map((order) => [i, order]))];
    for (const name of ["x", ...columns.map(([i, order]) => `${this.spec(i)}${"′".repeat(order)}`)]) {
      const cell = head.appendChild(document.createElement("th"));
      cell.scope = "col";
      cell.textContent = name;
    }
    const table = this.values.querySelector("table");
    table.tHead.replaceChildren(head);
    table.tBodies[0].replaceChildren(
      ...places.map((x) => {
        const found = columns.map(([i, order]) => text(this.at(i, x)[order]));
        return cells(document.createElement("tr"), [text(x), ...found]);
      }),
    );
  }
}

// Without a font for mathematics, browsers do not stretch the brace of cases to the height of its lines.
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
