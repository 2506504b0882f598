// What a page must hold for those who do not see it, or hear it: the faults found, as lines of text.

(() => {
  const faults = [];
  const shown = (element) => element.checkVisibility({ checkOpacity: false, checkVisibilityCSS: true });
  const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);
  const named = (element) => element.outerHTML.slice(0, 90);

  const colour = (text) => {
    const canvas = (colour.canvas ??= new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true }));
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(colour(one)), luminance(colour(other))].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const text = getComputedStyle(at).backgroundColor;
      if (colour(text)[3] > 0) return text;
    }
    return "white";
  };
  const painted = (box, text) => {
    const below = [...box.children].slice(0, [...box.children].indexOf(text.closest(".box > *")));
    const area = text.getBoundingClientRect();
    const middle = [area.left + area.width / 2, area.top + area.height / 2];
    const under = below.filter((part) => {
      const frame = part.getBoundingClientRect();
      return part.matches("rect, path, circle") && frame.left <= middle[0] && frame.right >= middle[0] && frame.top <= middle[1] && frame.bottom >= middle[1];
    });
    return getComputedStyle(under.at(-1)).fill;
  };

  if (all("h1").length !== 1) faults.push(`${all("h1").length} elements h1`);
  let level = 0;
  for (const heading of all("h1, h2, h3, h4, h5, h6")) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) faults.push(`h${own} after h${level}: ${named(heading)}`);
    level = own;
  }
  for (const landmark of ["main", "header", "nav"]) {
    if (all(landmark).filter((element) => !element.closest("article")).length !== 1) faults.push(`not one ${landmark}`);
  }
  if (!document.documentElement.lang) faults.push("no language");
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of ids.filter((one, place) => ids.indexOf(one) !== place)) faults.push(`id twice: ${id}`);
  for (const control of all("a[href], button, input, select, summary, [role=button], [tabindex='0']")) {
    const label = control.getAttribute("aria-label") ?? control.labels?.[0]?.textContent ?? control.textContent;
    if (!label.trim()) faults.push(`no name: ${named(control)}`);
  }
  for (const element of document.querySelectorAll("[aria-labelledby], [aria-describedby]")) {
    for (const attribute of ["aria-labelledby", "aria-describedby"]) {
      const id = element.getAttribute(attribute);
      if (id && !document.getElementById(id)) faults.push(`${attribute} of nothing: ${id}`);
    }
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const looked = new Set();
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim() || looked.has(element) || !shown(element) || element.closest("script, title, option, .skip")) continue;
    looked.add(element);
    const style = getComputedStyle(element);
    const box = element.closest(".box");
    const inDiagram = element.closest("svg");
    const fill = inDiagram ? style.fill : style.color;
    const below = box ? painted(box, element) : inDiagram ? getComputedStyle(element.parentElement.querySelector("rect")).fill : ground(element);
    const found = contrast(fill, below);
    if (found < 4.5) faults.push(`contrast ${found.toFixed(2)} of ${fill} on ${below}: ${named(element)}`);
  }
  return { faults, looked: looked.size };
})();
