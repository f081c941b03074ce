// The selected op: its panel, and the ways from it to the graph, the table and its findings.

const panel = document.getElementById("op");
const places = {};  // "graph" and "table" put here how they show an op
let selected = null;
let cameFrom = null;

const say = (text) => {
  document.getElementById("said").textContent = text;
};

const factsOf = (op) => [
  ["Kind", op.kind],
  ["Module", op.module || "the model itself"],
  ["Class", op.module_class],
  ["Source", op.source || "unknown"],
  ["Reads", op.reads || "nothing"],
  ["Makes", op.makes],
  ["Multiply–adds", human(op.macs)],
  ["Memory access", `${human(op.bytes, "B")} op by op, ${human(op.bytes_fused, "B")} fused`],
  ["Intensity", op.intensity === null ? "unknown" : `${op.intensity.toFixed(2)} multiply–adds per byte`],
  ["Parameters", human(op.params)],
  ...(timed ? [["Time", duration(op.seconds)]] : []),
];

const leadToFinding = (number) =>
  element("button", {type: "button", "data-finding": number, onclick: () => showFinding(number)},
    element("strong", {}, page.findings[number].code), ` ${page.findings[number].message}`);

const choose = (op, {focus = false} = {}) => {
  if (!selected) cameFrom = document.activeElement;
  selected = op;
  panel.hidden = false;
  panel.querySelector("h2").textContent = op.name;
  panel.querySelector("dl").replaceChildren(
    ...factsOf(op).flatMap(([term, fact]) => [element("dt", {}, term), element("dd", {}, fact)]));
  panel.querySelector(".code").hidden = !op.code;
  panel.querySelector(".code code").textContent = op.code;
  panel.querySelector(".of-op").replaceChildren(
    ...op.findings.map((number) => element("li", {}, leadToFinding(number))));
  say(`${op.name} selected`);
  mark();
  if (focus) panel.querySelector(".leads button").focus();
};

const mark = () => {
  for (const each of document.querySelectorAll("[data-op-at]")) {
    each.classList.toggle("selected", selected !== null && Number(each.dataset.opAt) === selected.at);
  }
};

const unchoose = () => {
  panel.hidden = true;
  selected = null;
  mark();
  if (cameFrom?.isConnected) cameFrom.focus({preventScroll: true});
};

panel.querySelector(".close").addEventListener("click", unchoose);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && selected) unchoose();
});
panel.querySelector(".leads").addEventListener("click", (event) => {
  const to = event.target.dataset.to;
  if (to) places[to]?.(selected);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("button.op");
  if (button) choose(ops.find((op) => op.name === button.dataset.op), {focus: true});
});
