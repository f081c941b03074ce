// The graph as SVG: frames around the parts that are open, edges, and nodes.

import {d3} from "../shared/libraries.js";
import {endOf} from "../shared/text.js";
import {codesOf} from "./data.js";
import {NODE} from "./layout.js";

const HEADROOM = 18;  // pixels that the name of a frame needs above it
const LETTERS = 30;  // that fit into a node

const translate = ({x, y, width, height}) => `translate(${x - width / 2},${y - height / 2})`;

// What nodes and frames have in common: each is a button at its place.
const buttons = (group, graph, {act, pressed}) => group
  .attr("transform", ({id}) => translate(graph.node(id)))
  .attr("role", "button")
  .on("click", (_, item) => act(item)).on("keydown", pressed);

// How far a frame reaches above what dagre laid out: a line of text for each frame in it.
const headroomAbove = (frames) => {
  const depth = ({part}) => part.path.split(".").length;
  return (outer) => {
    const inside = frames.filter(({part}) => `${part.path}.`.startsWith(`${outer.part.path}.`));
    return HEADROOM * Math.max(...inside.map((inner) => depth(inner) - depth(outer) + 1));
  };
};

export const drawFrames = (svg, graph, frames, actions) => {
  const headroom = headroomAbove(frames);
  const outerFirst = [...frames].sort((a, b) => a.part.path.length - b.part.path.length);
  const frame = svg.append("g").selectAll("g").data(outerFirst).join("g").attr("class", "frame");
  buttons(frame, graph, actions).attr("tabindex", 0).attr("aria-expanded", true)
    .attr("aria-label", ({title}) => `Close ${title}`).attr("data-id", ({id}) => id);
  frame.append("rect").attr("width", ({id}) => graph.node(id).width).attr("rx", 8)
    .attr("y", (each) => -headroom(each)).attr("height", (each) => graph.node(each.id).height + headroom(each));
  frame.append("text").attr("x", 10).attr("y", (each) => 14 - headroom(each)).text(({title}) => `− ${title}`);
};

// The head that each edge has.
export const defineArrow = (svg) => {
  svg.append("defs").append("marker").attr("id", "arrow").attr("viewBox", "0 0 8 8")
    .attr("refX", 7).attr("refY", 4).attr("markerWidth", 7).attr("markerHeight", 7).attr("orient", "auto")
    .append("path").attr("d", "M0,1 L7,4 L0,7 z");
};

export const drawEdges = (svg, graph) => {
  const line = d3.line(({x}) => x, ({y}) => y).curve(d3.curveBasis);
  svg.append("g").selectAll("path").data(graph.edges()).join("path").attr("class", "edge")
    .attr("marker-end", "url(#arrow)").attr("d", (edge) => line(graph.edge(edge).points));
};

const nodeClass = ({part, op}) => {
  if (part) return "node closed";
  return op ? "node single" : "node input";
};

// `heat` gives how strongly a node is coloured, and with what.
export const drawNodes = (svg, graph, nodes, {audit, heat, ...actions}) => {
  const codes = new Map(nodes.map((node) => [node, codesOf(audit, node.ops)]));
  const spoken = (each) =>
    [each.title, each.under, ...codes.get(each).map((code) => `finding of ${code}`)].join(", ");
  const node = svg.append("g").selectAll("g").data(nodes).join("g").attr("class", nodeClass);
  buttons(node, graph, actions).attr("tabindex", (_, index) => (index ? -1 : 0))
    .attr("aria-label", spoken)
    .attr("aria-expanded", ({part}) => (part ? false : null))
    .attr("data-id", ({id}) => id).attr("data-op-at", ({op}) => op?.index ?? null);
  node.append("title").text(({title, under}) => `${title}\n${under}`);
  node.append("rect").attr("width", NODE.width).attr("height", NODE.height).attr("rx", 6)
    .style("--heat", (each) => heat(each)[0].toFixed(3)).style("--tint", (each) => heat(each)[1]);
  node.append("text").attr("x", 9).attr("y", 17).text(({part, title}) => (part ? "+ " : "") + endOf(title, LETTERS));
  node.append("text").attr("x", 9).attr("y", 32).attr("class", "under").text(({under}) => under);
  node.append("text").attr("x", NODE.width - 8).attr("y", 32).attr("class", "codes")
    .text((each) => codes.get(each).join(" "));
};
