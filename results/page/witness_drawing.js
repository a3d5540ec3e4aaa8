'use strict';
// A witness as a drawing: a lane for each session and each node, operations as bars, the edges of its cycle as arrows.

const lane = {height: 46, bar: 18, label: 92, character: 6.6};

function drawWitness(parent, witness, operations, faults, light) {
  const shown = witness.steps.map((step) => ({...operations[step.operation], number: step.operation, words: step.words, broken: step.broken}));
  const edges = witness.edges.map((edge, i) => ({...edge, place: i})).filter((edge) => edge.to !== null &&
    shown.some((operation) => operation.number === edge.to) && (edge.from === null || shown.some((operation) => operation.number === edge.from)));
  const above = edges.filter((edge) => leadsOn(edge, shown)).length;
  const lanes = lanesOf(shown, above === 0 ? 34 : 36 + bendOf(above - 1) * 0.75, edges.length - above);
  const place = new TimeScale(shown, lanes);
  const drawing = svg('svg', {role: 'group', 'aria-label': 'Timeline of the witness', width: place.width, height: lanes.height,
    viewBox: '0 0 ' + place.width + ' ' + lanes.height});
  drawing.append(
    faultBands(faults, place, lanes), laneLines(lanes, place), axisTexts(place, lanes),
    ...shown.map((operation) => bar(operation, place, lanes)),
    ...edges.map((edge) => {
      const sameWay = edges.filter((other) => leadsOn(other, shown) === leadsOn(edge, shown));
      return arrow(edge, bendOf(sameWay.indexOf(edge)), shown, place, lanes, light);
    }));
  parent.append(el('div', {class: 'drawing', tabindex: 0, role: 'region', 'aria-label': 'Drawing of the witness'}, drawing));
  if (place.squeezed) parent.append(el('p', {class: 'soft small'}, 'Time runs to the right, not to scale: each bar reaches from call to return.'));
}

/** How far the n-th arrow is bent away, so that they do not lie upon one another. */
const bendOf = (n) => 26 + 14 * Math.min(n, 2);

const orderOf = (number, shown) => shown.findIndex((operation) => operation.number === number);

/** Whether an edge leads to a later operation: such are drawn above, the others below. */
function leadsOn(edge, shown) {
  return edge.from === null || orderOf(edge.from, shown) <= orderOf(edge.to, shown);
}

function lanesOf(shown, top, below) {
  const unique = (texts) => [...new Set(texts)];
  const sessions = unique(shown.map((operation) => operation.session));
  const nodes = unique(shown.map((operation) => operation.node)).filter((node) => node !== '');
  const room = 14 + 22 * Math.min(below, 3);
  const list = [];
  let y = top;
  for (const name of sessions) {
    list.push({kind: 'session', name, y});
    y += lane.height;
  }
  y += room;
  for (const name of nodes) {
    const role = shown.find((operation) => operation.node === name).role;
    list.push({kind: 'node', name, role, y});
    y += lane.height - 10;
  }
  return {
    list, height: y + 26, bottom: y,
    of: (kind, name) => list.find((one) => one.kind === kind && one.name === name),
  };
}

/** From times to places. Pauses are drawn shorter than they were and moments longer, so that all can be read. */
class TimeScale {
  constructor(shown, lanes) {
    const timed = shown.every((operation) => operation.from_ms !== null);
    // Without times the operations stand one after the other, as they do in the file.
    this.spans = new Map(shown.map((operation, i) => [operation.number, timed ? [operation.from_ms, operation.to_ms] : [2 * i, 2 * i + 1]]));
    this.timed = timed;
    this.times = [...new Set([...this.spans.values()].flat())].sort((a, b) => a - b);
    this.first = this.times[0] ?? 0;
    this.places = this.spread(shown);
    this.width = Math.max((this.places.at(-1) ?? 0) + 40, 330,
      ...shown.map((operation) => this.at(this.spans.get(operation.number)[0]) + labelOf(operation).length * lane.character + 12));
    this.squeezed = timed && this.times.length > 2;
  }

  spread(shown) {
    const places = [lane.label + 24];
    const active = (from, to) => [...this.spans.values()].some(([begin, end]) => begin <= from && end >= to);
    for (let i = 1; i < this.times.length; ++i) {
      const lasted = this.times[i] - this.times[i - 1];
      const least = active(this.times[i - 1], this.times[i]) ? 26 : 34;
      let place = places[i - 1] + least + Math.min(110, 22 * Math.log10(1 + lasted));
      // A label begins where its operation does, and the next one in the lane has to find room behind it.
      for (const operation of shown) {
        if (this.spans.get(operation.number)[0] !== this.times[i]) continue;
        for (const before of shown) {
          const begin = this.spans.get(before.number)[0];
          if (begin >= this.times[i] || before.session !== operation.session) continue;
          place = Math.max(place, places[this.times.indexOf(begin)] + labelOf(before).length * lane.character + 12);
        }
      }
      places.push(place);
    }
    return places;
  }

  /** Of any time; what lies outside is drawn at the edge. */
  at(ms) {
    const {times, places} = this;
    if (times.length === 0 || ms <= times[0]) return ms < (times[0] ?? 0) ? lane.label + 6 : places[0];
    for (let i = 1; i < times.length; ++i) {
      if (ms <= times[i]) return places[i - 1] + (places[i] - places[i - 1]) * (ms - times[i - 1]) / (times[i] - times[i - 1]);
    }
    return (this.width ?? places.at(-1)) - 8;
  }

  span(operation) {
    const [from, to] = this.spans.get(operation.number).map((ms) => this.at(ms));
    return {from, to: Math.max(to, from + 8), middle: (from + Math.max(to, from + 8)) / 2};
  }
}

function labelOf(operation) {
  const most = 22;
  const value = brief(operation.value, most);
  const outcome = operation.type === 'ok' ? '' : operation.type === 'fail' ? ' ✗' : ' ?';
  if (operation.f === 'read') return (operation.type === 'ok' ? 'read ' + value : 'read') + outcome;
  return operation.f + (operation.f === 'delete' ? '' : ' ' + value) + outcome;
}

function laneLines(lanes, place) {
  return svg('g', {'aria-hidden': 'true'}, lanes.list.map(({kind, name, role, y}) => {
    const short = brief(name, 13) || '""';
    return [
      svg('line', {class: 'lane-line', x1: lane.label, x2: place.width, y1: y, y2: y}),
      svg('text', {class: 'lane-text said', x: 0, y: y + (role ? -2 : 4)}, svg('title', null, kind + ' ' + name), short),
      role ? svg('text', {class: 'axis-text', x: 0, y: y + 12, 'font-size': 10.5}, role) : null,
    ];
  }).flat());
}

/** When operations began, as far as there is room to say it. */
function axisTexts(place, lanes) {
  const group = svg('g', {'aria-hidden': 'true'});
  if (!place.timed) return group;
  let free = 0;
  for (const begin of [...new Set([...place.spans.values()].map(([from]) => from))].sort((a, b) => a - b)) {
    const x = place.at(begin);
    const text = '+' + duration(begin - place.first);
    if (x < free) continue;
    group.append(svg('line', {class: 'gap-line', x1: x, x2: x, y1: lanes.list[0].y - 12, y2: lanes.bottom - 8}),
      svg('text', {class: 'axis-text', x, y: lanes.height - 8}, text));
    free = x + text.length * lane.character + 8;
  }
  return group;
}

function faultBands(faults, place, lanes) {
  const group = svg('g');
  if (!place.timed) return group;
  const [first, last] = [place.times[0], place.times.at(-1)];
  const on = faults.filter((fault) => fault.from_ms <= last && fault.to_ms >= first).slice(0, 6);
  on.forEach((fault, i) => {
    const from = place.at(fault.from_ms);
    const to = fault.to_ms > last ? place.width : place.at(fault.to_ms);
    group.append(
      svg('rect', {class: 'fault', x: from, y: 0, width: Math.max(to - from, 2), height: lanes.bottom}, svg('title', null, fault.words)),
      svg('text', {class: 'fault-text', x: from + 5, y: lanes.bottom - 4 - 13 * i}, brief(fault.episode || fault.fault, 24)));
  });
  return group;
}

/** The operation in its session's lane and, where it is known who served it, in the node's. */
function bar(operation, place, lanes) {
  const {from, to} = place.span(operation);
  const y = lanes.of('session', operation.session).y;
  const kind = (operation.f === 'read' ? '' : ' write') + (operation.broken ? ' broken' : '');
  const node = lanes.of('node', operation.node);
  const label = labelOf(operation);
  const group = svg('g', {class: 'op', tabindex: 0, role: 'img', 'aria-label': operation.words}, svg('title', null, operation.words));
  if (node) {
    group.append(
      svg('line', {class: 'tie', x1: from, x2: from, y1: y + lane.bar / 2, y2: node.y - 5}),
      svg('rect', {class: 'served' + kind, x: from, y: node.y - 5, width: to - from, height: 10, rx: 2}));
  }
  group.append(
    svg('rect', {class: 'bar' + kind + (operation.type === 'ok' ? '' : ' doubtful'), x: from, y: y - lane.bar / 2, width: to - from, height: lane.bar, rx: 3}),
    svg('text', {class: 'said', x: from, y: y - lane.bar / 2 - 4}, label));
  return group;
}

/** From what is older to what is newer; its number stands on it, its reason is told when it is pointed at or reached. */
function arrow(edge, bent, shown, place, lanes, light) {
  const to = shown.find((operation) => operation.number === edge.to);
  const from = edge.from === null ? null : shown.find((operation) => operation.number === edge.from);
  const up = leadsOn(edge, shown);
  const end = ends(from, to, up, place, lanes);
  const bend = up ? -bent : bent;
  const control = up ? Math.min(end.y1, end.y2) + bend : Math.max(end.y1, end.y2) + bend;
  const path = 'M' + end.x1 + ',' + end.y1 + ' C' + end.x1 + ',' + control + ' ' + end.x2 + ',' + control + ' ' + end.x2 + ',' + end.y2;
  const tip = up ? -7 : 7;
  const middle = {x: (end.x1 + end.x2) / 2, y: (end.y1 + 6 * control + end.y2) / 8};
  const group = svg('g', {class: 'edge ' + edgeClass(edge.kind), tabindex: 0, role: 'img', 'aria-label': 'Reason ' + (edge.place + 1) + ': ' + edge.reason},
    svg('title', null, edge.reason), svg('path', {d: path}), svg('path', {class: 'hit', d: path}),
    svg('polygon', {points: [[end.x2, end.y2], [end.x2 - 4, end.y2 + tip], [end.x2 + 4, end.y2 + tip]].map((point) => point.join(',')).join(' ')}),
    svg('circle', {class: 'dot', cx: middle.x, cy: middle.y, r: 8}),
    svg('text', {class: 'dot-text', x: middle.x, y: middle.y + 4, 'text-anchor': 'middle'}, String(edge.place + 1)));
  const on = () => { group.classList.add('lit'); light(edge.place); };
  const off = () => { group.classList.remove('lit'); light(-1); };
  for (const name of ['mouseenter', 'focus']) group.addEventListener(name, on);
  for (const name of ['mouseleave', 'blur']) group.addEventListener(name, off);
  return group;
}

function ends(from, to, up, place, lanes) {
  const side = (operation) => lanes.of('session', operation.session).y + (up ? -1 : 1) * (lane.bar / 2 + (up ? 15 : 2));
  const target = place.span(to);
  // The state before any write has no bar: its arrow comes from where time begins.
  if (from === null) return {x1: lane.label + 4, y1: side(to), x2: target.middle, y2: side(to)};
  const source = place.span(from);
  return {x1: source.middle, y1: side(from), x2: target.middle, y2: side(to)};
}
