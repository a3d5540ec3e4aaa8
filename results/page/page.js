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

/** A section that cannot be shown is no reason to hide the others. */
function show(section, draw) {
  try {
    draw(bodyOf(section), data);
  } catch (error) {
    bodyOf(section).append(el('p', {class: 'note'}, 'This section could not be drawn; report.json has its numbers.'));
    console.error(section, error);
  }
}

themeButton();
show('verdict', showVerdicts);
show('violations', showViolations);
show('time', showTimeline);
show('staleness', showStaleness);
show('window', showSafeWindow);
show('cost', showCost);
add(document.getElementById('made'), 'Made by afterwrite from ', said(brief(data.report.run.history, 200)),
  ' alone. report.json beside this page holds all numbers.');
document.documentElement.dataset.ready = 'true';
