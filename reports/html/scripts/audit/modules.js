// The modules of the model as a tree, and as a treemap that one can go into.

let within = "";

// Every module with the ops of its own; the model itself has the empty path.
const moduleTree = () => {
  const root = {name: page.model, path: "", ops: [], inside: new Map()};
  for (const op of ops) {
    let node = root;
    for (const name of op.module ? op.module.split(".") : []) {
      const path = node.path ? `${node.path}.${name}` : name;
      if (!node.inside.has(name)) node.inside.set(name, {name, path, ops: [], inside: new Map()});
      node = node.inside.get(name);
    }
    node.ops.push(op);
  }
  return root;
};

const modules = moduleTree();

const moduleAt = (path) =>
  (path ? path.split(".") : []).reduce((node, name) => node.inside.get(name), modules);

const opsWithin = (node) => [...node.ops, ...[...node.inside.values()].flatMap(opsWithin)];

// A module with one module in it and nothing else says no more than the one inside.
const passedThrough = (node) => {
  while (node.inside.size === 1 && node.ops.length === 0) [node] = node.inside.values();
  return node;
};

const tilesOf = (node, amount) => {
  const own = {path: node.path, name: "own ops", ops: node.ops, opens: false};
  const inside = [...node.inside.values()].map((each) => {
    const shown = passedThrough(each);
    return {path: shown.path, name: shown.path.slice(node.path ? node.path.length + 1 : 0),
      ops: opsWithin(shown), opens: shown.inside.size > 0};
  });
  return [...inside, own].map((tile) => ({...tile, amount: total(tile.ops, amount)}))
    .filter((tile) => tile.amount > 0);
};

const costliestCategory = (tile, amount) => CATEGORIES
  .map((name) => [name, total(tile.ops.filter((op) => op.category === name), amount)])
  .sort((a, b) => b[1] - a[1])[0][0];

// Each module, and in it the modules one level further down.
const boxesOf = (node, amount) => tilesOf(passedThrough(node), amount).map((tile) => {
  const inside = tile.opens ? tilesOf(moduleAt(tile.path), amount) : [];
  return inside.length > 1 ? {...tile, children: inside} : tile;
});

const drawTreemap = (name) => {
  const box = document.getElementById("treemap");
  const amount = amounts[name];
  const [width, height] = [widthOf(box), 360];
  const tree = lib.hierarchy({children: boxesOf(moduleAt(within), amount)})
    .sum((each) => (each.children ? 0 : each.amount ?? 0)).sort((a, b) => b.value - a.value);
  const headed = (each) => (each.depth === 1 && each.children ? 20 : 0);
  lib.treemap().size([width, height]).paddingInner(2).paddingTop(headed)(tree);
  const whole = tree.value || 1;
  const text = (each) => `${each.data.name}: ${worded[name](each.value)}, ${percent(each.value / whole)}`;
  const chart = lib.select(box).html("").append("svg").attr("viewBox", [0, 0, width, height])
    .attr("role", "group").attr("aria-label", `Modules of ${within || page.model}`);
  const tile = chart.selectAll("g").data(tree.value ? tree.children : []).join("g").attr("class", "tile")
    .attr("role", "button").attr("tabindex", 0).attr("aria-label", text)
    .on("click", (_, each) => enter(each.data, name))
    .on("keydown", (event, each) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      enter(each.data, name);
    });
  tile.append("title").text(text);
  drawBoxes(tile, amount, (each) => percent(each.value / whole));
  drawCrumbs(name);
};

const shortened = (words, letters) =>
  (words.length <= letters ? words : letters > 2 ? `${words.slice(0, letters - 1)}…` : "");

const drawBoxes = (tile, amount, share) => {
  const [wide, high] = [(each) => each.x1 - each.x0, (each) => each.y1 - each.y0];
  const fits = (each, words) => shortened(words, Math.floor((wide(each) - 10) / 7));
  const group = tile.filter((each) => each.children);
  group.append("rect").attr("class", "group").attr("x", (each) => each.x0).attr("y", (each) => each.y0)
    .attr("width", wide).attr("height", high);
  group.append("text").attr("class", "name").attr("x", (each) => each.x0 + 5).attr("y", (each) => each.y0 + 14)
    .text((each) => fits(each, `${each.data.name} ${share(each)}`));
  const leaf = tile.selectAll("g").data((each) => each.leaves()).join("g")
    .attr("transform", (each) => `translate(${each.x0},${each.y0})`);
  leaf.append("rect").attr("width", wide).attr("height", high)
    .style("fill", (each) => colourOf(costliestCategory(each.data, amount)));
  const roomy = leaf.filter((each) => high(each) > 34 && wide(each) > 46);
  roomy.append("text").attr("x", 5).attr("y", 15).text((each) => fits(each, each.data.name));
  roomy.append("text").attr("x", 5).attr("y", 30).attr("class", "share")
    .text((each) => fits(each, share(each)));
};

// A module with modules inside is gone into; else its most costly op is shown.
const enter = (tile, name) => {
  if (tile.opens) {
    within = tile.path;
    drawTreemap(name);
  } else {
    choose([...tile.ops].sort((a, b) => (amounts[name](b) ?? 0) - (amounts[name](a) ?? 0))[0]);
  }
};

const drawCrumbs = (name) => {
  const names = within ? within.split(".") : [];
  const go = (path) => () => { within = path; drawTreemap(name); };
  const links = names.map((each, at) =>
    element("button", {type: "button", onclick: go(names.slice(0, at + 1).join("."))}, each));
  document.getElementById("crumbs").replaceChildren(
    element("button", {type: "button", onclick: go("")}, page.model), ...links);
};
