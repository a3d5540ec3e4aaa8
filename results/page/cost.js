'use strict';
// The sixth section: what the read policy cost.

function showCost(body, {report}) {
  const costs = report.policy_cost.filter((cost) => cost.reads > 0);
  if (costs.length === 0) {
    body.append(nothing('There were no reads, so the policy cost nothing.'));
  } else {
    costs.forEach((cost) => body.append(costInWords(cost, report.run.policy)));
    body.append(table('What the policy cost',
      [{head: 'sessions'}, ...['reads', 'at the leader', 'waited', 'wait, median', 'wait, 99 %', 'added per read', 'fall-backs'].map((head) => ({head, number: true}))],
      costs.map((cost) => [cost.sessions === 'control' ? 'any replica (control)' : 'under the policy', countOf(cost.reads),
        cost.leader_share === null ? 'not known' : percent(cost.leader_share), countOf(cost.waits),
        cost.waits > 0 ? duration(cost.waited_ms.median) : '–', cost.waits > 0 ? duration(cost.waited_ms.p99) : '–',
        duration(cost.added_ms_a_read), countOf(cost.fallbacks)])));
  }
  const functions = report.availability.functions;
  if (functions.length > 0) {
    body.append(el('h3', null, 'Availability and latency'), table('Availability and latency',
      [{head: 'operation'}, ...['calls', 'ok', 'failed', 'unknown', 'available', 'median', '90 %', '99 %', 'longest'].map((head) => ({head, number: true}))],
      functions.map(({sessions, f, outcomes, latency_ms: latency}) => [
        f + (sessions === 'control' ? ' (control)' : ''), countOf(outcomes.operations), countOf(outcomes.ok), countOf(outcomes.fail),
        countOf(outcomes.info), percent(outcomes.availability),
        ...['median', 'p90', 'p99', 'max'].map((name) => (latency && latency.count > 0 ? duration(latency[name]) : '–'))])));
  }
  const errors = report.availability.errors;
  if (errors.length > 0) {
    body.append(el('h3', null, 'Why operations did not succeed'), el('ul', {class: 'plain'}, errors.map((one) =>
      el('li', null, countOf(one.count) + '× ', one.error === '' ? el('span', {class: 'soft'}, 'no reason recorded') : said(brief(one.error, 200)),
        one.sessions === 'control' ? el('span', {class: 'soft'}, ' (control)') : null))));
  }
}

function costInWords(cost, policy) {
  const who = cost.sessions === 'control' ? ['Sessions that read any replica'] : ['Under ', policy ? said(brief(policy, 80)) : 'the policy'];
  const share = cost.leader_share === null ? 'where reads were served is not known'
    : percent(cost.leader_share) + ' of the reads went to the leader';
  const waits = cost.waits === 0 ? 'none waited'
    : counted(cost.waits, 'read') + ' waited for a follower, ' + duration(cost.waited_ms.median) + ' in the median, which adds ' +
      duration(cost.added_ms_a_read) + ' to each read on average';
  const back = cost.fallbacks === 0 ? 'none fell back' : counted(cost.fallbacks, 'read') + ' fell back to the leader';
  return el('p', null, ...who, ': ' + share + '; ' + waits + '; ' + back + '.');
}
