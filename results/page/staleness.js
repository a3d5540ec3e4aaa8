'use strict';
// The fourth and the fifth section: how stale own reads were, how far behind the nodes, and what window would have been
// safe.

function showStaleness(body, {report}) {
  const {staleness_curve: curve, lag_distribution: lag, versions_behind: versions} = report;
  const points = curve?.points?.filter((point) => point.reads > 0) ?? [];
  const delays = new DelayAxis(points, lag ?? []);
  const pair = el('div', {class: 'columns'});
  body.append(pair);
  pair.append(curvePart(points, report, delays), lagPart(lag ?? [], delays));
  body.append(versionsPart(versions ?? []));
}

/** One axis for both charts, so that they can be compared: logarithmic where the curve's stretches grow with the delay. */
class DelayAxis {
  constructor(points, lag) {
    const widths = points.map((point) => point.to_ms - point.from_ms);
    this.logarithmic = points.length > 2 && Math.max(...widths) > 8 * Math.min(...widths);
    const ends = [...points.map((point) => point.to_ms), ...lag.flatMap((node) => node.quantiles.map((quantile) => quantile.ms))];
    this.end = ends.reduce((a, b) => Math.max(a, b), 0);
    this.begin = this.logarithmic ? points[0].from_ms || points[0].to_ms / 2 : 0;
  }

  /** Where a stretch is drawn. */
  middle({from_ms: from, to_ms: to}) {
    return this.logarithmic ? Math.sqrt(Math.max(from, this.begin) * to) : (from + to) / 2;
  }

  /** On a logarithmic axis nothing stands at 0. */
  place(ms) {
    return Math.max(ms, this.begin);
  }

  scale(title) {
    const decades = (value) => (/^[125]0*$/.test(String(value)) ? roundDuration(value) : '');
    return charts.axis({type: this.logarithmic ? 'logarithmic' : 'linear', min: this.begin, max: this.end > 0 ? this.end : undefined,
      offset: false, title: title && this.logarithmic ? title.replace(/^ms /, '') : title,
      ticks: {includeBounds: false, ...(this.logarithmic ? {callback: decades} : {})}});
  }
}

/** Why there is no curve, and no window either. */
function withoutCurve({no_staleness_curve: why}) {
  const words = nothing('There is no curve: ', said(sentence(why ?? 'there were not enough reads').replace(/^./, (first) => first.toLowerCase())));
  return [words, data.curve === '' ? null : onTheHistory('This makes it', data.curve, data.is_stream)].flat();
}

function curvePart(points, report, delays) {
  const curve = report.staleness_curve;
  const part = el('div', {id: 'curve'}, el('h3', null, 'Stale own reads by delay since the acknowledgement'));
  if (points.length === 0) {
    add(part, withoutCurve(report));
    return part;
  }
  part.append(el('p', {class: 'soft small'}, 'Each bar is the 95 % interval of the share that was stale',
    curve.guarantee ? [' (', said(curve.guarantee), curve.scope ? [' per ', said(curve.scope)] : null, ')'] : null, '; the strip below counts the reads behind it.',
    curve.leader_reads ? ' Left out: ' + counted(curve.leader_reads, 'own read') + ' that the leader served.' : null));
  const middle = (point) => delays.middle(point);
  const scaleY = (more) => charts.axis({afterFit: (scale) => { scale.width = 52; }, ...more});
  const name = (items) => {
    const point = points[items[0].dataIndex];
    return duration(point.from_ms) + ' to ' + duration(point.to_ms) + ' after';
  };
  charts.add(part, () => ({
    data: {datasets: [
      {type: 'line', label: 'share that was stale', data: points.map((point) => ({x: middle(point), y: point.share * 100})),
        borderColor: theme.colour('violated'), backgroundColor: theme.colour('violated'), pointRadius: 2.5, pointStyle: 'circle', clip: 6},
      {type: 'bar', label: '95 % interval', data: points.map((point) => ({x: middle(point), y: [point.low * 100, point.high * 100]})),
        backgroundColor: charts.faint(theme.colour('violated'), 0.3), barThickness: 7, grouped: false, clip: 6},
    ]},
    options: {
      parsing: {}, interaction: {mode: 'index', intersect: false},
      scales: {x: delays.scale(''), y: scaleY({min: 0, max: 100, ticks: {callback: (value) => value + ' %', maxTicksLimit: 6}})},
      plugins: {tooltip: {callbacks: {title: name, label: (item) => {
        const point = points[item.dataIndex];
        return item.datasetIndex === 0
          ? percent(point.share) + ' stale: ' + countOf(point.stale) + ' of ' + counted(point.reads, 'read')
          : '95 %: ' + percent(point.low) + ' to ' + percent(point.high);
      }}}},
    },
  }), 'Share of stale own reads against the delay since the acknowledgement. The table below has its numbers.', {size: 'tall'});
  charts.add(part, () => ({
    data: {datasets: [{type: 'bar', label: 'reads', data: points.map((point) => ({x: middle(point), y: point.reads})),
      backgroundColor: theme.colour('series-8'), barThickness: 7}]},
    options: {
      parsing: {}, interaction: {mode: 'index', intersect: false},
      scales: {x: delays.scale('ms since the acknowledgement'), y: scaleY({beginAtZero: true, ticks: {precision: 0, maxTicksLimit: 3}})},
      plugins: {tooltip: {callbacks: {title: name}}},
    },
  }), 'Number of reads behind each point of the staleness curve.', {size: 'short'});
  part.append(later('The same as a table', () => table('The staleness curve',
    ['from', 'to', 'reads', 'stale', 'share', '95 % interval'].map((head) => ({head, number: true})),
    points.map((point) => [duration(point.from_ms), duration(point.to_ms), countOf(point.reads), countOf(point.stale),
      percent(point.share), percent(point.low) + ' to ' + percent(point.high)]))));
  return part;
}

function lagPart(lag, delays) {
  const part = el('div', {id: 'lag-distribution'}, el('h3', null, 'Measured lag of each node'));
  const nodes = lag.filter((node) => node.samples > 0 && node.quantiles.length > 0);
  if (nodes.length === 0) {
    part.append(nothing('Not enough reads of the heartbeat to say how far behind the nodes were: no lag was sampled.'));
    return part;
  }
  const behind = nodes.filter((node) => node.quantiles.some((quantile) => quantile.ms > 0));
  const never = nodes.filter((node) => !behind.includes(node)).map((node) => brief(node.node, 24));
  part.append(el('p', {class: 'soft small'}, 'The share of samples in which the node was further behind than the delay: what a read there would risk without a defence.',
    never.length > 0 ? [' Not seen behind: ', said(never.join(', ')), '.'] : null));
  if (behind.length === 0) return part;
  charts.add(part, () => ({
    data: {datasets: behind.map((node, i) => ({
      type: 'line', label: brief(node.node, 24), data: node.quantiles.map((quantile) => ({x: delays.place(quantile.ms), y: (1 - quantile.p) * 100})),
      borderColor: charts.series(i), backgroundColor: charts.series(i), pointRadius: 2, pointStyle: 'circle', clip: 6}))},
    options: {
      parsing: {}, interaction: {mode: 'nearest', axis: 'x', intersect: false},
      scales: {
        x: delays.scale('ms behind'),
        y: charts.axis({min: 0, max: 100, ticks: {callback: (value) => value + ' %', maxTicksLimit: 6}}),
      },
      plugins: {tooltip: {callbacks: {title: () => '', label: (item) =>
        item.dataset.label + ': more than ' + duration(item.parsed.x) + ' behind in ' + item.parsed.y.toFixed(0) + ' % of the samples'}}},
    },
  }), 'Share of lag samples above each delay, by node. The table below has its numbers.', {size: 'tall', named: true});
  part.append(later('The same as a table', () => table('Lag by node',
    [{head: 'node'}, {head: 'samples', number: true}, ...nodes[0].quantiles.map((quantile) => ({head: percent(quantile.p) + ' within', number: true}))],
    nodes.map((node) => [said(node.node), countOf(node.samples), ...node.quantiles.map((quantile) => duration(quantile.ms))]))));
  return part;
}

function versionsPart(versions) {
  const part = el('div', {id: 'versions-behind'}, el('h3', null, 'Versions behind'));
  if (versions.length === 0) {
    part.append(nothing('Of no stale read is it known how many versions behind it was.'));
    return part;
  }
  const counts = withoutGaps(versions);
  charts.add(part, () => ({
    data: {labels: counts.map((one) => String(one.versions)),
      datasets: [{type: 'bar', label: 'reads', data: counts.map((one) => one.reads), backgroundColor: theme.colour('series-1'), maxBarThickness: 36}]},
    options: {
      scales: {x: charts.axis({title: 'versions behind'}), y: charts.axis({beginAtZero: true, title: 'reads', ticks: {precision: 0, maxTicksLimit: 5}})},
    },
  }), 'Reads by how many versions behind they were: ' + versions.slice(0, 20).map((one) => one.versions + ': ' + one.reads).join(', '));
  return part;
}

/** With those that no read was behind by, where they are few. */
function withoutGaps(versions) {
  const most = versions.at(-1).versions;
  if (most > 60) return versions;
  return Array.from({length: most}, (_, i) => versions.find((one) => one.versions === i + 1) ?? {versions: i + 1, reads: 0});
}

function showSafeWindow(body, {report}) {
  const windows = report.safe_window ?? [];
  const used = report.windows_in_use ?? [];
  body.append(el('p', {class: 'soft'}, 'The smallest delay after an acknowledged write after which at most the given share of a session\'s own reads was still stale, at 95 %. It is what the window of a ',
    el('code', null, 'recent-writer'), ' policy should have been under this lag.'));
  if (windows.length === 0) {
    add(body, withoutCurve(report));
    return;
  }
  const own = used.find((one) => one.of_this_run);
  body.append(
    el('ul', {class: 'windows'}, windows.map((one) => el('li', null, windowInWords(one, Boolean(report.run.scenario))))),
    table('Safe windows', [{head: 'at most stale'}, {head: 'safe window', number: true}, {head: 'reads behind it', number: true}],
      windows.map((one) => ['at most ' + percent(one.share),
        one.window_ms === null ? 'not known' : roundDuration(one.window_ms), one.window_ms === null || one.reads === undefined ? '' : countOf(one.reads)])));
  if (own) {
    body.append(el('p', {class: 'soft small'}, 'Own reads within ' + roundDuration(own.window_ms) +
      ' of a write went to the leader under this run\'s policy, so nothing is known of shorter windows.'));
  }
  if (report.run.scenario && windows.some((one) => one.window_ms === null)) {
    body.append(el('p', {class: 'soft small'}, 'More reads come late with a longer ', el('code', null, '--read-delay'), '.'));
  }
  body.append(el('h3', null, 'Windows in use'), el('ul', {class: 'plain'}, used.map((one) => el('li', null, windowInUse(one)))));
}

/** Too few reads to say that a window holds, though none was stale. */
const fewReads = 30;

/** A window that was not seen to fail is no promise: it says how many reads were looked at. */
function windowInUse({window_ms: window, failed, stale, reads, of_this_run: own}) {
  const name = roundDuration(window) + (own ? ' (this run\'s own)' : '');
  if (reads === 0 || failed === null || failed === undefined) {
    return [el('span', {class: 'verdict unknown'}, 'Not enough reads to say: '), name + ', no own read came later'];
  }
  const seen = ', with ' + countOf(stale) + ' stale of ' + counted(reads, 'own read') + ' after it';
  if (failed) return [el('span', {class: 'verdict violated'}, own ? 'Failed: ' : 'Would have failed: '), name + seen];
  const bound = '; at 95 % fewer than ' + percent(1 - 0.05 ** (1 / reads)) + ' are';
  return reads < fewReads ? [el('span', {class: 'verdict unknown'}, 'Not enough reads to say: '), name + seen]
    : [el('span', {class: 'verdict held'}, 'Not seen to fail: '), name + seen + bound];
}

function windowInWords({share, window_ms: window, reads, fresh_from_ms: from, needs_reads: needed, about_minutes: minutes}, ofOurs) {
  if (window !== null && window !== undefined) {
    return [el('strong', null, roundDuration(window)), ' after a write at most ' + percent(share) + ' of own reads were stale.'];
  }
  const enough = 'For ' + percent(share) + ' not known: ';
  if (!reads) return [enough + 'among the latest own reads some were stale; it takes ' + countOf(needed) + ' of which none is.'];
  return [enough + 'of ' + counted(reads, 'own read') + (from > 0 ? ' ' + roundDuration(from) + ' or more after the write' : '') + ' none was stale, and it takes ' + countOf(needed),
    minutes ? (ofOurs ? ': run for about ' : ': record some ') + runTime(minutes) : null, '.'];
}
