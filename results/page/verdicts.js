'use strict';
// The first section: what was found, of what, under which faults, and how to run it again.

const headlines = {
  violated: 'A guarantee was broken.',
  held: 'Every guarantee asked for held.',
  unknown: 'Nothing can be concluded.',
};

function headline({verdict, guarantees}) {
  const some = verdict === 'unknown' && guarantees.some((row) => !row.control && row.verdict === 'held');
  return some ? 'Not every guarantee asked for could be judged.' : headlines[verdict] ?? '';
}

const faultsListed = 12;

function showVerdicts(body, {report, faults, violations, totals, groups, again, check, is_stream: piped}) {
  const title = document.getElementById('verdict-title');
  title.replaceChildren(el('span', {class: 'verdict ' + report.verdict}, capital(report.verdict)));
  document.title = capital(report.verdict) + ': ' + ([report.run.system, report.run.policy].filter(Boolean).map(shortName).join(' ') || shortName(report.run.history)) + ' – afterwrite report';
  add(body,
    el('p', {class: 'lead'}, headline(report), ' ', promisesInWords(report.promises), runInWords(report)),
    groups ? groupedRows(report, violations) : [
      el('ol', {class: 'rows', 'aria-label': 'Verdicts'}, report.guarantees.map((row, i) => verdictRow(row, violations.rows[i]))),
      rowsLeftOut(report, totals)],
    el('div', {class: 'columns'}, el('div', null, runFacts(report)), el('div', null, faultList(report, faults, totals))),
    againstBaseline(report.against_baseline), findings(report), repeating(again, check, piped));
}

/** What is broken although the system promises it, where a history says what that is. */
function promisesInWords(promises) {
  if (!promises) return null;
  const {promised, not_promised: others} = promises;
  const part = (rows) => countOf(rows.violated) + ' of ' + counted(rows.violated + rows.held + rows.unknown, 'row');
  return 'Violated are ' + part(promised) + ' that the system promises, and ' + part(others) + ' that it does not. ';
}

/** Of rows that are told apart by labels a table shows more than cards: those of control sessions alone are left. */
function groupedRows({guarantees}, {rows}) {
  const names = rows.filter((row) => row.control);
  return [el('p', null, 'Which rows: ', el('a', {href: '#groups'}, 'by label'), '.'),
    guarantees.length > 0 ? el('ol', {class: 'rows', 'aria-label': 'Control sessions'}, guarantees.map((row, i) => verdictRow(row, names[i]))) : null];
}

function capital(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function runInWords({run, availability}) {
  const operations = availability.outcomes.operations;
  if (operations === 0) return 'The history holds no operations.';
  return counted(operations, 'operation') + ' by ' + counted(run.sessions, 'session') + ' on ' + counted(run.keys, 'key') +
    (run.duration_ms === null ? '.' : ' in ' + duration(run.duration_ms) + '.');
}

function rowsLeftOut({guarantees}, {rows, violated_rows: violated}) {
  if (rows <= guarantees.length) return null;
  return el('p', {class: 'note'}, 'These are the first ' + countOf(guarantees.length) + ' of ' + counted(rows, 'row') + ', of which ' +
    countOf(violated) + ' are violated. report.json has every one.');
}

function figure(name, value) {
  return el('div', null, el('dt', null, name), el('dd', null, value));
}

function verdictRow(row, listed) {
  const {value, low, high} = row.rate;
  // Of one that held the evidence says the bound; an interval of two sides would be another one.
  const judged = row.at_risk > 0 && row.verdict !== 'held';
  return el('li', {class: 'row ' + row.verdict + (row.control ? ' control' : '')},
    el('h3', null, el('span', {class: 'verdict'}, capital(row.verdict)), said(listed?.name ?? row.guarantee),
      row.control ? el('span', {class: 'soft small'}, 'sessions that read any replica beside the policy; accuses nobody') : null),
    el('p', null, said(sentence(row.evidence))),
    el('dl', {class: 'figures'},
      figure('at risk', countOf(row.at_risk)), figure('decided', countOf(row.decided)), figure('broken', countOf(row.broken)),
      judged ? figure('of those at risk (95 %: ' + percent(low) + ' to ' + percent(high) + ')', percent(value)) : null),
    judged ? rateBar(row.rate) : null,
    row.dropped_assumptions.length > 0
      ? later('Assumptions that what was recorded contradicts (' + countOf(row.dropped_assumptions.length) + ')',
        () => el('ul', {class: 'plain'}, row.dropped_assumptions.map((text) => el('li', null, said(text)))))
      : null);
}

/** With a number and its unit kept together. */
function sentence(text) {
  const whole = capital(text).replace(/(\d) (?=%|ms\b|s\b)/g, '$1\u00a0');
  return /[.!?]$/.test(whole) ? whole : whole + '.';
}

function rateBar({value, low, high}) {
  const interval = el('i');
  const point = el('b');
  interval.style.left = low * 100 + '%';
  interval.style.width = Math.max(high - low, 0.002) * 100 + '%';
  point.style.left = value * 100 + '%';
  return el('div', {class: 'rate', role: 'img', 'aria-label': 'Share of at-risk operations that broke it: ' + percent(value) +
    ', 95 % interval ' + percent(low) + ' to ' + percent(high)}, interval, point);
}

function runFacts({run}) {
  const nodes = Array.isArray(run.nodes)
    ? run.nodes.map((node) => shortName(node?.name ?? '?') + (node?.role ? ' (' + shortName(node.role) + ')' : '')).join(', ') : null;
  const options = run.deployment?.options;
  const settings = options && typeof options === 'object'
    ? Object.entries(options).map(([name, value]) => name + '=' + text(value)).join(', ') : null;
  const shortly = (value) => (value ? said(brief(text(value), 160)) : null);
  return [
    el('h3', null, 'The run'),
    facts([
      ['System', shortly(run.system)],
      ['Version', shortly(run.deployment?.version)],
      ['Settings', shortly(settings)],
      ['Nodes', nodes ? said(brief(nodes, 400)) : null],
      ['Workload', shortly(run.workload)],
      ['Read policy', shortly(run.policy)],
      ['Assumed', Array.isArray(run.assume) ? shortly(run.assume.length > 0 ? run.assume.map(text).join(', ') : 'nothing') : null],
      ['Seed', run.seed === null ? null : String(run.seed)],
      ['Started', shortly(run.started)],
      ['History', said(run.history)],
    ]),
    later('Everything that its header says', () => el('pre', {class: 'raw said'}, asJson(run, 2))),
  ];
}

function shortName(name) {
  return brief(text(name), 40);
}

/** Of what another program may have put into a header. */
function text(value) {
  return typeof value === 'string' ? value : asJson(value);
}

/** JSON of texts that were made visible: their backslashes stand for escapes already, or are doubled. */
function asJson(value, indent) {
  return JSON.stringify(value, null, indent).replaceAll('\\\\', '\\');
}

function faultList(report, faults, totals) {
  const list = report.faults.map((fault, i) => el('li', null,
    el('span', {class: fault.bit ? '' : 'unknown verdict'}, capital(faults[i]?.effect ?? (fault.bit ? 'bit' : 'did not bite')) + ': '),
    said(faults[i]?.words ?? fault.fault), fault.proof ? [el('br'), el('span', {class: 'soft small'}, said(fault.proof))] : null));
  return [
    el('h3', null, 'Faults injected'),
    list.length > 0 ? el('ul', {class: 'plain'}, list.slice(0, faultsListed)) : el('p', {class: 'soft'}, report.run.scenario ? 'None beyond what the deployment is set to.' : 'Not known: the history tells of none.'),
    list.length > faultsListed ? later('and ' + countOf(totals.faults - faultsListed) + ' more', () => el('div', null,
      el('ul', {class: 'plain'}, list.slice(faultsListed)),
      totals.faults > list.length ? el('p', {class: 'soft'}, 'report.json has all ' + countOf(totals.faults) + '.') : null)) : null,
  ];
}

/** How the rows stand to those of an earlier report, where one was given. */
function againstBaseline(comparison) {
  if (!comparison) return null;
  const shown = (figures) => (figures ? figures.verdict + ', ' + countOf(figures.broken) + ' of ' + countOf(figures.at_risk) : 'not there');
  return [
    el('h3', null, 'Against ', said(brief(comparison.file, 80))),
    table('Against an earlier report', ['guarantee', 'change', 'before', 'now'].map((head) => ({head})), comparison.rows.map((row) => [
      said(row.guarantee + (row.scope === 'session' ? '' : ' per ' + row.scope) + (row.group === '' ? '' : ' (group ' + row.group + ')')),
      said(row.change), shown(row.before), shown(row.now)]))];
}

function findings({anomalies, anomaly_examples: examples, bank, notes}) {
  const lines = [
    ...notes.map((note) => said(sentence(note))),
    ...Object.entries(anomalies).map(([name, count]) => [el('strong', null, said(name)), ' ', countOf(count) + '×, not a breach of the guarantees; the verdict is unknown at best']),
    ...examples.map((example) => said(example)),
  ];
  if (bank) {
    lines.push([counted(bank.carried_out_twice, 'intent'), ' of ', countOf(bank.intents),
      ' carried out twice because a read did not show what was acknowledged; ' + countOf(bank.money_moved_twice) + ' moved twice']);
  }
  if (lines.length === 0) return null;
  return [el('h3', null, 'To be known'), el('ul', {class: 'plain'}, lines.map((line) => el('li', null, line)))];
}

function repeating(again, check, piped) {
  return el('div', null,
    el('h3', null, 'Again'),
    again ? [el('p', {class: 'soft small'}, 'Run it again, into another --out folder: the same requests and the same schedule of faults; how they interleave is up to the machine.'),
      command(again)] : null,
    onTheHistory('Judge what was recorded again', check, piped));
}

/** A command on the history under what it does; where there is none to copy, that. */
function onTheHistory(what, line, piped) {
  if (line === '') return el('p', {class: 'soft small'}, what + ': the name of the history cannot be shown as it is, so there is no command to copy.');
  return [el('p', {class: 'soft small'}, what + (piped ? ', which must be piped in once more, as it came from no file:' : ':')), command(line)];
}
