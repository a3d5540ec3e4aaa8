'use strict';

/** The data as page_data.hpp describes it. */
const data = JSON.parse(document.getElementById('data').textContent);

function themeButton() {
  const button = document.getElementById('theme');
  const label = () => { button.textContent = theme.current() === 'dark' ? 'Light' : 'Dark'; };
  button.addEventListener('click', () => theme.choose(theme.current() === 'dark' ? 'light' : 'dark'));
  theme.onChange(label);
  label();
}

/** Of each section its name in the page's address, how the head calls it, its heading, and who draws it. */
const sections = data.sweep ? [
  ['sweep', 'Sweep', 'Sweep', showSweep],
  ['trade-off', 'Trade-off', 'The trade-off', showTradeOff],
  ['cells', 'Cells', 'Every cell', showCells],
] : [
  ['verdict', 'Verdict', 'Report', showVerdicts],
  ...(data.groups ? [['groups', 'By label', 'By label', showGroups]] : []),
  ['violations', 'Violations', 'Violations', showViolations],
  ['time', 'Over time', 'Over time', showTimeline],
  ['staleness', 'Staleness', 'The staleness curve', showStaleness],
  ['window', 'Safe window', 'The safe window', showSafeWindow],
  ['cost', 'Cost', 'What the policy cost', showCost],
];

function addSection([name, link, heading], number) {
  document.querySelector('.top nav').append(el('a', {href: '#' + name}, link));
  document.getElementById('main').append(el('section', {id: name, 'aria-labelledby': name + '-title'},
    el(number === 0 ? 'h1' : 'h2', {id: name + '-title'}, heading), el('div', {class: 'body'})));
}

/** A section that cannot be shown is no reason to hide the others. */
function show([name, , , draw]) {
  try {
    draw(bodyOf(name), data);
  } catch (error) {
    bodyOf(name).append(el('p', {class: 'note'}, 'This section could not be drawn; ' + (data.sweep ? 'sweep' : 'report') + '.json has its numbers.'));
    console.error(name, error);
  }
}

themeButton();
sections.forEach(addSection);
// The table by label leads into the list of violations.
[...sections].sort((a, b) => (a[0] === 'groups') - (b[0] === 'groups')).forEach(show);
add(document.getElementById('made'), data.sweep
  ? 'Made by afterwrite. sweep.json beside this page holds all numbers.'
  : ['Made by afterwrite from ', said(brief(data.report.run.history, 200)), ' alone. report.json beside this page holds all numbers.']);
document.documentElement.dataset.ready = 'true';
