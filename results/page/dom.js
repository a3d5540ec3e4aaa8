'use strict';
// Elements, and figures in words. Text only ever goes in as text: nothing that was recorded is read as HTML.

const svgNamespace = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An HTML element with its attributes (`on...` are listeners) and children, elements or texts. */
function el(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same in an SVG drawing. */
function svg(name, attributes, ...children) {
  return fill(document.createElementNS(svgNamespace, name), attributes, children);
}

/** Appends elements and texts, leaving out what is not there. */
function add(parent, ...children) {
  return fill(parent, null, children);
}

/** A text that was recorded, which may be of any kind: it reads in its own direction. */
function said(text) {
  return el('span', {class: 'said'}, text === '' ? '""' : String(text));
}

/** The first characters of a long text. */
function brief(text, most) {
  const characters = [...text];
  return characters.length > most ? characters.slice(0, most - 1).join('') + '…' : text;
}

function bodyOf(section) {
  return document.querySelector('#' + section + ' .body');
}

/** What stands where there is nothing to show. */
function nothing(...words) {
  return el('p', {class: 'empty'}, ...words);
}

const wholeNumbers = new Intl.NumberFormat('en', {maximumFractionDigits: 0});

function countOf(number) {
  return wholeNumbers.format(number);
}

/** `1 read`, `2 reads`. */
function counted(number, what, many) {
  return countOf(number) + ' ' + (number === 1 ? what : many ?? what + 's');
}

/** `8.4 µs`, `0.42 ms`, `12.3 ms`, `212 ms`, `1.21 s`, `12.1 s`, as the summary says it. */
function duration(ms) {
  const size = Math.abs(ms);
  if (size === 0) return '0 ms';
  if (size >= 9999.5) return (ms / 1000).toFixed(1) + ' s';
  if (size >= 999.5) return (ms / 1000).toFixed(2) + ' s';
  if (size >= 99.95) return ms.toFixed(0) + ' ms';
  if (size >= 9.995) return ms.toFixed(1) + ' ms';
  if (size >= 0.0995) return ms.toFixed(2) + ' ms';
  if (size >= 0.00995) return (ms * 1000).toFixed(0) + ' µs';
  return size >= 0.00005 ? (ms * 1000).toFixed(1) + ' µs' : 'under 0.1 µs';
}

/** A whole delay as people write it into a rule: `500 ms`, `1.06 s`. */
function roundDuration(ms) {
  return ms >= 1000 ? ms / 1000 + ' s' : ms + ' ms';
}

/** `12 minutes`, `21 hours`, `9 days`. */
function runTime(minutes) {
  if (minutes <= 120) return counted(minutes, 'minute');
  return minutes <= 2880 ? counted(Math.ceil(minutes / 60), 'hour') : counted(Math.ceil(minutes / 1440), 'day');
}

/** Of a share between 0 and 1. */
function percent(share) {
  const hundredths = share * 100;
  if (hundredths === 0) return '0 %';
  if (hundredths >= 99.95) return share >= 1 ? '100 %' : 'over 99.9 %';
  if (hundredths >= 1) return hundredths.toFixed(1) + ' %';
  return Number(hundredths.toPrecision(2)).toString() + ' %';
}

function facts(pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return el('dl', {class: 'facts'}, shown.map(([name, value]) => [el('dt', null, name), el('dd', null, value)]));
}

/** A table of texts; columns are {head, number}, cells texts or elements. */
function table(caption, columns, rows) {
  const cell = (name, column, content, more) => el(name, {class: column.number ? 'number' : null, ...more}, content);
  return el('div', {class: 'scroll' + (rows.length > 12 ? ' tall' : ''), tabindex: 0, role: 'region', 'aria-label': caption},
    el('table', null,
      el('thead', null, el('tr', null, columns.map((column) => cell('th', column, column.head, {scope: 'col'})))),
      el('tbody', null, rows.map((row) => el('tr', null, row.map((content, i) => cell('td', columns[i], content)))))));
}

/** A `details` whose content is made when it is first opened. */
function later(summary, make) {
  const details = el('details', null, el('summary', null, summary));
  details.addEventListener('toggle', () => {
    if (details.open && details.children.length === 1) details.append(make());
  });
  return details;
}

/** Copies a text and says so on the button; where copying is refused, calls `refused`. */
function copyButton(label, text, refused) {
  const button = el('button', {type: 'button', 'aria-live': 'polite'}, label);
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(typeof text === 'function' ? text() : text);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Select it to copy';
      if (refused) refused();
    }
    button.addEventListener('blur', () => { button.textContent = label; }, {once: true});
  });
  return button;
}

/** A command with a button that copies it. */
function command(line) {
  const code = el('code', {class: 'said'}, line);
  const select = () => window.getSelection().selectAllChildren(code);
  return el('div', {class: 'copyable'}, code, copyButton('Copy', line, select));
}
