// Everything in order, a breath between the parts; and again what depends on the width.

const drawnByWidth = () => {
  drawCharts();
  (timed ? drawRoofline : drawIntensity)();
};

// The browser shows what is there and answers before the next part is drawn.
const breath = () => new Promise((go) => { setTimeout(go); });

const start = async () => {
  for (const part of [watchFindings, watchCharts, watchRoofline, watchGraph, watchOps, watchModules]) {
    part();
    await breath();
  }
  let width = document.body.clientWidth;
  new ResizeObserver(() => {
    if (document.body.clientWidth === width) return;
    width = document.body.clientWidth;
    drawnByWidth();
  }).observe(document.body);
  performance.mark("drawn");
  document.documentElement.dataset.ready = "true";
};

start();
