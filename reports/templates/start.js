// Everything in order, and again what depends on the width.

watchFindings();
watchCharts();
watchRoofline();
watchGraph();
watchTables();

let width = document.body.clientWidth;
new ResizeObserver(() => {
  if (document.body.clientWidth === width) return;
  width = document.body.clientWidth;
  drawCharts();
  (timed ? drawRoofline : drawIntensity)();
}).observe(document.body);

document.documentElement.dataset.ready = "true";
