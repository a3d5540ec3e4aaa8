'use strict';
// Where rows are told apart by several labels: a table of them, with a column for each value of the last label, and how writes
// looked to their own session over time. What is a label and what is its value is the history's affair.

const cellKinds = [
  ['All', () => true],
  ['Violated', (row) => row.verdict === 'violated'],
  ['Violated although promised', (row) => row.verdict === 'violated' && row.promised !== false],
];

function showGroups(body, {groups}) {
  add(body, el('p', {class: 'soft'}, 'Rows are told apart by ', joined(groups.labels.map(said), ' × '),
    '. A cell says how many of the reads that were at risk broke the guarantee, or how many there were; ? is too few, and – none. It leads to the first witness.'));
  for (const [number, title] of groups.tables.entries()) {
    const rows = groups.rows.filter((row) => row.table === number);
    if (rows.length > 0) groupTable(body, title, groups.labels, rows);
  }
  if (groups.rows_left_out > 0) {
    body.append(el('p', {class: 'soft small'}, 'There was no room for ' + counted(groups.rows_left_out, 'more row') + ', none of them told before a violated one; report.json has all.'));
  }
  showCourses(body, groups);
}

function joined(parts, between) {
  return parts.flatMap((part, i) => (i === 0 ? [part] : [between, part]));
}

/** The rows by all labels but the last; a name of texts is no member of an object, whatever it is. */
function groupLines(rows) {
  const lines = new Map();
  for (const row of rows) {
    const names = row.labels.slice(0, -1);
    const key = JSON.stringify(names);
    if (!lines.has(key)) lines.set(key, {names, cells: new Map()});
    lines.get(key).cells.set(row.labels.at(-1), row);
  }
  return [...lines.values()];
}

function groupTable(body, title, labels, rows) {
  body.append(el('h3', null, title));
  if (rows.every((row) => row.verdict === 'unknown')) {
    body.append(el('p', {class: 'soft'}, 'Unknown in each of the ' + counted(rows.length, 'group') + ': too few reads were at risk.'));
    return;
  }
  const columns = [...new Set(rows.filter((row) => row.at_risk > 0).map((row) => row.labels.at(-1)))].sort();
  const lines = groupLines(rows).filter((line) => [...line.cells.values()].some((row) => row.at_risk > 0));
  const spoken = rows.some((row) => row.promised !== null);
  const place = el('div', {class: 'group-table'});
  const show = (wanted) => place.replaceChildren(table(title + ' by label',
    [...labels.slice(0, -1).map((label) => ({head: said(label)})), ...(spoken ? [{head: 'promised'}] : []),
      ...columns.map((column) => ({head: said(column)}))],
    lines.filter((line) => [...line.cells.values()].some(wanted)).map((line) => [
      ...line.names.map(said), ...(spoken ? [promisedInWords([...line.cells.values()])] : []),
      ...columns.map((column) => groupCell(line.cells.get(column)))])));
  const buttons = cellKinds.slice(0, spoken ? 3 : 2).map(([label, wanted], i) => el('button', {type: 'button', 'aria-pressed': String(i === 0),
    onclick: (event) => {
      buttons.forEach((button) => button.setAttribute('aria-pressed', String(button === event.currentTarget)));
      show(wanted);
    }}, label, ' ', el('span', {class: 'count'}, countOf(rows.filter(wanted).length))));
  body.append(el('div', {class: 'groups', role: 'group', 'aria-label': 'Which lines are shown'}, buttons), place);
  const nowhere = rows.length - lines.reduce((sum, line) => sum + line.cells.size, 0);
  if (nowhere > 0) body.append(el('p', {class: 'soft small'}, 'Not shown: lines in which nothing was at risk, ' + counted(nowhere, 'row') + '.'));
  show(() => true);
}

function promisedInWords(rows) {
  if (new Set(rows.map((row) => row.promised)).size > 1) return 'in part';
  return {true: 'yes', false: 'no'}[rows[0].promised] ?? '–';
}

function groupCell(row) {
  if (!row) return '';
  if (row.verdict === 'unknown') return el('span', {class: 'unknown'}, row.at_risk === 0 ? '–' : '? (' + countOf(row.at_risk) + ')');
  if (row.verdict === 'held') return el('span', {class: 'verdict held'}, 'Held (' + countOf(row.at_risk) + ')');
  const counts = 'Violated ' + countOf(row.broken) + '/' + countOf(row.at_risk);
  return [violationLink(row.entry, counts), row.told ? el('div', {class: 'told soft small'}, said(row.told)) : null];
}

/** Leads to the entry in the list of violations, if that has it. */
function violationLink(entry, words) {
  if (entry === null || !violationBrowser?.has(entry)) {
    return el('span', {class: 'verdict violated', title: entry === null ? null : 'entry ' + entry + ' is not on this page'}, words);
  }
  return el('a', {class: 'verdict violated', href: '#violations', 'data-witness': entry, onclick: (event) => {
    event.preventDefault();
    violationBrowser.goTo(entry);
  }}, words);
}

const courseWidth = 260;
const courseHeight = 20;
const courseWords = {fresh: 'seen', stale: 'not yet seen', gone: 'gone after it had been seen'};

/** How writes looked to their own session, read after read, on one logarithmic axis. */
function showCourses(body, {labels, courses, courses_left_out: leftOut, no_courses: why}) {
  add(body, el('h3', null, 'How a write looked to its own session over time'));
  if (courses.length === 0) {
    add(body, nothing(sentence('not told: ' + why)));
    return;
  }
  const times = courses.flatMap((course) => course.reads.map(([after]) => Math.max(after, 0.1)));
  const from = Math.min(...times);
  const to = Math.max(...times);
  const x = (after) => 8 + (courseWidth - 16) * (to > from ? Math.log(Math.max(after, 0.1) / from) / Math.log(to / from) : 0.5);
  add(body,
    el('p', {class: 'soft'}, 'Each mark is a read of one such write: ', joined(Object.keys(courseWords).map((phase) =>
      [svg('svg', {width: 14, height: 14, class: 'course', 'aria-hidden': 'true'}, courseMark(phase, 7, 7)), ' ' + courseWords[phase]]), ', '),
    '. From left to right: from ' + duration(from) + ' to ' + duration(to) + ' after it was acknowledged, on a logarithmic axis. Where a write was gone stands first.'),
    table('Courses of writes', [...labels.map((label) => ({head: said(label)})), {head: 'its reads saw'}, {head: 'writes', number: true}, {head: 'one of them'}],
      courses.map((course) => [...course.labels.map(said), course.phases.join(', '), countOf(course.writes), courseDrawing(course, x)])),
    leftOut > 0 ? el('p', {class: 'soft small'}, 'There was no room for ' + counted(leftOut, 'more course') + '; report.json has all.') : null);
}

function courseDrawing({reads}, x) {
  const words = reads.map(([after, phase]) => courseWords[phase] + ' after ' + duration(after)).join(', ');
  const line = svg('line', {x1: 0, x2: courseWidth, y1: courseHeight / 2, y2: courseHeight / 2, class: 'lane-line'});
  return svg('svg', {width: courseWidth, height: courseHeight, class: 'course', role: 'img', 'aria-label': words},
    svg('title', null, words), line, reads.map(([after, phase]) => courseMark(phase, x(after), courseHeight / 2)));
}

/** Told apart by shape, too. */
function courseMark(phase, x, y) {
  if (phase === 'gone') return svg('path', {class: 'gone', d: 'M' + (x - 4) + ' ' + (y - 4) + 'l8 8m0 -8l-8 8'});
  return svg('circle', {class: phase, cx: x, cy: y, r: 4});
}
