// What the filters and the search leave: of the tables in the document, of the articles in the list.

/** What is asked for, as the form says it; a choice of all is null. */
function asked(form) {
  const chosen = (name) => (form.elements[name].value === "" ? null : Number(form.elements[name].value));
  return {
    terms: form.elements.search.value.toLowerCase().split(/\s+/).filter(Boolean),
    area: chosen("area"),
    owner: chosen("owner"),
    reader: chosen("reader"),
    drifted: form.elements.drifted.checked,
  };
}

/** The places of the tables that the filters leave, without the search. */
function filtered(schema, { area, owner, reader, drifted }) {
  const places = schema.tables.map((_, place) => place);
  return places.filter((place) => {
    const table = schema.tables[place];
    const fits = (wanted, value) => wanted === null || wanted === value;
    return (
      fits(area, table.area) &&
      fits(owner, table.owner) &&
      (reader === null || table.readers.includes(reader)) &&
      (!drifted || table.drift > 0)
    );
  });
}

/** Of some tables those that a search finds: each of its words is in the name of the table or of a column. */
function searched(schema, places, terms) {
  const within = (text) => (term) => text.toLowerCase().includes(term);
  return places.filter((place) => {
    const { name, columns } = schema.tables[place];
    return terms.every((term) => within(name)(term) || columns.some(([column]) => within(column)(term)));
  });
}

/** Whether a search finds a column by its name. */
function columnFound(terms) {
  return (name) => terms.some((term) => name.toLowerCase().includes(term));
}

function counted(number, what) {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** The hits in words, as they are announced. */
function hitsInWords(schema, found, terms) {
  if (found.length === schema.tables.length && !terms.length) return `${counted(found.length, "table")}`;
  const isFound = columnFound(terms);
  const columns = found.reduce((sum, place) => sum + schema.tables[place].columns.filter(([name]) => isFound(name)).length, 0);
  const tables = `${found.length} of ${counted(schema.tables.length, "table")}`;
  return terms.length ? `${tables}, ${counted(columns, "matching column")}` : tables;
}
