// The page of a comparison: everything in order, and again what depends on the width or on a switch.

import {drawKey} from "../shared/elements.js";
import {embeddedData, markReady, onNewWidth} from "../shared/page.js";
import {chosen, isFused, onChange} from "../shared/switches.js";
import {drawAllBlocks} from "./blocks.js";
import {drawKinds, drawRatios} from "./charts.js";
import {amountName, modelColour} from "./data.js";
import {drawFigure2} from "./figure2.js";
import {redrawOpenBlocks, watchBlocks} from "./ops.js";

const comparison = embeddedData();

const drawAll = () => {
  const name = amountName(chosen("amount"), isFused());
  drawFigure2(comparison, {shares: chosen("scale") === "own"});
  drawKinds(comparison, name);
  drawAllBlocks(comparison, name);
  drawRatios(comparison);
};

// Shows the numbers of tables in the way of counting that the switch asks for.
const showFusion = () => {
  for (const part of document.querySelectorAll("[data-fusion]")) part.hidden = part.dataset.fusion !== chosen("fusion");
  redrawOpenBlocks(comparison);
};

const drawModelKeys = () => {
  for (const box of document.querySelectorAll(".models-key")) {
    const models = box.dataset.models.split(" ");
    drawKey(box, models.map((index) => [comparison.models[index], modelColour(index)]));
  }
};

drawModelKeys();
onChange(["fusion"], showFusion);
onChange(["fusion", "scale", "amount"], drawAll);
watchBlocks(comparison);
showFusion();
drawAll();
onNewWidth(drawAll);
markReady();
