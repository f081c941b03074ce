// Where the time and the bytes go: the paper's categories, the kinds of op, the modules.

// What a bar of times is called; two of the same name are told apart by their device.
const timeName = (latency) => {
  const named = ({backend, predicted}) => `Time, ${predicted ? "predicted" : backend}`;
  const alike = page.latencies.filter((each) => named(each) === named(latency));
  return alike.length > 1 ? `${named(latency)} ${1 + alike.indexOf(latency)}, ${latency.device}` : named(latency);
};

// One bar each for multiply–adds, memory access and every time, split into categories.
const figure2Bars = () => {
  const bars = [
    ["FLOPs", ops, (op) => op.category, (op) => op.macs],
    ["Memory, op by op", ops, (op) => op.category, (op) => op.bytes],
    ["Memory, fused", ops, (op) => op.category, (op) => op.bytes_fused],
    ...page.latencies.map((latency) => [
      timeName(latency), latency.kernels,
      (kernel) => page.categories[kernel.kind], (kernel) => kernel.seconds,
    ]),
  ];
  return bars.flatMap(([bar, items, category, amount]) => {
    const whole = total(items, amount) || 1;
    return CATEGORIES.map((name) => {
      const part = total(items.filter((item) => category(item) === name), amount);
      return {bar, category: name, share: part / whole};
    });
  });
};

const drawFigure2 = () => {
  const box = document.getElementById("figure2");
  const bars = figure2Bars();
  const names = [...new Set(bars.map((each) => each.bar))];
  const said = names.map((bar) => `${bar}: ${bars.filter((each) => each.bar === bar && each.share)
    .map((each) => `${each.category} ${percent(each.share)}`).join(", ")}`).join(". ");
  const roomy = widthOf(box) < 560 ? 0.14 : 0.06;
  const written = (each) => (each.share > roomy ? `${(100 * each.share).toFixed(0)}%` : "");
  draw(box, said, {
    marginLeft: 10 + 6.2 * Math.max(17, ...names.map((name) => Math.min(name.length, 32))),
    marginRight: 12, marginTop: 8, height: 40 + 38 * names.length,
    x: {label: null, percent: true, domain: [0, 100]},
    y: {label: null, domain: names, tickSize: 0},
    color: {domain: CATEGORIES, range: CATEGORIES.map(colourOf), legend: true},
    marks: [
      Plot.barX(bars, Plot.stackX({
        order: CATEGORIES, y: "bar", x: "share", fill: "category", insetRight: 1, tip: true,
        title: (each) => `${each.bar}\n${each.category}: ${percent(each.share)}`,
      })),
      Plot.textX(bars, Plot.stackX({
        order: CATEGORIES, y: "bar", x: "share", z: "category", text: written, fill: "var(--on-colour)",
      })),
    ],
  });
};

const drawKinds = (name) => {
  const box = document.getElementById("kinds");
  const kinds = [...new Set(ops.map((op) => op.kind))]
    .map((kind) => ({kind, mine: ops.filter((op) => op.kind === kind)}))
    .map(({kind, mine}) => ({
      kind, count: mine.length, amount: total(mine, amounts[name]), colour: colourOf(mine[0].category),
    }))
    .filter((each) => each.amount > 0)
    .sort((a, b) => b.amount - a.amount);
  const whole = total(kinds, (each) => each.amount) || 1;
  const text = (each) => `${worded[name](each.amount)}, ${percent(each.amount / whole)}`;
  draw(box, kinds.map((each) => `${each.kind}: ${text(each)}`).join(". ") || "nothing to show", {
    marginLeft: 116, marginRight: 130, marginTop: 0, marginBottom: 0,
    height: 28 * Math.max(kinds.length, 1),
    x: {axis: null}, y: {label: null, domain: kinds.map((each) => each.kind), tickSize: 0},
    marks: [
      Plot.barX(kinds, {y: "kind", x: "amount", fill: (each) => each.colour, insetTop: 3, insetBottom: 3}),
      Plot.textX(kinds, {y: "kind", x: "amount", text, textAnchor: "start", dx: 6}),
    ],
  });
};

const drawCharts = () => {
  const name = chosen("amount");
  drawFigure2();
  drawKinds(name);
  drawTreemap(name);
};

const watchCharts = () => {
  document.getElementById("amount").addEventListener("change", drawCharts);
  document.getElementById("fusion").addEventListener("change", drawCharts);
  drawCharts();
};
