// Where tables stand in the diagram: the same tables always stand in the same places.

const BOX = { width: 232, head: 30, row: 19, foot: 6, gap: 18, columnGap: 48 };
const AREA = { padding: 18, head: 34, gap: 36 };
const ASPECT = 2.1;

/** Lay out the tables shown, by area, in columns; a box lists its keys, or every column where `wide`. */
function layOut(schema, shown, wide) {
  const members = new Map();
  for (const place of shown) {
    const area = schema.tables[place].area;
    members.set(area, [...(members.get(area) ?? []), place]);
  }
  const blocks = new Map([...members].map(([area, places]) => [area, layOutArea(schema, area, places, wide)]));
  const order = nearestFirst(schema, [...blocks.keys()]);
  return shelve(order.map((area) => blocks.get(area)));
}

function layOutArea(schema, area, places, wide) {
  const boxes = byDepth(schema, places).map((place) => boxOf(schema, place, wide));
  const surface = boxes.reduce((sum, box) => sum + (box.height + BOX.gap) * (BOX.width + BOX.columnGap), 0);
  const count = Math.min(boxes.length, Math.max(1, Math.round(Math.sqrt(surface * ASPECT) / (BOX.width + BOX.columnGap))));
  const bottoms = Array(count).fill(AREA.head + AREA.padding);
  for (const box of boxes) {
    const column = bottoms.indexOf(Math.min(...bottoms));
    box.x = AREA.padding + column * (BOX.width + BOX.columnGap);
    box.y = bottoms[column];
    bottoms[column] += box.height + BOX.gap;
  }
  return {
    name: schema.areas[area],
    boxes,
    width: 2 * AREA.padding + count * BOX.width + (count - 1) * BOX.columnGap,
    height: Math.max(...bottoms) - BOX.gap + AREA.padding,
  };
}

function boxOf(schema, place, wide) {
  const columns = schema.tables[place].columns;
  const rows = wide ? columns : columns.filter(([, marks]) => marks !== "");
  const left = columns.length - rows.length;
  const lines = rows.length + (left ? 1 : 0);
  return { place, rows, left, width: BOX.width, height: BOX.head + lines * BOX.row + BOX.foot, x: 0, y: 0 };
}

/** Sort tables so that those that are referred to stand before those that refer to them. */
function byDepth(schema, places) {
  const among = new Set(places);
  const targets = new Map(places.map((place) => [place, []]));
  for (const [from, , to] of schema.relations) {
    if (among.has(from) && among.has(to) && from !== to) targets.get(from).push(to);
  }
  const depths = new Map();
  const depth = (place) => {
    if (!depths.has(place)) {
      depths.set(place, 0); // what a circle comes back to counts as its start
      depths.set(place, Math.max(0, ...targets.get(place).map((to) => depth(to) + 1)));
    }
    return depths.get(place);
  };
  return [...places].sort((one, other) => depth(one) - depth(other) || one - other);
}

/** Order areas so that each comes after those that it has the most relations with. */
function nearestFirst(schema, areas) {
  const between = (one, other) =>
    schema.relations.filter(([from, , to]) => {
      const [a, b] = [schema.tables[from].area, schema.tables[to].area];
      return (a === one && b === other) || (a === other && b === one);
    }).length;
  const left = [...areas].sort((one, other) => one - other);
  const ordered = [];
  while (left.length) {
    const links = (area) => (ordered.length ? ordered : left).reduce((sum, other) => sum + (other === area ? 0 : between(area, other)), 0);
    const best = left.reduce((chosen, area) => (links(area) > links(chosen) ? area : chosen));
    ordered.push(...left.splice(left.indexOf(best), 1));
  }
  return ordered;
}

/** Put areas on shelves of the width with which the whole is seen largest. */
function shelve(blocks) {
  const widths = blocks.flatMap((_, first) => blocks.slice(first).map((_, count) => blocks.slice(first, first + count + 1)))
    .map((run) => run.reduce((sum, block) => sum + block.width + AREA.gap, -AREA.gap));
  const least = Math.max(0, ...blocks.map((block) => block.width));
  const extent = (limit) => {
    const { width, height } = shelved(blocks, limit);
    return Math.max(width / ASPECT, height);
  };
  const limits = [...new Set(widths)].filter((width) => width >= least).sort((one, other) => one - other);
  const best = limits.reduce((chosen, limit) => (extent(limit) < extent(chosen) ? limit : chosen), limits[0] ?? 0);
  const { places, width, height } = shelved(blocks, best);
  blocks.forEach((block, at) => {
    Object.assign(block, places[at]);
    for (const box of block.boxes) Object.assign(box, { x: box.x + block.x, y: box.y + block.y });
  });
  return { areas: blocks, boxes: new Map(blocks.flatMap((block) => block.boxes.map((box) => [box.place, box]))), width, height };
}

function shelved(blocks, limit) {
  let [x, y, shelf, width] = [0, 0, 0, 0];
  const places = blocks.map((block) => {
    if (x > 0 && x + block.width > limit) [x, y, shelf] = [0, y + shelf + AREA.gap, 0];
    const place = { x, y };
    width = Math.max(width, x + block.width);
    shelf = Math.max(shelf, block.height);
    x += block.width + AREA.gap;
    return place;
  });
  return { places, width, height: y + shelf };
}

/** The curve of a relation, from the row that refers to the head of the table referred to. */
function curve(from, column, to) {
  const row = from.rows.findIndex(([name]) => name === column);
  const startY = from.y + (row < 0 ? BOX.head / 2 : BOX.head + (row + 0.5) * BOX.row);
  const endY = to.y + BOX.head / 2;
  if (Math.abs(from.x - to.x) < BOX.width) {
    const x = Math.max(from.x, to.x) + BOX.width;
    const bend = Math.min(BOX.columnGap - 16, 18 + Math.abs(startY - endY) / 12);
    return `M${from.x + BOX.width},${startY} C${x + bend},${startY} ${x + bend},${endY} ${to.x + BOX.width},${endY}`;
  }
  const right = to.x > from.x;
  const startX = from.x + (right ? BOX.width : 0);
  const endX = to.x + (right ? 0 : BOX.width);
  const bend = (right ? 1 : -1) * Math.min(120, Math.max(30, Math.abs(endX - startX) / 2));
  return `M${startX},${startY} C${startX + bend},${startY} ${endX - bend},${endY} ${endX},${endY}`;
}
