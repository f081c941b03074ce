// Block by block: a chart of all.

import {Plot} from "../shared/libraries.js";
import {drawPlot, isNarrow} from "../shared/plot.js";
import {endOf} from "../shared/text.js";
import {modelColour, sideText} from "./data.js";

const MOST = 120;  // blocks of a chart
const MOST_NAMED = 32;
const LETTERS = 18;  // of a block's name below its bars
const TITLES = {
  bytes: "Memory access, op by op", bytes_fused: "Memory access, fused", macs: "Multiply–adds", seconds: "Time",
};

const labelOf = ({sides: [first, second]}) => endOf((second ?? first).name, LETTERS);

// A row for each block and each of the two models that has it: `pair` are their places among all.
export const blockRows = (blocks, {models, pair}, name) => blocks.flatMap(({sides}, block) =>
  sides.map((side, index) => side && {
    block, side: index, model: pair[index], amount: side[name] ?? 0,
    title: `${side.name}\n${models[pair[index]]}: ${sideText(side, name)}`,
  }).filter(Boolean));

const spoken = (blocks, name) => blocks.map((block) =>
  `${labelOf(block)}: ${block.sides.map((side) => sideText(side, name)).join(" and ")}`).join(". ");

const named = (blocks) => ({
  tickFormat: (index) => labelOf(blocks[index]), tickRotate: -55, fontVariant: "normal",
});

const drawBlocks = (box, blocks, sides, name) => {
  box.previousElementSibling.firstChild.textContent = TITLES[name];
  box.closest("figure").hidden = blocks.length > MOST;
  if (blocks.length > MOST) return;
  const hasNames = blocks.length <= MOST_NAMED && !isNarrow(box);
  drawPlot(box, spoken(blocks, name), {
    height: 220, marginLeft: hasNames ? 40 : 8, marginRight: 8, marginTop: 8, marginBottom: hasNames ? 96 : 8,
    x: {axis: null}, y: {axis: null},
    fx: {label: null, domain: blocks.map((_, index) => index), padding: 0.15, tickSize: 0,
      ...(hasNames ? named(blocks) : {axis: null})},
    marks: [
      Plot.barY(blockRows(blocks, sides, name), {
        fx: "block", x: "side", y: "amount", fill: ({model}) => modelColour(model), tip: true, title: "title",
      }),
      Plot.ruleY([0], {stroke: "var(--line)"}),
    ],
  });
};

export const drawAllBlocks = ({models, changes}, name) => {
  for (const section of document.querySelectorAll(".blocks")) {
    const index = Number(section.dataset.change);
    const sides = {models, pair: [0, index + 1]};
    drawBlocks(section.querySelector(".chart"), changes[index].blocks, sides, name);
  }
};
