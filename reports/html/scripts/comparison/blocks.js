// Block by block: a chart of all, and the ops that differ in the one that is opened.

const MOST_BLOCKS = 120;
const NAMED_BLOCKS = 32;

const COUNTED = {bytes: "Memory access, op by op", bytes_fused: "Memory access, fused", macs: "Multiply–adds", seconds: "Time"};

const drawBlocks = (box, change, other) => {
  const name = measure();
  const {blocks} = page.changes[change];
  box.previousElementSibling.firstChild.textContent = COUNTED[name];
  box.closest("figure").hidden = blocks.length > MOST_BLOCKS;
  if (blocks.length > MOST_BLOCKS) return;
  const rows = blocks.flatMap(({sides}, at) => sides.map((side, which) => side && ({
    at, which, amount: side[name] ?? 0, model: which ? other : 0,
    title: `${side.name}\n${models[which ? other : 0]}: ${counted(side[name] ?? 0, name)}`,
  }))).filter(Boolean);
  const label = ({sides: [first, second]}) => short((second ?? first).name, 18);
  const said = blocks.map((block) => `${label(block)}: ${block.sides.map((side) => (side ? counted(side[name] ?? 0, name) : "none")).join(" and ")}`);
  const named = blocks.length <= NAMED_BLOCKS && widthOf(box) > 560;
  draw(box, said.join(". "), {
    height: 220, marginLeft: named ? 40 : 8, marginRight: 8, marginTop: 8, marginBottom: named ? 96 : 8,
    x: {axis: null}, y: {axis: null},
    fx: {label: null, domain: blocks.map((_, at) => at), padding: 0.15, tickSize: 0,
      ...(named ? {tickFormat: (at) => label(blocks[at]), tickRotate: -55, fontVariant: "normal"} : {axis: null})},
    marks: [
      Plot.barY(rows, {fx: "at", x: "which", y: "amount", fill: (row) => modelColour(row.model), tip: true, title: "title"}),
      Plot.ruleY([0], {stroke: "var(--line)"}),
    ],
  });
};

const drawAllBlocks = () => {
  for (const section of document.querySelectorAll(".blocks")) {
    const change = Number(section.dataset.change);
    drawBlocks(section.querySelector(".chart"), change, change + 1);
  }
};

const [MODULE, CLASS, KIND, SHAPES, MACS, BYTES, BYTES_FUSED] = [0, 1, 2, 3, 4, 5, 6];

const both = (first, second, text) => {
  const sides = [first, second].map((op) => (op ? text(op) : "–"));
  return sides[0] === sides[1] ? sides[0] : sides.join(" → ");
};

// What is the same in both once, else first one and then the other.
const either = (first, second, text) => [...new Set([first, second].filter(Boolean).map(text))].join("; then ");

const opRow = ([fate, first, second]) => {
  const moved = chosen("fusion") === "fused" ? BYTES_FUSED : BYTES;
  const cells = [
    either(first, second, (op) => op[KIND].replaceAll("_", " ")),
    either(first, second, (op) => op[MODULE] || "the model itself"),
    either(first, second, (op) => op[CLASS]),
    either(first, second, (op) => op[SHAPES]),
  ];
  return element("tr", {},
    element("td", {}, element("span", {class: `chip fate ${fate}`}, fate)),
    ...cells.map((text) => element("td", {}, text)),
    element("td", {class: "number"}, both(first, second, (op) => human(op[MACS]))),
    element("td", {class: "number"}, both(first, second, (op) => human(op[moved], "B"))));
};

const inside = (ops, columns) => {
  const heads = ["Fate", "Kind", "Module", "Class", "Shapes", "FLOPs", "Memory"].map((title, at) =>
    element("th", {scope: "col", class: at > 4 ? "number" : "words"}, title));
  const table = element("table", {}, element("thead", {}, element("tr", {}, ...heads)),
    element("tbody", {}, ...ops.map(opRow)));
  return element("tr", {class: "inside"}, element("td", {colspan: columns}, ops.length ? table : "the same ops, in other numbers"));
};

const open = (button) => {
  const row = button.closest("tr");
  const change = Number(row.closest(".blocks").dataset.change);
  if (button.getAttribute("aria-expanded") === "true") {
    row.nextElementSibling.remove();
    button.setAttribute("aria-expanded", "false");
  } else {
    row.after(inside(page.changes[change].blocks[Number(row.dataset.block)].ops, row.children.length));
    button.setAttribute("aria-expanded", "true");
  }
};

const watchBlocks = () => {
  for (const button of document.querySelectorAll("button.opens")) button.addEventListener("click", () => open(button));
};
