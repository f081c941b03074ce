// The ops that differ in a block, below the row of the block that is opened.

import {element} from "../shared/elements.js";
import {human} from "../shared/numbers.js";
import {isFused} from "../shared/switches.js";
import {kindText} from "../shared/text.js";
import {bothTexts, eitherText} from "./data.js";

// Where an op of the page's data has what.
const [MODULE, CLASS, KIND, SHAPES, MACS, BYTES, BYTES_FUSED] = [0, 1, 2, 3, 4, 5, 6];
const WORDS = ["Fate", "Kind", "Module", "Class", "Shapes"];
const NUMBERS = ["FLOPs", "Memory"];

const opRow = ([fate, first, second]) => {
  const moved = isFused() ? BYTES_FUSED : BYTES;
  const words = [
    (op) => kindText(op[KIND]), (op) => op[MODULE] || "the model itself", (op) => op[CLASS], (op) => op[SHAPES],
  ];
  const numbers = [(op) => human(op[MACS]), (op) => human(op[moved], "B")];
  return element("tr", {},
    element("td", {}, element("span", {class: `chip fate ${fate}`}, fate)),
    ...words.map((text) => element("td", {}, eitherText(first, second, text))),
    ...numbers.map((text) => element("td", {class: "number"}, bothTexts(first, second, text))));
};

const opTable = (ops) => {
  const heading = (style) => (title) => element("th", {scope: "col", class: style}, title);
  const headings = [...WORDS.map(heading("words")), ...NUMBERS.map(heading("number"))];
  return element("table", {}, element("thead", {}, element("tr", {}, ...headings)),
    element("tbody", {}, ...ops.map(opRow)));
};

const opsRow = (ops, columns) => element("tr", {class: "inside"},
  element("td", {colspan: columns}, ops.length ? opTable(ops) : "the same ops, in other numbers"));

const turn = (button, {changes}) => {
  const row = button.closest("tr");
  const isOpen = button.getAttribute("aria-expanded") === "true";
  if (isOpen) row.nextElementSibling.remove();
  else {
    const {blocks} = changes[Number(row.closest(".blocks").dataset.change)];
    row.after(opsRow(blocks[Number(row.dataset.block)].ops, row.children.length));
  }
  button.setAttribute("aria-expanded", String(!isOpen));
};

export const watchBlocks = (comparison) => {
  for (const button of document.querySelectorAll("button.opens")) {
    button.addEventListener("click", () => turn(button, comparison));
  }
};

// Fills those that are open anew, for their memory depends on the switch at the top.
export const redrawOpenBlocks = (comparison) => {
  for (const button of document.querySelectorAll("button.opens[aria-expanded=true]")) {
    turn(button, comparison);
    turn(button, comparison);
  }
};
