'use strict';
// The second section: every violation in a list that can be narrowed down, and one of them told and drawn.

const entriesAPage = window.matchMedia('(max-width: 56rem)').matches ? 6 : 12;

/** What other sections lead to; there is none where nothing was violated. */
let violationBrowser = null;

function showViolations(body, all) {
  const {violations, report} = all;
  if (violations.total === 0) {
    body.append(nothing(report.verdict === 'held' ? 'None was found.'
      : 'None was found; that says little, as the verdict is ' + report.verdict + '.'));
    return;
  }
  const entries = listedEntries(violations);
  const operations = entries.reduce((sum, entry) => sum + entry.count, 0);
  const met = violations.listed < violations.total
    ? ', of which ' + countOf(violations.listed) + ' are listed here (the command to judge again tells every one with --entries all)'
    : operations > violations.total ? ', met ' + counted(operations, 'time') + ' in all' : '';
  const drawn = violations.told < violations.listed
    ? 'Of these ' + countOf(violations.told) + ' are drawn; of the others, a command cuts the history out. ' : '';
  body.append(el('p', {class: 'soft'}, counted(violations.total, 'entry', 'entries') + met + '. ' + drawn +
    'An entry is one stale state that one session met.'));
  violationBrowser = new ViolationBrowser(body, all, entries);
  violationBrowser.open(firstToTell(entries, all.groups));
}

/** That of a promised breach, if it is known what is promised. */
function firstToTell(entries, groups) {
  const promised = new Set((groups?.rows ?? []).filter((row) => row.promised !== false).map((row) => row.entry));
  return entries.find((entry) => promised.has(entry.number)) ?? entries[0];
}

/** The columns of page_violations.hpp as one object each. */
function listedEntries({entries, names, rows}) {
  return entries.number.map((number, i) => ({
    number, row: rows[entries.row[i]], key: entries.key[i], node: entries.node[i], faults: entries.faults[i],
    count: entries.count[i], at: entries.at_ms[i], stale: entries.stale_ms[i], witness: entries.witness[i],
    keyName: names.keys[entries.key[i]], nodeName: names.nodes[entries.node[i]], owner: names.owners[entries.owner[i]],
  }));
}

class ViolationBrowser {
  constructor(body, all, entries) {
    this.all = all;
    this.entries = entries;
    this.shown = entries;
    this.page = 0;
    this.groups = el('div', {class: 'groups', role: 'group', 'aria-label': 'Narrow the list down'});
    this.list = el('ol', {class: 'entries'});
    this.pager = el('div', {class: 'pager'});
    this.detail = el('div', {class: 'witness', id: 'witness', tabindex: -1, role: 'region', 'aria-label': 'The entry that was chosen'});
    this.by = el('select', {id: 'group-by', onchange: () => this.showGroups()},
      el('option', {value: ''}, 'nothing'), el('option', {value: 'key'}, 'key'), el('option', {value: 'node'}, 'node'),
      el('option', {value: 'fault'}, 'fault'));
    const toFirst = el('button', {type: 'button', id: 'first-violation', onclick: () => this.openFirst()}, 'Jump to the first');
    body.append(
      el('div', {class: 'toolbar'}, toFirst, el('label', {for: 'group-by'}, 'Grouped by ', this.by)), this.groups,
      el('div', {class: 'browse'}, el('div', null, this.list, this.pager), this.detail));
    this.showGroups();
  }

  has(number) {
    return this.entries.some((entry) => entry.number === number);
  }

  /** Opens the entry of this number, wherever it stands in the list. */
  goTo(number) {
    const entry = this.entries.find((one) => one.number === number);
    this.by.value = '';
    this.showGroups();
    this.turnTo(entry);
    this.open(entry, true);
  }

  /** The earliest in time; in file order where no times were measured. */
  openFirst() {
    this.goTo(this.entries.reduce((a, b) => (b.at !== null && b.at < a.at ? b : a)).number);
  }

  showGroups() {
    const kind = this.by.value;
    this.groups.replaceChildren();
    if (kind === '') return this.narrow(() => true);
    const {shown, names, other_entries: others} = this.all.violations.groups[kind];
    const label = {key: 'keys', node: 'nodes', fault: 'faults'}[kind];
    const texts = this.all.violations.names[label];
    const buttons = shown.map((group) => {
      const unnamed = {key: '""', node: 'node not known', fault: 'no fault on'}[kind];
      const button = el('button', {type: 'button', 'aria-pressed': 'false', title: counted(group.operations, 'operation')},
        said(texts[group.name] || unnamed), ' ', el('span', {class: 'count'}, countOf(group.entries)));
      button.addEventListener('click', () => {
        const on = button.getAttribute('aria-pressed') !== 'true';
        buttons.forEach((other) => other.setAttribute('aria-pressed', String(other === button && on)));
        this.narrow(on ? (entry) => this.isOf(entry, kind, group.name, texts) : () => true);
      });
      return button;
    });
    this.groups.append(...buttons);
    if (names > shown.length) {
      this.groups.append(el('span', {class: 'soft small'}, 'and ' + counted(names - shown.length, 'more ' + kind) + ' with ' +
        counted(others, 'entry', 'entries')));
    }
    return this.narrow(() => true);
  }

  isOf(entry, kind, name, texts) {
    if (kind !== 'fault') return entry[kind] === name;
    return texts[name] === '' ? entry.faults.length === 0 : entry.faults.includes(name);
  }

  narrow(wanted) {
    this.shown = this.entries.filter(wanted);
    this.page = 0;
    this.showList();
  }

  turnTo(entry) {
    const place = this.shown.indexOf(entry);
    if (place >= 0) this.page = Math.floor(place / entriesAPage);
    this.showList();
  }

  showList() {
    const pages = Math.max(1, Math.ceil(this.shown.length / entriesAPage));
    const from = this.page * entriesAPage;
    this.list.replaceChildren(...this.shown.slice(from, from + entriesAPage).map((entry) => el('li', null, this.entryButton(entry))));
    this.list.setAttribute('start', from + 1);
    if (this.shown.length === 0) this.list.append(el('li', {class: 'empty'}, 'Those of this group are not among the entries listed here.'));
    const turn = (label, by) => el('button', {type: 'button', disabled: this.page + by < 0 || this.page + by >= pages,
      onclick: () => { this.page += by; this.showList(); }}, label);
    this.pager.replaceChildren(turn('Previous', -1), el('span', {'aria-live': 'polite'},
      this.shown.length === 0 ? '' : countOf(from + 1) + ' to ' + countOf(Math.min(from + entriesAPage, this.shown.length)) + ' of ' + countOf(this.shown.length)),
    turn('Next', 1));
  }

  entryButton(entry) {
    const when = [
      entry.nodeName ? entry.nodeName : null, entry.at === null ? null : 'at ' + duration(entry.at),
      entry.stale ? duration(entry.stale) + ' overdue' : null, entry.count > 1 ? countOf(entry.count) + '×' : null];
    return el('button', {type: 'button', 'data-entry': entry.number, 'aria-current': entry === this.opened ? 'true' : null,
      onclick: () => this.open(entry, true)},
    el('span', {class: 'what'}, entry.number + ' · ', said(entry.owner), ', ', said(entry.keyName)),
    el('span', {class: 'when'}, entry.row.name, el('br'), said(when.filter(Boolean).join(' · '))));
  }

  /** Shows an entry; `go` also moves there, as the reader asked for it. */
  open(entry, go) {
    this.opened = entry;
    for (const button of this.list.querySelectorAll('button')) {
      if (Number(button.dataset.entry) === entry.number) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
    }
    this.detail.replaceChildren();
    showEntry(this.detail, this.all, entry);
    if (go) {
      this.detail.focus({preventScroll: true});
      this.detail.scrollIntoView({block: 'nearest'});
    }
  }
}

/** One entry: its drawing, its story, and what its history's lines are. */
function showEntry(parent, {violations, faults, check, is_stream: piped}, entry) {
  const cut = (what) => onTheHistory(what,
    check && check + ' --witness ' + entry.number + ' --out witness-' + entry.number + '.jsonl', piped);
  const title = el('h3', null, 'Entry ' + entry.number + ': ', said(entry.row.name));
  if (entry.witness === null) {
    add(parent, title, el('p', null, said(entry.owner), ', key ', said(entry.keyName)),
      cut('It is not among those that are drawn here. Cut out the smallest part of the history that shows it'));
    return;
  }
  const witness = violations.witnesses[entry.witness];
  const operations = violations.operations;
  add(parent, title, el('p', null, said(witness.whose)));
  const caption = el('p', {class: 'caption', 'aria-live': 'polite'});
  const reasons = reasonList(witness);
  const light = (number) => {
    const edge = witness.edges[number];
    caption.replaceChildren(...(edge ? [el('strong', null, String(number + 1)), ' ', said(edge.reason)]
      : ['Arrows lead from what is older to what would be newer: no order satisfies all of them. Point at one, or reach it with the tab key, for its reason.']));
    [...reasons.children].forEach((item, i) => item.classList.toggle('lit', i === number));
  };
  drawWitness(parent, witness, operations, faults, light);
  light(-1);
  add(parent, caption, storySteps(witness, operations), reasons, circumstances(witness), rawOperations(witness, operations, entry),
    cut('Cut out the smallest part of the history that shows it, to be checked by itself'));
}

function storySteps(witness, operations) {
  const first = operations[witness.steps[0]?.operation]?.from_ms ?? null;
  return el('ol', {class: 'steps', 'aria-label': 'What happened'}, witness.steps.map((step, i) => {
    const operation = operations[step.operation];
    const at = first === null || operation.from_ms === null ? String(i + 1) + '.' : '+' + duration(operation.from_ms - first);
    return el('li', {class: step.broken ? 'broken' : null}, el('span', {class: 'at'}, at),
      el('span', null, said(step.words), operation.line > 0 ? el('span', {class: 'soft small'}, ' line ' + countOf(operation.line)) : null));
  }));
}

/** How an edge is drawn: by what it rests on. */
function edgeClass(kind) {
  if (['writer-order', 'realtime-writes'].includes(kind)) return 'assumed';
  return ['initial', 'recorded-version', 'list-contents', 'session-order', 'reads-from', 'one-transaction'].includes(kind) ? 'fact' : 'owed';
}

function reasonList(witness) {
  return el('ol', {class: 'reasons', 'aria-label': 'Why it is a breach'}, witness.edges.map((edge, i) =>
    el('li', {class: edgeClass(edge.kind) === 'owed' ? 'violated' : null},
      el('span', {class: 'mark', 'aria-hidden': 'true'}, String(i + 1)), el('span', null, said(edge.reason)))));
}

function circumstances(witness) {
  const lines = witness.circumstances.map((words) => el('li', null, said(words)));
  if (witness.assumptions.length > 0) lines.push(el('li', null, 'assuming ' + witness.assumptions.join(', ')));
  return lines.length > 0 ? el('ul', {class: 'plain soft'}, lines) : null;
}

function rawOperations(witness, operations, entry) {
  const lines = witness.steps.map((step) => operations[step.operation]);
  const whole = lines.every((operation) => operation.raw !== null);
  // Numbered anew, with the lines that they came from, as a witness that the command cuts out.
  const renumbered = ({raw, line}, i) => raw.replace(/^(\{"kind":"op","i":)\d+/, '$1' + i)
    .replace(/\}$/, line > 0 ? ',"source_line":' + line + '}' : '}');
  const subHistory = () => [JSON.stringify({...data.violations.header, ...entry.row.header, witness: {of: data.report.run.history, entry: entry.number}}),
    ...[...lines].sort((a, b) => a.place - b.place).map(renumbered)].join('\n') + '\n';
  const place = el('div');
  const byHand = () => {
    const area = el('textarea', {readonly: true, 'aria-label': 'The sub-history'});
    area.value = subHistory();
    place.replaceChildren(area);
    area.select();
  };
  return el('div', null,
    later('Raw operations', () => el('div', null, lines.map((operation) => el('div', {class: 'raw'},
      el('strong', null, operation.line > 0 ? 'line ' + countOf(operation.line) : 'operation ' + countOf(operation.place)), ' ',
      operation.raw === null ? el('span', {class: 'soft'}, 'too long to be shown here') : el('code', {class: 'said'}, operation.raw))))),
    el('div', {class: 'toolbar'}, whole
      ? el('span', {id: 'copy-sub-history'}, copyButton('Copy as a sub-history', subHistory, byHand))
      : el('span', {class: 'soft small'}, 'Its lines are too long to be copied from here.')), place);
}
