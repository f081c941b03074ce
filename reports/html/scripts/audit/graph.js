// The graph: dagre lays out what is open, and nothing else.

const canvas = document.getElementById("canvas");
const NODE = {width: 208, height: 40};
const HEAD = 18;  // what the name of a frame needs above it
const LETTERS = 30;
const STEP = 1.25;
let zoom = 1;
let shown = null;

const short = (text) => (text.length <= LETTERS ? text : `…${text.slice(1 - LETTERS)}`);

const laidOut = ({nodes, frames, edges}) => {
  const graph = new lib.dagre.graphlib.Graph({compound: true});
  graph.setGraph({nodesep: 18, ranksep: 30, marginx: 12, marginy: 24});
  graph.setDefaultEdgeLabel(() => ({}));
  for (const frame of frames) graph.setNode(frame.id, {});
  for (const node of nodes) graph.setNode(node.id, {...NODE});
  for (const each of [...frames, ...nodes]) if (each.frame) graph.setParent(each.id, each.frame);
  for (const [from, to] of edges) graph.setEdge(from, to);
  lib.dagre.layout(graph);
  return graph;
};

const colouring = () => document.getElementById("colour").value;
const foundIn = (node) => [...new Set(node.ops.flatMap((op) => op.findings))];
const codesOf = (node) => {
  const found = new Set(foundIn(node).map((number) => page.findings[number].code));
  return page.codes.filter((code) => found.has(code));
};

const mainCategory = (node) => CATEGORIES
  .map((name) => [name, total(node.ops.filter((op) => op.category === name), bytesOf)])
  .sort((a, b) => b[1] - a[1])[0][0];

// How strongly a node is coloured, from 0 to 1, and with what.
const paint = (nodes) => {
  const way = colouring();
  if (way === "category") return (node) => [node.ops.length ? 0.75 : 0, colourOf(mainCategory(node))];
  if (way === "guideline") return (node) => [codesOf(node).length ? 0.75 : 0, "var(--fail)"];
  const amount = way === "time" ? (op) => op.seconds : bytesOf;
  const most = Math.max(...nodes.map((node) => total(node.ops, amount)), 1e-12);
  return (node) => [total(node.ops, amount) / most, "var(--hot)"];
};

const KEYS = {
  cost: () => [["var(--hot)", "the stronger, the more memory access"]],
  time: () => [["var(--hot)", "the stronger, the more time"]],
  category: () => CATEGORIES.map((name) => [colourOf(name), name]),
  guideline: () => [["var(--fail)", "has a finding"]],
};

const drawKey = () => {
  document.getElementById("key").replaceChildren(...KEYS[colouring()]().map(([colour, text]) => {
    const mark = element("i");
    mark.style.background = colour;
    return element("span", {}, mark, text);
  }));
};

const drawGraph = () => {
  shown = visible();
  const graph = laidOut(shown);
  const {width, height} = graph.graph();
  const svg = lib.select(canvas).html("").append("svg").attr("viewBox", [0, 0, width, height])
    .attr("role", "group").attr("aria-label", "Nodes; arrow keys follow the edges");
  svg.append("defs").append("marker").attr("id", "arrow").attr("viewBox", "0 0 8 8")
    .attr("refX", 7).attr("refY", 4).attr("markerWidth", 7).attr("markerHeight", 7).attr("orient", "auto")
    .append("path").attr("d", "M0,1 L7,4 L0,7 z");
  drawFrames(svg, graph);
  const line = lib.line((point) => point.x, (point) => point.y).curve(lib.curveBasis);
  svg.append("g").selectAll("path").data(graph.edges()).join("path").attr("class", "edge")
    .attr("marker-end", "url(#arrow)").attr("d", (edge) => line(graph.edge(edge).points));
  drawNodes(svg, graph);
  drawKey();
  scale();
  mark();
};

const drawFrames = (svg, graph) => {
  const outerFirst = [...shown.frames].sort((a, b) => a.part.path.length - b.part.path.length);
  const frame = svg.append("g").selectAll("g").data(outerFirst).join("g").attr("class", "frame")
    .attr("transform", ({id}) => translate(graph.node(id)))
    .attr("role", "button").attr("tabindex", 0).attr("aria-expanded", true)
    .attr("aria-label", (each) => `Close ${each.title}`).attr("data-id", (each) => each.id)
    .on("click", (_, each) => turn(each.part)).on("keydown", pressed);
  const depth = ({part}) => part.path.split(".").length;
  const inside = (each) => shown.frames.filter(({part}) => `${part.path}.`.startsWith(`${each.part.path}.`));
  const headroom = (each) => HEAD * Math.max(...inside(each).map((inner) => depth(inner) - depth(each) + 1));
  frame.append("rect").attr("width", ({id}) => graph.node(id).width).attr("rx", 8)
    .attr("y", (each) => -headroom(each)).attr("height", (each) => graph.node(each.id).height + headroom(each));
  frame.append("text").attr("x", 10).attr("y", (each) => 14 - headroom(each)).text((each) => `− ${each.title}`);
};

const drawNodes = (svg, graph) => {
  const painted = paint(shown.nodes);
  const node = svg.append("g").selectAll("g").data(shown.nodes).join("g")
    .attr("class", (each) => `node ${each.part ? "closed" : each.op ? "single" : "input"}`)
    .attr("transform", ({id}) => translate(graph.node(id)))
    .attr("role", "button").attr("tabindex", (_, at) => (at ? -1 : 0))
    .attr("aria-label", spoken)
    .attr("aria-expanded", (each) => (each.part ? false : null))
    .attr("data-id", (each) => each.id).attr("data-op-at", (each) => each.op?.at ?? null)
    .on("click", (_, each) => act(each)).on("keydown", pressed);
  node.append("title").text((each) => `${each.title}\n${each.under}`);
  node.append("rect").attr("width", NODE.width).attr("height", NODE.height).attr("rx", 6)
    .style("--heat", (each) => painted(each)[0].toFixed(3)).style("--tint", (each) => painted(each)[1]);
  node.append("text").attr("x", 9).attr("y", 17).text((each) => (each.part ? "+ " : "") + short(each.title));
  node.append("text").attr("x", 9).attr("y", 32).attr("class", "under").text((each) => each.under);
  node.append("text").attr("x", NODE.width - 8).attr("y", 32).attr("class", "codes")
    .text((each) => codesOf(each).join(" "));
};

const spoken = (node) =>
  [node.title, node.under, ...codesOf(node).map((code) => `finding of ${code}`)].join(", ");

const translate = ({x, y, width, height}) => `translate(${x - width / 2},${y - height / 2})`;

const nodeWithId = (id) => canvas.querySelector(`[data-id="${id}"]`);

const act = (node) => (node.part ? turn(node.part) : node.op && choose(node.op));

// Opens a closed part and closes an open one; what was turned keeps its place on the screen.
const turn = (part) => {
  const id = `part-${part.path}`;
  const before = nodeWithId(id)?.getBoundingClientRect().top;
  if (!open.delete(part.path)) open.add(part.path);
  drawGraph();
  const after = nodeWithId(id);
  if (before !== undefined) canvas.scrollTop += after.getBoundingClientRect().top - before;
  after.focus({preventScroll: true});
  say(`${part.name} ${open.has(part.path) ? "opened" : "closed"}`);
};

const pressed = (event, node) => {
  if (event.key === "Enter" || event.key === " ") act(node);
  else if (event.key === "ArrowDown") step(node, ([from, to]) => from === node.id && to);
  else if (event.key === "ArrowUp") step(node, ([from, to]) => to === node.id && from);
  else return;
  event.preventDefault();
};

const step = (node, along) => {
  const next = shown.edges.map(along).find(Boolean);
  if (!next) return;
  nodeWithId(node.id).setAttribute("tabindex", -1);
  nodeWithId(next).setAttribute("tabindex", 0);
  nodeWithId(next).focus();
};

const scale = () => {
  const svg = canvas.firstElementChild;
  const {width, height} = svg.viewBox.baseVal;
  svg.setAttribute("width", width * zoom);
  svg.setAttribute("height", height * zoom);
};

const zoomTo = (wanted) => {
  const middle = (canvas.scrollTop + canvas.clientHeight / 2) / zoom;
  zoom = Math.min(Math.max(wanted, 0.1), 4);
  scale();
  canvas.scrollTop = middle * zoom - canvas.clientHeight / 2;
};

const fit = () => {
  const {width, height} = canvas.firstElementChild.viewBox.baseVal;
  zoomTo(Math.min(canvas.clientWidth / width, canvas.clientHeight / height, 1));
};

places.graph = (op) => {
  for (const part of partsAround(op.at)) open.add(part.path);
  drawGraph();
  choose(op);
  const node = nodeWithId(`op-${op.at}`);
  canvas.scrollIntoView({block: "nearest"});
  node.focus({preventScroll: true});
  node.scrollIntoView({block: "center", inline: "center"});
};

const watchGraph = () => {
  const on = (id, act) => document.getElementById(id).addEventListener("click", act);
  on("zoom-in", () => zoomTo(zoom * STEP));
  on("zoom-out", () => zoomTo(zoom / STEP));
  on("fit", fit);
  on("fold", () => { open.clear(); drawGraph(); });
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoomTo(zoom * (event.deltaY < 0 ? STEP : 1 / STEP));
  }, {passive: false});
  document.getElementById("colour").addEventListener("change", drawGraph);
  document.getElementById("fusion").addEventListener("change", drawGraph);
  drawGraph();
};
