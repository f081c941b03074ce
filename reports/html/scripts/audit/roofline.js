// The roofline where there are times; without them, how the memory access spreads over intensities.

const NAMED = 5;

const kernelsOf = (latency) => latency.kernels.map((kernel) => {
  const mine = kernel.ops.map((at) => ops[at]);
  const [macs, bytes] = [total(mine, (op) => op.macs), total(mine, bytesOf)];
  return {...kernel, macs, bytes, mine, intensity: macs / bytes, rate: macs / kernel.seconds,
    category: page.categories[kernel.kind]};
}).filter((kernel) => kernel.macs > 0 && kernel.bytes > 0 && kernel.seconds > 0);

// The roof is the device's, or else what this run reached at best: throughput anywhere, bandwidth anywhere.
const roofOf = (kernels, device) => {
  const peak = device?.peak ?? Math.max(...kernels.map((kernel) => kernel.rate));
  const bandwidth = device?.bandwidth ?? Math.max(...kernels.map((kernel) => kernel.bytes / kernel.seconds));
  return {peak, bandwidth, at: (intensity) => Math.min(peak, bandwidth * intensity)};
};

const drawRoofline = () => {
  const latency = page.latencies[Number(document.getElementById("latency").value)];
  const kernels = kernelsOf(latency);
  const box = document.getElementById("roof");
  if (!kernels.length) return void box.replaceChildren("No timed kernel has multiply–adds.");
  const roof = roofOf(kernels, latency.roof);
  document.getElementById("whose-roof").textContent = latency.roof
    ? `The roof is that of ${latency.device}.`
    : "The roof is the best that any kernel of this run reached, not the device's own.";
  const lost = (kernel) => kernel.seconds * (1 - kernel.rate / roof.at(kernel.intensity));
  const worst = [...kernels].sort((a, b) => lost(b) - lost(a)).slice(0, NAMED);
  const intensities = kernels.map((kernel) => kernel.intensity);
  const [low, high] = [Math.min(...intensities) / 1.5, Math.max(...intensities) * 1.5];
  const line = [low, Math.min(Math.max(roof.peak / roof.bandwidth, low), high), high]
    .map((intensity) => ({intensity, rate: roof.at(intensity)}));
  const named = worst.map(nameOf).join(", ");
  draw(box, `Roofline of ${kernels.length} kernels; furthest below the roof: ${named}`, {
    height: 390, marginLeft: 64, marginBottom: 46, grid: true,
    x: {type: "log", label: "multiply–adds per byte →", labelOffset: 42, tickFormat: "~g"},
    y: {type: "log", label: "↑ multiply–adds per second", ticks: 5, tickFormat: (rate) => human(rate)},
    color: {domain: CATEGORIES, range: CATEGORIES.map(colourOf), legend: true},
    marks: [
      Plot.line(line, {x: "intensity", y: "rate", stroke: "var(--text)", strokeDasharray: "5 4"}),
      Plot.dot(kernels, {
        x: "intensity", y: "rate", fill: "category", fillOpacity: 0.75, r: "seconds", tip: true,
        title: (kernel) => `${nameOf(kernel)}\n${duration(kernel.seconds)}, ${human(kernel.rate)} multiply–adds/s`,
      }),
    ],
  });
  document.getElementById("outliers").replaceChildren(
    element("h3", {}, "Furthest below the roof, by time lost"),
    element("ol", {class: "outliers"}, ...worst.map((kernel) => outlier(kernel, roof))));
};

const nameOf = (kernel) => kernel.mine.map((op) => op.name).join(" + ");

const outlier = (kernel, roof) => {
  const [op] = kernel.mine;
  const reached = percent(kernel.rate / roof.at(kernel.intensity));
  return element("li", {},
    element("button", {type: "button", class: "op", "data-op": op.name}, nameOf(kernel)),
    ` ${op.module}: ${duration(kernel.seconds)}, ${reached} of the roof at its intensity`);
};

// Memory access by intensity: a bar for each doubling.
const drawIntensity = () => {
  const known = ops.filter((op) => bytesOf(op) > 0);
  const whole = total(known, bytesOf) || 1;
  const binOf = (op) => {
    const intensity = op.macs / bytesOf(op);
    return intensity > 0 ? Math.max(Math.floor(Math.log2(intensity)), -5) : -6;
  };
  const name = (bin) => (bin === -6 ? "none" : bin < 0 ? `1/${2 ** -bin}` : `${2 ** bin}`);
  const bins = [...new Set(known.map(binOf))];
  const domain = Array.from({length: Math.max(...bins) + 7}, (_, at) => at - 6);
  const within = (bin, category) => known.filter((op) => binOf(op) === bin && op.category === category);
  const parts = bins.flatMap((bin) => CATEGORIES.map((category) =>
    ({bin, category, share: total(within(bin, category), bytesOf) / whole}))).filter((part) => part.share > 0);
  const idle = total(parts.filter((part) => part.bin === -6), (part) => part.share);
  const said = `Memory access by intensity; ${percent(idle)} of it has no multiply–adds at all`;
  const box = document.getElementById("roof");
  draw(box, said, {
    height: 290, marginLeft: 48, marginBottom: 46,
    x: {label: "multiply–adds per byte, at least →", labelOffset: 42, domain, tickFormat: name, tickSize: 0,
      tickRotate: widthOf(box) < 560 ? -50 : 0},
    y: {label: "↑ share of the memory access (%)", percent: true, grid: true},
    color: {domain: CATEGORIES, range: CATEGORIES.map(colourOf), legend: true},
    marks: [
      Plot.barY(parts, Plot.stackY({
        order: CATEGORIES, x: "bin", y: "share", fill: "category", insetLeft: 1, insetRight: 1, tip: true,
        title: (part) => `${part.category}: ${percent(part.share)}`,
      })),
      Plot.ruleY([0]),
    ],
  });
};

const watchRoofline = () => {
  const drawn = timed ? drawRoofline : drawIntensity;
  document.getElementById("latency")?.addEventListener("change", drawn);
  document.getElementById("fusion").addEventListener("change", drawn);
  drawn();
};
