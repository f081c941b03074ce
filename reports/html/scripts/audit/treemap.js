// The modules as a treemap that one can go into.

import {colourOf} from "../shared/categories.js";
import {element} from "../shared/elements.js";
import {d3} from "../shared/libraries.js";
import {amountText, percent} from "../shared/numbers.js";
import {widthOf} from "../shared/plot.js";
import {startOf} from "../shared/text.js";
import {mainCategory} from "./amounts.js";
import {boxesOf, moduleTree} from "./modules.js";

const HEIGHT = 360;  // pixels, as all lengths here
const HEADER = 20;
const LETTER = 7;
const NAME_NEEDS = {width: 46, height: 34};

const wide = (box) => box.x1 - box.x0;
const high = (box) => box.y1 - box.y0;
const fitting = (box, text) => startOf(text, Math.floor((wide(box) - 10) / LETTER));

export class Treemap {
  #tree;
  #onOp;
  #within = "";  // the path of the module that is shown
  #name = "bytes";  // of what is counted
  #amount;

  // `onOp` is called with the most costly op of a module that has no modules inside.
  constructor(audit, onOp) {
    this.#tree = moduleTree(audit);
    this.#onOp = onOp;
  }

  // Draws the amount of that name, which `amount` gives of an op.
  draw(name, amount) {
    [this.#name, this.#amount] = [name, amount];
    const box = document.getElementById("treemap");
    const laidOut = this.#laidOut(widthOf(box));
    const share = (each) => percent(each.value / (laidOut.value || 1));
    const text = (each) => `${each.data.name}: ${amountText(name, each.value)}, ${share(each)}`;
    const tile = d3.select(box).html("").append("svg").attr("viewBox", [0, 0, widthOf(box), HEIGHT])
      .attr("role", "group").attr("aria-label", `Modules of ${this.#within || this.#tree.name}`)
      .selectAll("g").data(laidOut.value ? laidOut.children : []).join("g").attr("class", "tile")
      .attr("role", "button").attr("tabindex", 0).attr("aria-label", text)
      .on("click", (_, {data}) => this.#enter(data))
      .on("keydown", (event, {data}) => this.#pressed(event, data));
    tile.append("title").text(text);
    this.#drawGroups(tile.filter((each) => each.children), share);
    this.#drawLeaves(tile.selectAll("g").data((each) => each.leaves()).join("g"), share);
    this.#drawCrumbs();
  }

  #laidOut(width) {
    const tree = d3.hierarchy({children: boxesOf(this.#tree, this.#within, this.#amount)})
      .sum((box) => (box.children ? 0 : box.amount ?? 0)).sort((a, b) => b.value - a.value);
    const headed = (each) => (each.depth === 1 && each.children ? HEADER : 0);
    return d3.treemap().size([width, HEIGHT]).paddingInner(2).paddingTop(headed)(tree);
  }

  #drawGroups(group, share) {
    group.append("rect").attr("class", "group").attr("x", (each) => each.x0).attr("y", (each) => each.y0)
      .attr("width", wide).attr("height", high);
    group.append("text").attr("class", "name").attr("x", (each) => each.x0 + 5).attr("y", (each) => each.y0 + 14)
      .text((each) => fitting(each, `${each.data.name} ${share(each)}`));
  }

  #drawLeaves(leaf, share) {
    leaf.attr("transform", (each) => `translate(${each.x0},${each.y0})`);
    leaf.append("rect").attr("width", wide).attr("height", high)
      .style("fill", (each) => colourOf(mainCategory(each.data.ops, this.#amount)));
    const roomy = leaf.filter((each) => high(each) > NAME_NEEDS.height && wide(each) > NAME_NEEDS.width);
    roomy.append("text").attr("x", 5).attr("y", 15).text((each) => fitting(each, each.data.name));
    roomy.append("text").attr("x", 5).attr("y", 30).attr("class", "share")
      .text((each) => fitting(each, share(each)));
  }

  #drawCrumbs() {
    const names = this.#within ? this.#within.split(".") : [];
    const crumb = (text, path) => element("button", {type: "button", onclick: () => this.#go(path)}, text);
    document.getElementById("crumbs").replaceChildren(
      crumb(this.#tree.name, ""),
      ...names.map((name, index) => crumb(name, names.slice(0, index + 1).join("."))));
  }

  #go(path) {
    this.#within = path;
    this.draw(this.#name, this.#amount);
  }

  #enter(tile) {
    const amount = (op) => this.#amount(op) ?? 0;
    if (tile.opens) this.#go(tile.path);
    else this.#onOp([...tile.ops].sort((a, b) => amount(b) - amount(a))[0]);
  }

  #pressed(event, tile) {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    this.#enter(tile);
  }
}
