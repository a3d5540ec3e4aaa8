'use strict';
// The third section: what the run was like over time, panel under panel on one time axis.

const axisWidth = 62;  // of every panel, so that one moment stands at one place in all of them

function showTimeline(body, {report, series, faults, measured, since_run_began: sinceRunBegan, totals}) {
  if (!measured) {
    body.append(nothing('The history has no measured times, so nothing can be said of when things happened.'));
    return;
  }
  if (!series) {
    body.append(nothing('The history holds no operations: nothing happened that could be drawn.'));
    return;
  }
  const run = new TimeAxis(series);
  body.append(el('p', {class: 'soft'}, 'Seconds since ' + (sinceRunBegan ? 'the run began' : 'the first operation') +
    '; each point sums up ' + duration(series.width_ms) + '. ' + (faults.length > 0 ? 'Faults are shaded, faintly those that were on all the time.' : report.run.scenario ? 'No fault was injected.' : 'The history tells of no faults.')));
  if (series.final_check) {
    body.append(el('p', {class: 'soft', id: 'final-check'}, 'Grey is the final check: once faults are healed, each session reads what it touched (' +
      counted(series.final_check.reads.reduce((a, b) => a + b, 0), 'read') + '). That is no load, and counts neither in operations per second nor in latency.'));
  }
  if (faults.length > 0) {
    body.append(el('ul', {class: 'plain small'}, faults.slice(0, 12).map((fault) => el('li', null, said(fault.episode), ': ', said(fault.words)))));
    if (totals.faults > 12) {
      body.append(el('p', {class: 'soft small'}, 'and ' + countOf(totals.faults - 12) + ' more' +
        (totals.faults > faults.length ? '; the first ' + countOf(faults.length) + ' are shaded' : '')));
    }
  }
  lagPanel(body, series, faults, run);
  const perSecond = 1000 / series.width_ms;
  panel(body, run, faults, 'Operations per second', '', [
    line('reads', run.points(series.reads, perSecond), 0), line('writes', run.points(series.writes, perSecond), 1)]);
  if (series.ok.every((count) => count === 0)) {
    body.append(el('div', {class: 'panel'}, el('h3', null, 'Latency'), el('p', {class: 'soft'}, 'No operation took effect.')));
  } else {
    latencyPanel(body, series, faults, run);
  }
  outcomePanel(body, series, faults, run);
  panel(body, run, faults, 'Violations', 'operations that broke a guarantee', [
    bars('violations', run.points(series.violations), 'violated')], {suggestedMax: 1, ticks: {precision: 0}}, {last: true});
  body.append(later('The same as a table', () => timeTable(series)));
}

function latencyPanel(body, series, faults, run) {
  panel(body, run, faults, 'Latency', 'ms, of those that took effect', [
    line('read, median', run.points(series.read_p50), 0), dashed(line('read, 99 %', run.points(series.read_p99), 0)),
    line('write, median', run.points(series.write_p50), 1), dashed(line('write, 99 %', run.points(series.write_p99), 1)),
  ], {type: 'logarithmic', ticks: {callback: decade}});
}

class TimeAxis {
  constructor(series) {
    this.series = series;
    const lags = series.lag.flatMap((node) => node.points.map((point) => point.x));
    const end = series.from_ms + series.width_ms * series.ok.length;
    const begin = lags.reduce((a, b) => Math.min(a, b), series.from_ms) / 1000;
    this.max = lags.reduce((a, b) => Math.max(a, b), end) / 1000;
    // The moment at which the clock began belongs onto the axis if it is near.
    this.min = begin > 0 && begin < this.max / 20 ? 0 : begin;
  }
  /** A column as points in the middle of their bins. */
  points(column, factor) {
    const {from_ms: from, width_ms: width} = this.series;
    return column.map((value, i) => ({x: (from + (i + 0.5) * width) / 1000, y: value === null ? null : value * (factor ?? 1)}));
  }
}

function line(label, points, number) {
  return () => ({type: 'line', label, data: points, borderColor: charts.series(number), backgroundColor: charts.series(number), spanGaps: true});
}

function dashed(dataset) {
  return () => {
    const solid = dataset();
    const colour = charts.faint(solid.borderColor, 0.7);
    return {...solid, borderColor: colour, backgroundColor: colour, borderDash: [4, 3], borderWidth: 1.1};
  };
}

function bars(label, points, colour) {
  return () => ({type: 'bar', label, data: points.map(({x, y}) => ({x, y: y === 0 ? null : y})), backgroundColor: theme.colour(colour), barPercentage: 1, categoryPercentage: 1,
    minBarLength: 2, skipNull: true, maxBarThickness: 10});
}

function decade(value) {
  return /^[1]/.test(String(value).replace(/^0\.0*/, '')) ? Number(value.toPrecision(1)).toString() : '';
}

function panel(body, run, faults, title, unit, datasets, y, {last, named} = {}) {
  const stacked = y?.stacked;
  const figure = el('div', {class: 'panel'}, el('h3', null, title, unit ? el('span', null, unit) : null));
  body.append(figure);
  const make = () => ({
    data: {datasets: datasets.map((dataset) => dataset())},
    options: {
      parsing: false,
      interaction: {mode: 'nearest', axis: 'x', intersect: false},
      scales: {
        x: charts.axis({type: 'linear', stacked, min: run.min, max: run.max, offset: false, title: last ? 'seconds' : '', ticks: {includeBounds: false}}),
        y: charts.axis({beginAtZero: y?.type !== 'logarithmic', ...y, afterFit: (scale) => { scale.width = axisWidth; },
          ticks: {maxTicksLimit: 5, ...y?.ticks}}),
      },
      plugins: {
        faultShade: {faults, check: run.series.final_check}, oneTime: {on: true},
        tooltip: {callbacks: {title: (items) => items.length > 0 ? 'at ' + items[0].parsed.x.toFixed(2) + ' s' : ''}},
      },
    },
  });
  charts.add(figure, make, title + (unit ? ', ' + unit : '') + ', over time. The table below has its numbers.',
    {size: datasets.length > 4 ? 'tall' : datasets.length > 1 ? '' : 'short', named});
}

function lagPanel(body, series, faults, run) {
  const unit = 'ms; the longest in each stretch' + (series.lag_nodes_left_out > 0 ? '; ' + counted(series.lag_nodes_left_out, 'node') + ' that lagged less left out' : '');
  if (series.lag.length === 0) {
    body.append(el('div', {class: 'panel'}, el('h3', null, 'Lag of each node'), nothing('No lag was sampled.')));
    return;
  }
  panel(body, run, faults, 'Lag of each node', unit, series.lag.map((node, i) => () => ({
    ...line(brief(node.node, 24), node.points.map(({x, y}) => ({x: x / 1000, y})), i)(), spanGaps: false})), {}, {named: true});
}

function outcomePanel(body, series, faults, run) {
  const none = (column) => column.every((count) => count === 0);
  if (none(series.fail) && none(series.info)) {
    body.append(el('div', {class: 'panel'}, el('h3', null, 'Outcomes'), el('p', {class: 'soft'}, 'Every operation took effect.')));
    return;
  }
  panel(body, run, faults, 'Outcomes', 'operations that did not take effect, or of which it was never told', [
    bars('failed', run.points(series.fail), 'unknown'), bars('unknown', run.points(series.info), 'series-4')],
  {stacked: true, ticks: {precision: 0}});
}

function timeTable(series) {
  const shown = (value) => (value === null ? '' : duration(value));
  const columns = ['from', 'ok', 'failed', 'unknown', 'reads', 'writes', 'read median', 'read 99 %', 'write median', 'write 99 %', 'violations']
    .concat(series.final_check ? ['final check'] : []).map((head) => ({head, number: true}));
  const rows = series.ok.map((ok, i) => [
    ((series.from_ms + i * series.width_ms) / 1000).toFixed(2) + ' s', countOf(ok), countOf(series.fail[i]), countOf(series.info[i]),
    countOf(series.reads[i]), countOf(series.writes[i]), shown(series.read_p50[i]), shown(series.read_p99[i]),
    shown(series.write_p50[i]), shown(series.write_p99[i]), countOf(series.violations[i]),
    ...(series.final_check ? [countOf(series.final_check.reads[i])] : [])]);
  return table('The run over time', columns, rows);
}
