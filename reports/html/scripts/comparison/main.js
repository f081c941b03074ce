// Everything in order, and again what depends on the width or on a switch.

const drawAll = () => {
  drawFigure2();
  drawKinds();
  drawAllBlocks();
  drawRatios();
};

const showFusion = () => {
  for (const part of document.querySelectorAll("[data-fusion]")) part.hidden = part.dataset.fusion !== chosen("fusion");
  for (const button of document.querySelectorAll("button.opens[aria-expanded=true]")) {
    open(button);
    open(button);
  }
};

for (const box of document.querySelectorAll(".models-key")) {
  keyOf(box, box.dataset.models.split(" ").map((at) => [models[at], modelColour(at)]));
}
document.getElementById("fusion").addEventListener("change", showFusion);
for (const id of ["fusion", "scale", "amount"]) document.getElementById(id).addEventListener("change", drawAll);
watchBlocks();
showFusion();
drawAll();

let width = document.body.clientWidth;
new ResizeObserver(() => {
  if (document.body.clientWidth === width) return;
  width = document.body.clientWidth;
  drawAll();
}).observe(document.body);

document.documentElement.dataset.ready = "true";
