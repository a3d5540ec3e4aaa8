'use strict';
// The page of a sweep: what each rule showed, and every cell.

/** The cells by the settings that tell them apart: one for the colour, another one for the shape. */
class SweepView {
  constructor(sweep) {
    this.sweep = sweep;
    this.cells = sweep.cells;
    const names = Object.keys(this.cells[0]?.settings ?? {});
    const varied = names.filter((name) => this.valuesOf(name).length > 1);
    const first = (preferred, among) => (among.includes(preferred) ? preferred : among[0]);
    this.names = names;
    this.main = first('read-policy', varied.length > 0 ? varied : names);
    this.second = first('lag', varied.filter((name) => name !== this.main)) ?? null;
    this.others = names.filter((name) => name !== this.main);
  }

  valuesOf(name) {
    return [...new Set(this.cells.map((cell) => cell.settings[name]))];
  }

  isOf(cell, main, second) {
    return cell.settings[this.main] === main && (this.second === null || cell.settings[this.second] === second);
  }

  row(cell, name) {
    return cell.guarantees?.find((row) => row.name === name);
  }

  shortly(cell) {
    return Object.values(cell.settings).join(', ');
  }

  /** What of a cell is not its colour's value. */
  rest(cell) {
    return this.others.map((name) => name + '=' + cell.settings[name]).join(', ');
  }

  /** Every colour with every shape. */
  combinations() {
    const seconds = this.second === null ? [null] : this.valuesOf(this.second);
    return this.valuesOf(this.main).flatMap((main, colour) => seconds.map((second, shape) => ({main, second, colour, shape})));
  }

  legend() {
    const colours = this.valuesOf(this.main).map((main, i) => ({label: main, swatch: () => swatch('box', charts.series(i)), has: (dataset) => dataset.main === main}));
    const seconds = this.second === null ? [] : this.valuesOf(this.second).map((second, i) => ({
      label: this.second + '=' + second, swatch: () => shapeOf(i), has: (dataset) => dataset.second === second}));
    return [colours, seconds];
  }
}

/** As Chart.js draws it. */
function shapeOf(number) {
  const path = {
    circle: 'M7,2a5,5 0 1 0 0.01,0z', rect: 'M3,3h8v8h-8z', triangle: 'M7,2L12,11H2z', rectRot: 'M7,1.5L12.5,7L7,12.5L1.5,7z',
    star: 'M7,2V12M2,7H12M3.5,3.5L10.5,10.5M3.5,10.5L10.5,3.5', crossRot: 'M3,3L11,11M3,11L11,3',
  }[shapes[number % shapes.length]];
  return svg('svg', {class: 'shape', width: 14, height: 14, viewBox: '0 0 14 14', 'aria-hidden': 'true'}, svg('path', {d: path}));
}

function showSweep(body, {sweep}) {
  const view = new SweepView(sweep);
  const states = view.cells.map(stateOf);
  const count = (state, words) => {
    const number = states.filter((one) => one === state).length;
    return number > 0 ? countOf(number) + ' ' + words : null;
  };
  document.getElementById('sweep-title').replaceChildren('Sweep of ', said(brief(sweep.system, 60)));
  document.title = 'Sweep of ' + brief(sweep.system, 40) + ' – afterwrite';
  add(body,
    el('p', {class: 'lead'}, counted(sweep.cells_in_all, 'cell') + ': ' + [count('held', 'held'), count('violated', 'violated'),
      count('unknown', 'unknown'), count('failed', 'failed'), count('pending', 'not carried out')].filter(Boolean).join(', ') + '.'),
    view.cells.length < sweep.cells_in_all
      ? el('p', {class: 'note'}, 'These are the first ' + countOf(view.cells.length) + ' of them. sweep.json has every one.') : null,
    el('h3', null, 'By ', said(view.main)), matrix(view), ruleList(view),
    sweep.notes.length > 0 ? [el('h3', null, 'To be known'), el('ul', {class: 'plain', id: 'notes'}, sweep.notes.map((note) => el('li', null, said(sentence(note)))))] : null);
}

function stateOf(cell) {
  return cell.state === 'done' ? cell.verdict : cell.state;
}

const toneOf = (state) => (state === 'failed' ? 'violated' : state === 'pending' ? 'unknown' : state);
const stateInWords = (state) => (state === 'pending' ? 'Not carried out' : capital(state));

/** A row for each value of the main setting, a column for each of the others together, if they can be looked at so. */
function matrix(view) {
  const rests = [...new Set(view.cells.map((cell) => view.rest(cell)))];
  if (rests.length > 12) return null;
  const rows = view.valuesOf(view.main).map((main) => {
    const cells = view.cells.filter((cell) => cell.settings[view.main] === main);
    const done = cells.filter((cell) => cell.state === 'done');
    return [said(main), ...rests.map((rest) => cells.filter((cell) => view.rest(cell) === rest).map((cell) => matrixCell(view, cell))),
      rangeOf(done.map((cell) => cell.leader_share), percent), rangeOf(done.map((cell) => cell.added_ms_a_read), addedInWords)];
  });
  return table('Verdicts', [{head: said(view.main)}, ...rests.map((rest) => ({head: rest === '' ? 'verdict' : said(rest)})),
    {head: 'at the leader', number: true}, {head: 'added a read', number: true}], rows);
}

function matrixCell(view, cell) {
  const state = stateOf(cell);
  const row = view.row(cell, view.sweep.rows[0]);
  const rate = view.sweep.rows.length === 1 && row ? (row.at_risk > 0 ? percent(row.rate.value) + ' of ' + countOf(row.at_risk) : 'none at risk') : null;
  return [linked(cell, el('span', {class: 'verdict ' + toneOf(state)}, stateInWords(state))), rate ? [el('br'), el('span', {class: 'soft small'}, rate)] : null];
}

/** The cell's own report, where it has one. */
function linked(cell, content) {
  if (cell.state !== 'done') return content;
  return el('a', {href: './' + cell.folder.split('/').map(encodeURIComponent).join('/') + '/report.html'}, content);
}

function rangeOf(values, inWords) {
  const known = values.filter((value) => typeof value === 'number');
  if (known.length === 0) return '–';
  const [least, most] = [Math.min(...known), Math.max(...known)].map(inWords);
  return least === most ? least : least + ' to ' + most;
}

/** Which values held, and which did not: the answer to which rule is the cheapest that holds. */
function ruleList(view) {
  const rules = view.valuesOf(view.main).map((main) => {
    const cells = view.cells.filter((cell) => cell.settings[view.main] === main);
    const of = (state) => cells.filter((cell) => stateOf(cell) === state);
    const done = cells.filter((cell) => cell.state === 'done');
    const worst = of('violated').length > 0 ? 'violated' : of('held').length > 0 ? 'held' : 'unknown';
    const mean = (values) => values.reduce((sum, value) => sum + (value ?? 0), 0) / Math.max(1, values.length);
    return {main, cells, of, done, worst, share: mean(done.map((cell) => cell.leader_share)), added: mean(done.map((cell) => cell.added_ms_a_read))};
  });
  const order = ['held', 'unknown', 'violated'];
  rules.sort((a, b) => order.indexOf(a.worst) - order.indexOf(b.worst) || a.share - b.share || a.added - b.added);
  return el('ul', {class: 'plain', id: 'rules'}, rules.slice(0, 40).map((rule) => el('li', null,
    el('span', {class: 'verdict ' + rule.worst}, {held: 'Held: ', violated: 'Violated: ', unknown: 'Nothing shown: '}[rule.worst]), said(rule.main), ruleInWords(view, rule))));
}

function ruleInWords(view, {cells, of, done, worst}) {
  const where = (state) => said(of(state).slice(0, 6).map((cell) => view.rest(cell)).join('; ') + (of(state).length > 6 ? ' and more' : ''));
  const only = cells.length === 1;
  const what = {
    violated: only ? '.' : [', in ' + countOf(of('violated').length) + ' of ' + counted(cells.length, 'cell') + ' (', where('violated'), ').'],
    held: only || of('held').length === cells.length ? (only ? '.' : ', in every cell.') : [', in ' + countOf(of('held').length) + ' of ' + counted(cells.length, 'cell') + '; the others show nothing.'],
    unknown: '.',
  }[worst];
  if (done.length === 0) return what;
  return [what, ' ', el('span', {class: 'soft'}, rangeOf(done.map((cell) => cell.leader_share), percent) + ' of the reads at the leader, ' +
    rangeOf(done.map((cell) => cell.added_ms_a_read), addedInWords) + ' added to a read.')];
}

function sweepFacts(sweep) {
  const shown = (value) => said(brief(Array.isArray(value) ? value.join(', ') : text(value), 160));
  const swept = sweep.over.map(({name}) => name);
  return el('div', null, el('h3', null, 'What was swept'), facts([
    ...sweep.over.map(({name, values}) => [said(name), said(brief(values.join(', '), 400))]),
    ...Object.entries(sweep.scenario).filter(([name]) => !swept.includes(name)).map(([name, value]) => [said(name), shown(value)]),
  ]));
}

function showCells(body, {sweep}) {
  const view = new SweepView(sweep);
  const wait = (ms) => (typeof ms === 'number' ? duration(ms) : '–');
  const rate = (row) => (!row ? '–' : row.at_risk === 0 ? 'none at risk'
    : [percent(row.rate.value) + ' of ' + countOf(row.at_risk), el('br'), el('span', {class: 'soft small'}, percent(row.rate.low) + ' to ' + percent(row.rate.high))]);
  add(body, table('Every cell',
    [...view.names.map((name) => ({head: said(name)})), {head: 'verdict'}, ...sweep.rows.map((name) => ({head: said(name)})),
      ...['at the leader', 'added a read', 'median read', '99 %', 'waits', 'fall-backs', 'operations'].map((head) => ({head, number: true}))],
    view.cells.map((cell) => [...view.names.map((name) => said(cell.settings[name])),
      linked(cell, el('span', {class: 'verdict ' + toneOf(stateOf(cell))}, stateInWords(stateOf(cell)))),
      ...sweep.rows.map((name) => rate(view.row(cell, name))),
      ...(cell.state === 'done' ? [shareInWords(cell.leader_share), addedInWords(cell.added_ms_a_read), wait(cell.read_median_ms), wait(cell.read_p99_ms),
        countOf(cell.waits), countOf(cell.fallbacks), countOf(cell.operations)] : Array(7).fill('–'))])),
  el('p', {class: 'soft small'}, 'Rates are of the operations at risk, with their 95 % interval. A verdict leads to the cell\'s own report.'),
  el('div', {class: 'columns'}, sweepFacts(sweep), el('div', null, el('h3', null, 'Again'),
    el('p', {class: 'soft small'}, 'Into another --out folder it is carried out again; with --resume it goes on where it lies:'), command(sweep.again))));
}
