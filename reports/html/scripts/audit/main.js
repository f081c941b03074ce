// The page of an audit: everything in order, with a breath between the sections.

import {embeddedData, markReady, onNewWidth} from "../shared/page.js";
import {chosen, isFused, onChange} from "../shared/switches.js";
import {amountsOf} from "./amounts.js";
import {auditOf} from "./data.js";
import {drawFigure2} from "./figure2.js";
import {FindingCards} from "./findings.js";
import {Graph} from "./graph.js";
import {drawIntensity} from "./intensity.js";
import {drawKinds} from "./kinds.js";
import {OpPanel} from "./op_panel.js";
import {drawRoofline} from "./roofline.js";
import {showModules, showOps} from "./tables.js";
import {Treemap} from "./treemap.js";

const audit = auditOf(embeddedData());
const cards = new FindingCards();
const panel = new OpPanel(audit, (finding) => cards.show(finding));
const treemap = new Treemap(audit, (op) => panel.choose(op));

const drawCharts = () => {
  const name = chosen("amount");
  const amount = amountsOf(isFused())[name];
  drawFigure2(audit);
  drawKinds(audit.ops, name, amount);
  treemap.draw(name, amount);
};

const drawIntensities = () => {
  const draw = audit.timed ? drawRoofline : drawIntensity;
  draw(audit, amountsOf(isFused()).bytes);
};

const showCharts = () => {
  onChange(["amount", "fusion"], drawCharts);
  drawCharts();
};

const showIntensities = () => {
  onChange(["latency", "fusion"], drawIntensities);
  drawIntensities();
};

const showGraph = () => {
  const graph = new Graph(audit, panel);
  panel.leadTo("graph", (op) => graph.show(op));
  graph.start();
};

const SECTIONS = [
  () => cards.start(), showCharts, showIntensities, showGraph,
  () => showOps(audit, panel), () => showModules(audit),
];

// The browser shows what is there and answers before the next section is drawn.
const breath = () => new Promise((go) => { setTimeout(go); });

const start = async () => {
  for (const show of SECTIONS) {
    show();
    await breath();
  }
  onNewWidth(() => {
    drawCharts();
    drawIntensities();
  });
  markReady();
};

start();
