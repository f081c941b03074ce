// How large the graph is shown: by its buttons, or by the wheel with Ctrl.

const STEP = 1.25;
const [SMALLEST, LARGEST] = [0.1, 4];

export class Zoom {
  #canvas;
  #zoom = 1;

  constructor(canvas) {
    this.#canvas = canvas;
    const onClick = (id, act) => document.getElementById(id).addEventListener("click", act);
    onClick("zoom-in", () => this.#zoomTo(this.#zoom * STEP));
    onClick("zoom-out", () => this.#zoomTo(this.#zoom / STEP));
    onClick("fit", () => this.#fit());
    canvas.addEventListener("wheel", (event) => this.#turned(event), {passive: false});
  }

  // Gives the drawing that is now on the canvas its size.
  apply() {
    const {width, height} = this.#size();
    const svg = this.#canvas.firstElementChild;
    svg.setAttribute("width", width * this.#zoom);
    svg.setAttribute("height", height * this.#zoom);
  }

  #size() {
    return this.#canvas.firstElementChild.viewBox.baseVal;
  }

  // What is in the middle stays there.
  #zoomTo(wanted) {
    const {scrollTop, clientHeight} = this.#canvas;
    const middle = (scrollTop + clientHeight / 2) / this.#zoom;
    this.#zoom = Math.min(Math.max(wanted, SMALLEST), LARGEST);
    this.apply();
    this.#canvas.scrollTop = middle * this.#zoom - clientHeight / 2;
  }

  #fit() {
    const {width, height} = this.#size();
    this.#zoomTo(Math.min(this.#canvas.clientWidth / width, this.#canvas.clientHeight / height, 1));
  }

  #turned(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.#zoomTo(this.#zoom * (event.deltaY < 0 ? STEP : 1 / STEP));
  }
}
