// Charts of several models: each a bar beside the others.

const page = JSON.parse(document.getElementById("data").textContent);
const {models} = page;
const CATEGORIES = ["Conv", "Elemwise", "Data", "Shuffle", "Other"];
const colourOf = (category) => `var(--${category.toLowerCase()})`;
const modelColour = (at) => `var(--model-${at % 5})`;

const chosen = (id) => document.querySelector(`#${id} :checked`).value;
const total = (amounts) => amounts.reduce((sum, each) => sum + (each ?? 0), 0);
const says = {B: (n) => human(n, "B"), s: duration, "": (n) => human(n)};

// The end of a long name says more than its beginning.
const short = (name, most = 17) => (name.length > most ? `…${name.slice(1 - most)}` : name);

// What is counted, as the switches say: bytes are those op by op, or fused.
const measure = () => {
  const amount = chosen("amount");
  if (amount !== "bytes") return amount;
  return chosen("fusion") === "fused" ? "bytes_fused" : "bytes";
};
const counted = (amount, name) => worded[name === "bytes_fused" ? "bytes" : name](amount);

const keyOf = (box, items) => {
  box.replaceChildren(...items.map(([text, colour]) => {
    const mark = element("i");
    mark.style.background = colour;
    return element("span", {}, mark, text);
  }));
};

// The paper's Figure 2, for one measure: a bar for each model, split into categories.
const drawMeasure = (box, {title, unit, parts, texts}, scale) => {
  const wholes = parts.map((each) => (each ? total(each) : null));
  const first = wholes.find((whole) => whole) ?? 1;
  const rows = parts.flatMap((each, model) => (each ?? []).map((amount, at) => ({
    model, amount, category: CATEGORIES[at], own: wholes[model] ? amount / wholes[model] : 0,
    length: amount / (scale === "own" ? wholes[model] || 1 : first),
  })));
  const ends = wholes.map((whole, model) => ({
    model, length: scale === "own" ? 1 : (whole ?? 0) / first,
    text: texts[model],
  }));
  const most = Math.max(...ends.map((end) => end.length), 0.01);
  const room = 0.09 * most * (widthOf(box) < 560 ? 2.6 : 1);
  const said = ends.map((end) => `${models[end.model]}: ${end.text}${rows.filter((row) => row.model === end.model && row.own)
    .map((row) => `, ${row.category} ${percent(row.own)}`).join("")}`);
  draw(box, `${title}. ${said.join(". ")}`, {
    marginLeft: 116, marginRight: 104, marginTop: 0, marginBottom: 0, height: 34 * models.length,
    x: {axis: null, domain: [0, most]},
    y: {label: null, domain: models.map((_, at) => at), tickFormat: (at) => short(models[at]), tickSize: 0},
    marks: [
      Plot.barX(rows, Plot.stackX({
        order: CATEGORIES, y: "model", x: "length", z: "category", fill: (row) => colourOf(row.category), insetRight: 1, insetTop: 3, insetBottom: 3,
        tip: true, title: (row) => `${models[row.model]}\n${row.category}: ${says[unit](row.amount)}, ${percent(row.own)}`,
      })),
      Plot.textX(rows, Plot.stackX({
        order: CATEGORIES, y: "model", x: "length", z: "category", fill: "var(--on-colour)",
        text: (row) => (row.length > room ? `${(100 * row.own).toFixed(0)}%` : ""),
      })),
      Plot.text(ends, {y: "model", x: "length", text: "text", textAnchor: "start", dx: 6}),
    ],
  });
};

const drawFigure2 = () => {
  const figure = document.getElementById("figure2");
  keyOf(document.getElementById("categories"), CATEGORIES.map((each) => [each, colourOf(each)]));
  if (!figure.children.length) {
    for (const {title} of page.measures) figure.append(element("p", {class: "measure"}, title), element("div"));
  }
  const boxes = [...figure.children].filter((child) => child.tagName === "DIV");
  boxes.forEach((box, at) => drawMeasure(box, page.measures[at], chosen("scale")));
};

// Groups of bars, one for each model: `rows` have a group, a model, a length and a text.
const drawGroups = (box, rows, {zero = 0, marks = []} = {}) => {
  const groups = [...new Set(rows.map((row) => row.group))];
  const said = groups.map((group) => `${group}: ${rows.filter((row) => row.group === group)
    .map((row) => `${models[row.model]} ${row.text}`).join(", ")}`).join(". ");
  const used = [...new Set(rows.map((row) => row.model))].sort();
  draw(box, said || "nothing to show", {
    marginLeft: 156, marginRight: 76, marginTop: 0, marginBottom: 0, height: Math.max(groups.length, 1) * (12 + 16 * used.length),
    x: {axis: null, domain: [Math.min(zero, ...rows.map((row) => row.length)), Math.max(zero, ...rows.map((row) => row.length), 0.01)]},
    y: {axis: null, domain: used}, fy: {label: null, domain: groups, axis: "left", padding: 0.2, tickSize: 0},
    marks: [
      ...marks,
      Plot.barX(rows, {fy: "group", y: "model", x1: zero, x2: "length", fill: (row) => modelColour(row.model),
        insetTop: 1, insetBottom: 1, title: (row) => `${models[row.model]}: ${row.text}`}),
      Plot.text(rows, {fy: "group", y: "model", x: (row) => Math.max(row.length, zero), text: "text", textAnchor: "start", dx: 6}),
    ],
  });
};

const drawKinds = () => {
  const name = measure();
  const rows = page.kinds.filter((each) => total(each[name])).sort((a, b) => total(b[name]) - total(a[name]))
    .flatMap((each) => each[name].map((amount, model) => ({
      group: each.kind.replaceAll("_", " "), model, length: amount ?? 0, text: amount === null ? "unavailable" : counted(amount, name),
    })));
  drawGroups(document.getElementById("kinds"), rows);
};

const drawRatios = () => {
  const rows = page.totals.flatMap(({title, ratios, texts}) => ratios.map((ratio, at) => ({
    group: title, model: at + 1, length: ratio ?? 1, text: texts[at],
  })));
  drawGroups(document.getElementById("ratios"), rows, {zero: 1, marks: [Plot.ruleX([1], {stroke: "var(--quiet)"})]});
};
