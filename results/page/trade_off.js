'use strict';
// The second section of a sweep: how often each combination broke a guarantee, against what it cost.

// Of the values of the second setting; each smaller than the one before, so that one is seen around the other.
const shapes = ['circle', 'rect', 'triangle', 'rectRot', 'star', 'crossRot'];

function showTradeOff(body, {sweep}) {
  const view = new SweepView(sweep);
  if (sweep.rows.length === 0) {
    body.append(nothing('No cell has been carried out, so there is nothing to be drawn.'));
    return;
  }
  const select = el('select', {id: 'guarantee'}, sweep.rows.map((name, i) => el('option', {value: i}, brief(name, 80))));
  const pair = el('div', {class: 'columns'});
  const undrawn = el('p', {class: 'soft small', id: 'undrawn'});
  add(body,
    el('p', {class: 'soft'}, 'A point for each cell, with the 95 % interval of its rate as a line: lower is safer, further left is cheaper. Colours tell ',
      said(view.main), ' apart', view.second ? [', shapes ', said(view.second)] : null, '; hollow points are of cells that are unknown.'),
    sweep.rows.length > 1 ? el('div', {class: 'toolbar'}, el('label', {for: 'guarantee'}, 'Rate of ', select)) : null,
    pair, undrawn);
  const rate = () => sweep.rows[Number(select.value)];
  const redraw = [
    tradeOffChart(pair, view, rate, 'Against the leader\'s share of the reads', {
      of: (cell) => (typeof cell.leader_share === 'number' ? cell.leader_share * 100 : null), least: 100, unit: ' %'}),
    tradeOffChart(pair, view, rate, 'Against what waiting added to a read', {
      of: (cell) => cell.added_ms_a_read ?? null, least: 1, unit: ' ms'}),
  ];
  const tell = () => undrawn.replaceChildren(...undrawnInWords(view, rate()));
  select.addEventListener('change', () => { redraw.forEach((draw) => draw()); tell(); });
  tell();
}

/** Cells that have no point, by why that is. */
function undrawnInWords(view, name) {
  const pieces = [];
  const list = (words, cells) => {
    if (cells.length > 0) pieces.push(words + ': ', said(cells.slice(0, 30).map((cell) => view.shortly(cell)).join('; ')), cells.length > 30 ? '; and more. ' : '. ');
  };
  const done = view.cells.filter((cell) => cell.state === 'done');
  const judged = (cell) => (view.row(cell, name)?.at_risk ?? 0) > 0;
  list('Without a point, as nothing was at risk', done.filter((cell) => !judged(cell)));
  list('Not in the first chart, as it is not known who served the reads', done.filter((cell) => judged(cell) && typeof cell.leader_share !== 'number'));
  list('Without a point, as they were not carried out', view.cells.filter((cell) => cell.state !== 'done'));
  return pieces;
}

function tradeOffChart(parent, view, rate, title, cost) {
  const part = el('div', {class: 'panel'}, el('h3', null, title));
  parent.append(part);
  return charts.add(part, () => {
    const datasets = view.combinations().flatMap((combination) => pointsOf(view, combination, rate(), cost));
    const points = datasets.flatMap((dataset) => dataset.data);
    const costs = points.map(({x}) => x);
    const rates = points.flatMap(({y}) => y);
    return {
      data: {datasets},
      options: {
        parsing: {}, interaction: {mode: 'point', intersect: true},
        scales: {
          x: withRoom(Math.max(cost.least, ...costs), cost.unit),
          y: withRoom(Math.max(5, ...rates), ' %', 'at-risk operations that broke it'),
        },
        plugins: {tooltip: {
          filter: (item) => !item.dataset.untold,
          callbacks: {title: () => '', label: (item) => pointInWords(view, item.raw.cell, rate())},
        }},
      },
    };
  }, title + ', the rate of violations, a point for each cell. The table below has the numbers.', {size: 'tall', legend: () => view.legend()});
}

/** From 0 to the most, with room beyond both ends: what stands at an end is not to lie upon the axis. */
function withRoom(most, unit, title) {
  return charts.axis({type: 'linear', title, offset: false, min: -0.06 * most, max: 1.06 * most,
    ticks: {includeBounds: false, maxTicksLimit: 6, callback: (value) => value + unit}});
}

/** The points of one colour and shape, and their intervals. */
function pointsOf(view, {main, second, colour, shape}, name, cost) {
  const cells = view.cells.filter((cell) => view.isOf(cell, main, second) && (view.row(cell, name)?.at_risk ?? 0) > 0 && cost.of(cell) !== null);
  const ink = charts.series(colour);
  const rates = cells.map((cell) => view.row(cell, name).rate);
  const order = shapes.length - shape;  // the small ones above
  return [
    {type: 'scatter', main, second, order, clip: 12, borderColor: ink, borderWidth: 2, hoverBorderWidth: 3,
      pointStyle: shapes[shape % shapes.length], radius: 9 - 1.4 * Math.min(shape, 4), hoverRadius: 10 - 1.4 * Math.min(shape, 4), hitRadius: 4,
      backgroundColor: cells.map((cell) => charts.faint(ink, cell.verdict === 'unknown' ? 0 : 0.4)),
      data: cells.map((cell, i) => ({x: cost.of(cell), y: rates[i].value * 100, cell}))},
    {type: 'bar', main, second, order: 100, untold: true, grouped: false, barThickness: 2, clip: 12, backgroundColor: charts.faint(ink, 0.6),
      data: cells.map((cell, i) => ({x: cost.of(cell), y: [rates[i].low * 100, rates[i].high * 100], cell}))},
  ];
}

function pointInWords(view, cell, name) {
  const row = view.row(cell, name);
  return [view.shortly(cell) + ': ' + row.verdict,
    percent(row.rate.value) + ' (' + percent(row.rate.low) + ' to ' + percent(row.rate.high) + ') of ' + countOf(row.at_risk) + ' at risk',
    'leader ' + shareInWords(cell.leader_share) + ', adds ' + addedInWords(cell.added_ms_a_read)];
}

function shareInWords(share) {
  return typeof share === 'number' ? percent(share) : 'not known';
}

function addedInWords(ms) {
  return typeof ms === 'number' ? duration(ms) : '–';
}
