'use strict';
// What a chart's pointer can do, for the keyboard too: a legend of buttons, and points told one after the other.

/** The datasets as a legend has them. */
function datasetsAsLegend(chart) {
  return [chart.data.datasets.map((dataset) => ({
    label: dataset.label, swatch: () => swatch(dataset.type === 'bar' ? 'box' : dataset.borderDash ? 'dashed line' : 'line', dataset.type === 'bar' ? dataset.backgroundColor : dataset.borderColor),
    has: (other) => other === dataset || other.label === dataset.label,
  }))];
}

function swatch(kind, colour) {
  const mark = el('i', {class: 'swatch ' + kind, 'aria-hidden': 'true'});
  mark.style.color = colour;
  return mark;
}

/** Buttons that show and hide what they name. What was hidden stays so when the chart is drawn anew. */
function drawLegend(one) {
  const {chart, hidden, keys} = one;
  const groups = one.legend ? one.legend() : chart.data.datasets.length > 1 || one.named ? datasetsAsLegend(chart) : [];
  const items = groups.flat();
  const apply = () => {
    chart.data.datasets.forEach((dataset, i) => chart.setDatasetVisibility(i, !items.some((item) => hidden.has(item.label) && item.has(dataset))));
    chart.update();
  };
  const focused = [...keys.querySelectorAll('button')].indexOf(document.activeElement);
  keys.replaceChildren(...groups.filter((group) => group.length > 0).map((group) =>
    el('div', {class: 'legend', role: 'group', 'aria-label': 'Shown in the chart'}, group.map((item) => {
      const button = el('button', {type: 'button', 'aria-pressed': String(!hidden.has(item.label))}, item.swatch(), said(brief(item.label, 40)));
      button.addEventListener('click', () => {
        if (!hidden.delete(item.label)) hidden.add(item.label);
        button.setAttribute('aria-pressed', String(!hidden.has(item.label)));
        apply();
      });
      return button;
    }))));
  keys.querySelectorAll('button')[focused]?.focus();
  if (hidden.size > 0) apply();
}

/** Where the arrow keys stop: elements that are told together, from left to right. */
function stopsOf(chart) {
  const together = chart.options.interaction.mode === 'point' ? ({x, y}) => Math.round(x) + ' ' + Math.round(y) : ({x}) => String(Math.round(x));
  const stops = new Map();
  chart.data.datasets.forEach((dataset, datasetIndex) => {
    if (!chart.isDatasetVisible(datasetIndex) || dataset.untold) return;
    chart.getDatasetMeta(datasetIndex).data.forEach((element, index) => {
      if (element.skip || Number.isNaN(element.y) || dataset.data[index]?.y === null) return;
      const place = together(element);
      if (!stops.has(place)) stops.set(place, {x: element.x, y: element.y, active: []});
      stops.get(place).active.push({datasetIndex, index});
    });
  });
  return [...stops.values()].sort((a, b) => a.x - b.x || a.y - b.y);
}

/** What is told of a point that the mouse points at is told of those that the arrow keys reach. */
function tellByKeys(one) {
  let at = -1;
  const tell = (stop) => {
    const {chart} = one;
    const active = stop?.active ?? [];
    chart.setActiveElements(active);
    chart.tooltip.setActiveElements(active, stop ? {x: stop.x, y: stop.y} : {x: 0, y: 0});
    charts.pointAt(chart, stop ? chart.scales.x.getValueForPixel(stop.x) : null);
    chart.update();
    one.told.textContent = stop ? [...(chart.tooltip.title ?? []), ...(chart.tooltip.body ?? []).flatMap((part) => part.lines)].join('; ') : '';
  };
  one.canvas.addEventListener('keydown', (event) => {
    const stops = stopsOf(one.chart);
    const next = {ArrowRight: at + 1, ArrowLeft: at < 0 ? stops.length - 1 : at - 1, Home: 0, End: stops.length - 1, Escape: -1}[event.key];
    if (next === undefined || stops.length === 0) return;
    event.preventDefault();
    at = Math.max(-1, Math.min(next, stops.length - 1));
    tell(stops[at]);
  });
  one.canvas.addEventListener('blur', () => {
    if (at >= 0) tell(undefined);
    at = -1;
  });
}
