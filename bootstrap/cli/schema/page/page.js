// The page's start: without this script it is a list of tables, with it the list can be searched, and is drawn.

(() => {
  const schema = JSON.parse(document.getElementById("document").textContent);
  const element = (id) => document.getElementById(id);
  const articles = [...document.querySelectorAll("article.table")];
  const areaHeads = [...document.querySelectorAll("#tables .area-group")];
  const form = element("filters");
  let opener = null;
  let drawn = "";

  const canvas = element("canvas");
  const tip = shape("path", { d: "M0,0 L8,4 L0,8 z" });
  const marker = shape("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" }, tip);
  const root = shape("g");
  canvas.append(shape("defs", {}, marker), root);
  const diagram = new Diagram(schema, root, openTable);
  const view = new View(canvas, root, (scale) => (element("scale").textContent = `${Math.round(scale * 100)}%`));

  /** Draw and list what the form asks for; the diagram is laid out anew where other tables are left. */
  function update() {
    const wanted = asked(form);
    const places = filtered(schema, wanted);
    const found = searched(schema, places, wanted.terms);
    const wide = element("all-columns").checked;
    const plan = JSON.stringify([places, wide]);
    if (plan !== drawn) {
      diagram.draw(places, wide);
      view.fit(diagram.plan);
      drawn = plan;
    }
    const left = new Set(found);
    const isFound = columnFound(wanted.terms);
    diagram.mark(left, isFound);
    articles.forEach((article, place) => {
      article.hidden = !left.has(place);
      for (const row of article.querySelectorAll("tbody tr")) row.classList.toggle("hit", isFound(row.querySelector("code").textContent));
    });
    for (const head of areaHeads) head.hidden = !found.some((place) => schema.tables[place].area === Number(head.dataset.area));
    element("none").hidden = found.length > 0;
    element("hits").textContent = hitsInWords(schema, found, wanted.terms);
  }

  /** Show a table in the panel; `from` gets the focus back when it is closed. */
  function openTable(place, from) {
    opener = from ?? opener;
    const copy = articles[place].cloneNode(true);
    const shown = [...copy.querySelectorAll("summary, details > .content")];
    const title = copy.querySelector("h4");
    for (const part of copy.querySelectorAll("[id]")) part.removeAttribute("id");
    const heading = document.createElement("h3");
    heading.tabIndex = -1;
    heading.textContent = title.textContent;
    const marks = document.createElement("p");
    marks.append(...[...shown[0].children].filter((part) => part !== title));
    marks.className = "marks";
    element("panel-body").replaceChildren(heading, marks, ...shown[1].childNodes);
    const panel = element("panel");
    panel.hidden = false;
    panel.setAttribute("aria-label", `Table ${title.textContent}`);
    panel.scrollTop = 0;
    diagram.choose(place);
    heading.focus({ preventScroll: true });
  }

  function closeTable() {
    if (element("panel").hidden) return;
    element("panel").hidden = true;
    diagram.choose(null);
    (opener?.isConnected ? opener : (diagram.boxes.get(Number(opener?.dataset?.place)) ?? element("search"))).focus({ preventScroll: true });
  }

  /** Open the table that the address names, in the list. */
  function follow() {
    const target = document.getElementById(location.hash.slice(1));
    if (!target?.matches("article.table")) return;
    if (target.hidden) {
      form.reset();
      update();
    }
    target.querySelector("details").open = true;
    target.scrollIntoView();
    target.querySelector("summary").focus({ preventScroll: true });
  }

  function useTheme(dark) {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    element("theme").setAttribute("aria-pressed", String(dark));
  }

  for (const part of document.querySelectorAll(".enhanced")) part.hidden = false;
  form.addEventListener("input", update);
  form.addEventListener("reset", () => setTimeout(update));
  form.addEventListener("submit", (event) => event.preventDefault());
  element("all-columns").addEventListener("change", update);
  element("zoom-in").addEventListener("click", () => view.zoom(STEP));
  element("zoom-out").addEventListener("click", () => view.zoom(1 / STEP));
  element("fit").addEventListener("click", () => view.fit(diagram.plan));
  element("close").addEventListener("click", closeTable);
  element("theme").addEventListener("click", () => useTheme(element("theme").getAttribute("aria-pressed") !== "true"));
  element("panel").addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#table-']");
    const place = articles.findIndex((article) => `#${article.id}` === link?.getAttribute("href"));
    if (place < 0) return;
    event.preventDefault();
    openTable(place);
  });
  addEventListener("keydown", (event) => event.key === "Escape" && closeTable());
  addEventListener("hashchange", follow);

  const preference = matchMedia("(prefers-color-scheme: dark)");
  element("theme").setAttribute("aria-pressed", String(preference.matches));
  preference.addEventListener("change", ({ matches }) => document.documentElement.dataset.theme ?? element("theme").setAttribute("aria-pressed", String(matches)));
  new ResizeObserver(() => view.resized(canvas.querySelector(".chosen"))).observe(canvas);
  update();
  follow();
})();
