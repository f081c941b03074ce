// The graph: blocks open and close with a click or a key, and the arrow keys follow the edges.

import {drawKey} from "../shared/elements.js";
import {d3} from "../shared/libraries.js";
import {announce} from "../shared/page.js";
import {isFused, onChange} from "../shared/switches.js";
import {amountsOf} from "./amounts.js";
import {heatOf, KEYS} from "./colouring.js";
import {defineArrow, drawEdges, drawFrames, drawNodes} from "./drawing.js";
import {layout} from "./layout.js";
import {partsAround, visible} from "./parts.js";
import {Zoom} from "./zoom.js";

export class Graph {
  #audit;
  #panel;
  #canvas = document.getElementById("canvas");
  #zoom = new Zoom(this.#canvas);
  #open = new Set();  // the paths of the parts that are open
  #shown = null;

  constructor(audit, panel) {
    this.#audit = audit;
    this.#panel = panel;
  }

  // Draws the graph, and again whenever a control asks for it.
  start() {
    document.getElementById("fold").addEventListener("click", () => this.#fold());
    onChange(["colour", "fusion"], () => this.#draw());
    this.#draw();
  }

  // Opens the parts around an op, and leads to it.
  show(op) {
    for (const part of partsAround(this.#audit.parts, op.index)) this.#open.add(part.path);
    this.#draw();
    this.#panel.choose(op);
    const node = this.#withId(`op-${op.index}`);
    this.#canvas.scrollIntoView({block: "nearest"});
    node.focus({preventScroll: true});
    node.scrollIntoView({block: "center", inline: "center"});
  }

  #draw() {
    const amounts = amountsOf(isFused());
    this.#shown = visible(this.#audit, this.#open, amounts.bytes);
    const way = document.getElementById("colour").value;
    const graph = layout(this.#shown);
    const {width, height} = graph.graph();
    const svg = d3.select(this.#canvas).html("").append("svg").attr("viewBox", [0, 0, width, height])
      .attr("role", "group").attr("aria-label", "Nodes; arrow keys follow the edges");
    defineArrow(svg);
    drawFrames(svg, graph, this.#shown.frames, this.#actions());
    drawEdges(svg, graph);
    drawNodes(svg, graph, this.#shown.nodes, {
      ...this.#actions(), audit: this.#audit, heat: heatOf(way, this.#shown.nodes, amounts, this.#audit),
    });
    drawKey(document.getElementById("key"), KEYS[way]);
    this.#zoom.apply();
    this.#panel.markChosen();
  }

  #actions() {
    return {act: (node) => this.#act(node), pressed: (event, node) => this.#pressed(event, node)};
  }

  #withId(id) {
    return this.#canvas.querySelector(`[data-id="${id}"]`);
  }

  #act(node) {
    if (node.part) this.#turn(node.part);
    else if (node.op) this.#panel.choose(node.op);
  }

  // Opens a closed part and closes an open one; what was turned keeps its place on the screen.
  #turn(part) {
    const id = `part-${part.path}`;
    const before = this.#withId(id)?.getBoundingClientRect().top;
    if (!this.#open.delete(part.path)) this.#open.add(part.path);
    this.#draw();
    const after = this.#withId(id);
    if (before !== undefined) this.#canvas.scrollTop += after.getBoundingClientRect().top - before;
    after.focus({preventScroll: true});
    announce(`${part.name} ${this.#open.has(part.path) ? "opened" : "closed"}`);
  }

  #fold() {
    this.#open.clear();
    this.#draw();
  }

  #pressed(event, node) {
    const {edges} = this.#shown;
    if (event.key === "Enter" || event.key === " ") this.#act(node);
    else if (event.key === "ArrowDown") this.#step(node.id, edges.find(([from]) => from === node.id)?.[1]);
    else if (event.key === "ArrowUp") this.#step(node.id, edges.find(([, to]) => to === node.id)?.[0]);
    else return;
    event.preventDefault();
  }

  #step(from, to) {
    if (!to) return;
    this.#withId(from).setAttribute("tabindex", -1);
    this.#withId(to).setAttribute("tabindex", 0);
    this.#withId(to).focus();
  }
}
