"use strict";
/* Draws the figures that the server made. Colours come as names of tokens, so that a chart follows the theme. */
(() => {
  const plots = [...document.querySelectorAll("[data-figure]")];
  if (!plots.length || !window.Plotly) return;

  const token = (styles, value) => (typeof value === "string" && value.startsWith("--") ? styles.getPropertyValue(value).trim() : value);
  const resolve = (styles, value) => {
    if (Array.isArray(value)) return value.map((item) => resolve(styles, item));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(styles, item)]));
    }
    return token(styles, value);
  };

  const template = (styles) => {
    const of = (name) => styles.getPropertyValue(name).trim();
    const axis = {
      zeroline: false, ticks: "", tickfont: { size: 12, color: of("--ink-3") }, gridcolor: of("--line"), gridwidth: 1,
      linecolor: of("--edge"), fixedrange: true, automargin: false, showline: false,
    };
    return {
      layout: {
        font: { family: of("--font"), size: 13, color: of("--ink-2") },
        paper_bgcolor: "transparent", plot_bgcolor: "transparent",
        margin: { l: 8, r: 8, t: 8, b: 8 }, showlegend: false, bargap: 0.42, separators: ".\u202f",
        hovermode: "closest", dragmode: false, transition: { duration: 0 },
        hoverlabel: { bgcolor: of("--ink"), bordercolor: of("--ink"), font: { color: of("--on-ink"), size: 13 } },
        colorway: ["--ink-2", "--run", "--stop", "--slow", "--setup", "--scrap"].map(of),
        xaxis: axis, yaxis: axis,
      },
    };
  };
  const config = {
    displayModeBar: false, displaylogo: false, responsive: true, scrollZoom: false, doubleClick: false,
    showSendToCloud: false, plotlyServerURL: "", showTips: false,
  };

  const draw = () => {
    const styles = getComputedStyle(document.documentElement);
    for (const plot of plots) {
      const figure = JSON.parse(document.getElementById(plot.dataset.figure).textContent);
      if (!figure.data) continue;
      const { data, layout } = resolve(styles, figure);
      window.Plotly.react(plot, data, { ...layout, template: template(styles) }, config);
    }
  };
  draw();
  for (const plot of plots) {
    plot.on?.("plotly_click", (event) => {
      const href = event.points[0]?.customdata;
      if (href) location.assign(href);
    });
  }
  document.addEventListener("jobline:theme", draw);
})();
