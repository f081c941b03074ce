// The page around the charts: the data in it, its width, and what screen readers are told.

export const embeddedData = () => JSON.parse(document.getElementById("data").textContent);

export const onNewWidth = (act) => {
  let width = document.body.clientWidth;
  new ResizeObserver(() => {
    if (document.body.clientWidth === width) return;
    width = document.body.clientWidth;
    act();
  }).observe(document.body);
};

export const announce = (text) => {
  document.getElementById("said").textContent = text;
};

// Tells who waits for it, such as a test, that all is drawn.
export const markReady = () => {
  performance.mark("drawn");
  document.documentElement.dataset.ready = "true";
};
