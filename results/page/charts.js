'use strict';
// What all charts have in common: colours of the theme, faults shaded behind them, one line through all of those that
// share the time axis.

const charts = (() => {
  const made = [];      // {make, canvas, chart}
  const together = [];  // charts with one time axis

  const series = (number) => theme.colour('series-' + (number % 8 + 1));
  /** A theme's colour with some transparency. */
  const faint = (colour, share) => colour + Math.round(share * 255).toString(16).padStart(2, '0');

  /** Shades the faults behind a chart whose x axis is the run's time in seconds. */
  const faultShade = {
    id: 'faultShade',
    beforeDatasetsDraw(chart, _, options) {
      const {ctx, chartArea: area, scales: {x}} = chart;
      ctx.save();
      for (const fault of options.faults ?? []) {
        // What was on all the time sets nothing apart: it is to stand back behind what came and went.
        const whole = (fault.to_ms - fault.from_ms) / 1000 > 0.9 * (x.max - x.min);
        ctx.fillStyle = faint(theme.colour('fault'), whole ? 0.06 : 0.2);
        const from = Math.max(area.left, x.getPixelForValue(fault.from_ms / 1000));
        const to = Math.min(area.right, x.getPixelForValue(fault.to_ms / 1000));
        if (to >= from) ctx.fillRect(from, area.top, Math.max(to - from, 2), area.bottom - area.top);
      }
      if (options.check) shadeCheck(chart, options.check);
      ctx.restore();
    },
  };

  /** The final check of a run, which is no load. The words above the charts name it: here there is no room for a label. */
  function shadeCheck({ctx, chartArea: area, scales: {x}}, check) {
    const from = Math.max(area.left, x.getPixelForValue(check.from_ms / 1000));
    const to = Math.min(area.right, x.getPixelForValue(check.to_ms / 1000));
    if (to < from) return;
    ctx.fillStyle = faint(theme.colour('soft'), 0.25);
    ctx.fillRect(from, area.top, Math.max(to - from, 2), area.bottom - area.top);
  }

  function pointAt(chart, at) {
    for (const other of together) {
      if (other.pointedAt === at) continue;
      other.pointedAt = at;
      if (other !== chart) other.draw();
    }
  }

  /** One line at the pointer's time, through all charts of the time axis. */
  const oneTime = {
    id: 'oneTime',
    afterEvent(chart, {event, inChartArea}, options) {
      if (options.on) pointAt(chart, event.type === 'mouseout' || !inChartArea ? null : chart.scales.x.getValueForPixel(event.x));
    },
    afterDraw(chart, _, options) {
      if (!options.on || chart.pointedAt === null || chart.pointedAt === undefined) return;
      const {ctx, chartArea: area, scales: {x}} = chart;
      const place = x.getPixelForValue(chart.pointedAt);
      if (place < area.left || place > area.right) return;
      ctx.save();
      ctx.strokeStyle = theme.colour('soft');
      ctx.lineWidth = 1;
      ctx.beginPath();
      ctx.moveTo(place, area.top);
      ctx.lineTo(place, area.bottom);
      ctx.stroke();
      ctx.restore();
    },
  };

  function axis(more) {
    const {title, ticks, ...rest} = more ?? {};
    return {
      grid: {color: theme.colour('line'), borderColor: theme.colour('line'), tickLength: 4, offset: false},
      ticks: {color: theme.colour('soft'), font: {size: 11}, maxRotation: 0, autoSkipPadding: 14, ...ticks},
      title: {display: Boolean(title), text: title, color: theme.colour('soft'), font: {size: 11}},
      ...rest,
    };
  }

  /** A point without neighbours is no line: it is drawn as a point. */
  function alone({dataset, dataIndex}) {
    const missing = (i) => !dataset.data[i] || dataset.data[i].y === null;
    if (dataset.spanGaps) return dataset.data.filter((point) => point.y !== null).length === 1 ? 2.5 : 0;
    return missing(dataIndex - 1) && missing(dataIndex + 1) ? 2.5 : 0;
  }

  function defaults() {
    Chart.defaults.animation = false;
    Chart.defaults.responsive = true;
    Chart.defaults.maintainAspectRatio = false;
    Chart.defaults.normalized = true;
    Chart.defaults.color = theme.colour('ink');
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.font.size = 12;
    Chart.defaults.elements.point.radius = alone;
    Chart.defaults.elements.point.hitRadius = 8;
    Chart.defaults.elements.line.borderWidth = 1.6;
    Chart.defaults.plugins.legend.display = false;  // chart_controls.js has one that the keyboard operates
    Object.assign(Chart.defaults.plugins.tooltip, {
      backgroundColor: theme.colour('raised'), titleColor: theme.colour('ink'), bodyColor: theme.colour('ink'),
      borderColor: theme.colour('line'), borderWidth: 1, cornerRadius: 4, padding: 8, boxPadding: 4, multiKeyBackground: theme.colour('raised'),
    });
  }

  function draw(one) {
    if (one.chart) {
      together.splice(0, together.length, ...together.filter((chart) => chart !== one.chart));
      one.chart.destroy();
    }
    const config = one.make();
    one.chart = new Chart(one.canvas, config);
    if (config.options.plugins?.oneTime?.on) together.push(one.chart);
    drawLegend(one);
  }

  theme.onChange(() => {
    if (made.length === 0) return;
    defaults();
    made.forEach(draw);
  });

  return {
    series, faint, axis,
    /** The value of the x axis that is told of, in all charts of the time axis; null for none. */
    pointAt: (chart, at) => { if (together.includes(chart)) pointAt(chart, at); },
    /**
     * A chart as `make` configures it, drawn anew in each theme. `label` says for those who do not see it what it shows,
     * `size` how high it is. Of several datasets, or where `named`, a legend names each; `legend` makes another one:
     * groups of {label, swatch, has(dataset)}. Returns what draws it anew.
     */
    add(parent, make, label, {size, named, legend} = {}) {
      if (made.length === 0) {
        Chart.register(faultShade, oneTime);
        defaults();
      }
      const canvas = el('canvas', {role: 'img', tabindex: 0, 'aria-label': label + ' The arrow keys go from point to point.'});
      const one = {make, canvas, chart: null, named, legend, keys: el('div'), hidden: new Set(), told: el('p', {class: 'unseen', 'aria-live': 'polite'})};
      parent.append(one.keys, el('div', {class: 'chart' + (size ? ' ' + size : '')}, canvas), one.told);
      made.push(one);
      draw(one);
      tellByKeys(one);
      return () => draw(one);
    },
  };
})();
