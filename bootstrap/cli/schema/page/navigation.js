// Moving and zooming the diagram: by wheel, by dragging, by buttons and by keys.

const STEP = 1.25;
const LIMITS = [0.08, 3];
const ARROWS = { ArrowLeft: [80, 0], ArrowRight: [-80, 0], ArrowUp: [0, 80], ArrowDown: [0, -80] };

/** The part of a drawing that is seen: `changed` is called with the scale. */
class View {
  constructor(canvas, root, changed) {
    Object.assign(this, { canvas, root, changed, x: 0, y: 0, scale: 1, dragged: false, fitted: true, size: { width: 1, height: 1 } });
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.grab(event));
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("click", (event) => this.dragged && event.stopPropagation(), true);
    canvas.addEventListener("focusin", ({ target }) => target.matches(":focus-visible") && this.reveal(target));
  }

  move(x, y, scale) {
    Object.assign(this, { x, y, scale, fitted: false });
    this.root.setAttribute("transform", `translate(${x.toFixed(2)},${y.toFixed(2)}) scale(${scale.toFixed(4)})`);
    this.changed(scale);
  }

  /** Zoom by a factor; the point given, or the middle, stays where it is. */
  zoom(factor, point = { x: this.canvas.clientWidth / 2, y: this.canvas.clientHeight / 2 }) {
    const scale = Math.min(LIMITS[1], Math.max(LIMITS[0], this.scale * factor));
    const ratio = scale / this.scale;
    this.move(point.x - (point.x - this.x) * ratio, point.y - (point.y - this.y) * ratio, scale);
  }

  /** Show a whole drawing of a size. */
  fit({ width, height }) {
    const [across, down] = [this.canvas.clientWidth, this.canvas.clientHeight];
    const scale = Math.min(1, Math.max(LIMITS[0], Math.min((across - 32) / width, (down - 32) / height)));
    this.move((across - width * scale) / 2, (down - height * scale) / 2, scale);
    Object.assign(this, { fitted: true, size: { width, height } });
  }

  /** Make the best of another size of the canvas: what was moved or zoomed stays so, but for what `kept` needs. */
  resized(kept) {
    if (this.fitted) this.fit(this.size);
    else if (kept) this.reveal(kept);
  }

  wheel(event) {
    event.preventDefault();
    const frame = this.canvas.getBoundingClientRect();
    this.zoom(Math.exp(-event.deltaY * 0.0015), { x: event.clientX - frame.left, y: event.clientY - frame.top });
  }

  grab(event) {
    if (event.button !== 0) return;
    const [startX, startY, x, y] = [event.clientX, event.clientY, this.x, this.y];
    this.dragged = false;
    const drag = (moved) => {
      const [across, down] = [moved.clientX - startX, moved.clientY - startY];
      this.dragged ||= Math.hypot(across, down) > 4;
      if (this.dragged) this.move(x + across, y + down, this.scale);
      this.canvas.classList.toggle("dragging", this.dragged);
    };
    const release = () => {
      removeEventListener("pointermove", drag);
      removeEventListener("pointerup", release);
      removeEventListener("pointercancel", release);
      this.canvas.classList.remove("dragging");
    };
    addEventListener("pointermove", drag);
    addEventListener("pointerup", release);
    addEventListener("pointercancel", release);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ARROWS) {
      const [across, down] = ARROWS[event.key];
      this.move(this.x + across, this.y + down, this.scale);
    } else if (event.key === "+" || event.key === "=") this.zoom(STEP);
    else if (event.key === "-") this.zoom(1 / STEP);
    else if (event.key === "0") this.fit(this.size);
    else return;
    event.preventDefault();
  }

  /** Move until an element is seen. */
  reveal(element) {
    const [frame, box] = [this.canvas.getBoundingClientRect(), element.getBoundingClientRect()];
    const outside = (low, high, from, to) => (low < from ? from - low + 24 : high > to ? to - high - 24 : 0);
    const across = outside(box.left, box.right, frame.left, frame.right);
    const down = outside(box.top, box.bottom, frame.top, frame.bottom);
    if (across || down) this.move(this.x + across, this.y + down, this.scale);
  }
}
