// The diagram: boxes by area, and curves for the relations between them.

const SVG = "http://www.w3.org/2000/svg";

function shape(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function shortened(text, length) {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** Draws tables into a root element; `open` is called with the place of a table that is chosen. */
class Diagram {
  constructor(schema, root, open) {
    Object.assign(this, { schema, root, open, boxes: new Map(), curves: [], plan: null });
  }

  /** Draw the tables shown, and nothing else. */
  draw(shown, wide) {
    const focused = document.activeElement?.dataset?.place;
    this.plan = layOut(this.schema, shown, wide);
    this.boxes.clear();
    this.curves = [];
    const areas = shape("g");
    const relations = shape("g", { class: "relations", "aria-hidden": "true" });
    const tables = shape("g");
    for (const area of this.plan.areas) {
      areas.append(this.area(area));
      for (const box of area.boxes) tables.append(this.table(box));
    }
    for (const [from, column, to, name] of this.schema.relations) {
      if (this.plan.boxes.has(from) && this.plan.boxes.has(to)) relations.append(this.relation(from, column, to, name));
    }
    this.root.replaceChildren(areas, relations, tables);
    this.boxes.get(Number(focused))?.focus({ preventScroll: true });
  }

  area({ name, x, y, width, height }) {
    return shape(
      "g",
      { class: "area-box", "aria-hidden": "true" },
      shape("rect", { x, y, width, height, rx: 12 }),
      shape("text", { x: x + AREA.padding, y: y + 30 }, name),
    );
  }

  relation(from, column, to, name) {
    const path = shape("path", { d: curve(this.plan.boxes.get(from), column, this.plan.boxes.get(to)), "marker-end": "url(#arrow)" });
    path.append(shape("title", {}, name));
    this.curves.push({ from, to, path });
    return path;
  }

  table(box) {
    const table = this.schema.tables[box.place];
    const owner = this.schema.owners[table.owner];
    const drift = table.drift ? `, ${table.drift} ${table.drift === 1 ? "finding" : "findings"}` : "";
    const label = `${table.name}, ${table.kind} of ${owner}, ${table.columns.length} columns${drift}`;
    const group = shape("g", {
      class: `box o${table.owner % 6}${table.drift ? " has-drift" : ""}`,
      transform: `translate(${box.x},${box.y})`,
      role: "button",
      tabindex: "0",
      "aria-label": label,
      "data-place": box.place,
    });
    group.append(
      shape("title", {}, label),
      shape("rect", { class: "body", width: box.width, height: box.height, rx: 6 }),
      shape("path", { class: "head", d: `M0,6 q0,-6 6,-6 h${box.width - 12} q6,0 6,6 v${BOX.head - 6} h-${box.width} z` }),
      shape("text", { class: "name", x: 11, y: 20 }, shortened(table.name, table.drift ? 25 : 29)),
    );
    if (table.drift) {
      group.append(
        shape("circle", { class: "badge", cx: box.width - 17, cy: BOX.head / 2, r: 9 }),
        shape("text", { class: "badge-text", x: box.width - 17, y: BOX.head / 2 + 4 }, String(table.drift)),
      );
    }
    box.rows.forEach(([name, marks], line) => group.append(this.row(name, marks, line, box)));
    if (box.left) {
      const y = BOX.head + (box.rows.length + 0.5) * BOX.row + 4;
      group.append(shape("text", { class: "more", x: 11, y }, `${box.left} more`));
    }
    this.listen(group, box.place);
    this.boxes.set(box.place, group);
    return group;
  }

  row(name, marks, line, box) {
    const y = BOX.head + (line + 0.5) * BOX.row + 4;
    const said = [marks.includes("p") ? "PK" : "", marks.includes("f") ? "FK" : ""].filter(Boolean).join(" ");
    const text = shape("text", { class: marks.includes("d") ? "column drift" : "column", x: 11, y }, shortened(name, said.length > 2 ? 23 : 26));
    return shape("g", { "data-column": name }, text, shape("text", { class: "mark", x: box.width - 10, y }, said));
  }

  listen(group, place) {
    group.addEventListener("click", () => this.open(place, group));
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      this.open(place, group);
    });
    for (const kind of ["pointerenter", "focus"]) group.addEventListener(kind, () => this.highlight(place));
    for (const kind of ["pointerleave", "blur"]) group.addEventListener(kind, () => this.highlight(null));
  }

  /** Bring out the relations of a table and the tables at their other ends; none for null. */
  highlight(place) {
    const near = new Set([place]);
    for (const { from, to, path } of this.curves) {
      const own = place !== null && (from === place || to === place);
      path.classList.toggle("own", own);
      if (own) near.add(from).add(to);
    }
    for (const [other, group] of this.boxes) group.classList.toggle("near", place !== null && near.has(other));
    this.root.classList.toggle("highlighting", place !== null && near.size > 1);
  }

  /** Dim what a search leaves out, and mark the columns that it found. */
  mark(found, isColumnFound) {
    for (const [place, group] of this.boxes) {
      group.classList.toggle("dim", !found.has(place));
      for (const row of group.querySelectorAll("[data-column]")) {
        row.classList.toggle("hit", isColumnFound(row.dataset.column));
      }
    }
    for (const { from, to, path } of this.curves) path.classList.toggle("dim", !found.has(from) && !found.has(to));
  }

  /** Say which table is open in the panel. */
  choose(place) {
    for (const [other, group] of this.boxes) group.classList.toggle("chosen", other === place);
  }
}
