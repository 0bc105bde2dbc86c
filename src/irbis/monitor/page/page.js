// Shows the state that the server sends, each time it sends one.

import {chart, clock, colour, svg} from "./chart.js";

const at = id => document.getElementById(id);
const MANY = 7; // labels with a colour of their own; the rest share the last

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function status(state, text) {
  const shown = at("status");
  if (shown.dataset.state === state && shown.textContent === text) return;
  shown.dataset.state = state;
  shown.textContent = text;
}

function folded(state) {
  if (state.labels.length <= MANY + 1) return state;
  const kept = state.labels.slice(0, MANY), others = state.labels.slice(MANY);
  const fold = counts => {
    const made = Object.fromEntries(kept.map(label => [label, counts[label] ?? 0]));
    made.others = others.reduce((sum, label) => sum + (counts[label] ?? 0), 0);
    return made;
  };
  return {
    ...state, labels: [...kept, "others"], totals: fold(state.totals),
    hours: state.hours.map(({hour, counts}) => ({hour, counts: fold(counts)})),
  };
}

function hours(state) {
  const {labels, totals} = state, found = state.hours;
  at("hours-empty").hidden = found.length > 0;
  at("hours-details").hidden = found.length === 0;
  at("legend").replaceChildren(...labels.map((label, number) => element("li", {},
    svg("svg", {viewBox: "0 0 10 10", "aria-hidden": "true"},
      svg("rect", {width: 10, height: 10, rx: 2, fill: colour(number)})),
    `${label} ${totals[label]}`)));
  const width = Math.max(280, at("chart").clientWidth);
  at("chart").replaceChildren(...(found.length ? [chart(found, labels, width)] : []));
  const head = element("tr", {}, element("th", {scope: "col"}, "hour"),
    ...labels.map(label => element("th", {scope: "col"}, label)));
  const rows = found.filter(({counts}) => Object.keys(counts).length).map(({hour, counts}) =>
    element("tr", {}, element("th", {scope: "row"}, clock(hour)),
      ...labels.map(label => element("td", {}, `${counts[label] ?? 0}`))));
  at("hours-table").replaceChildren(element("thead", {}, head), element("tbody", {}, ...rows));
}

function sight(shown) {
  const scores = new Map();
  for (const box of shown.found) {
    scores.set(box.at(-2), [...(scores.get(box.at(-2)) ?? []), box.at(-1).toFixed(2)]);
  }
  const names = [...scores].map(([label, each]) => `${label} ${each.join(", ")}`);
  const picture = element("div", {class: "picture"});
  if (shown.pictured) {
    picture.append(element("img", {
      src: `/thumbnails/${shown.id}`, width: shown.width, height: shown.height,
      alt: `${names.join(", ")} in ${shown.name}`, decoding: "async",
    }));
    const over = svg("svg", {viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true"});
    for (const [x, y, width, height] of shown.found.filter(box => box.length === 6)) {
      for (const style of ["edge", "box"]) over.append(svg("rect", {x, y, width, height, class: style}));
    }
    picture.append(over);
  }
  const made = element("li", {}, element("figure", {}, picture, element("figcaption", {},
    element("strong", {}, names.join(", ")),
    element("time", {datetime: shown.at}, shown.at.slice(0, 19).replace("T", " ")),
    ` ${shown.name.split("/").slice(-2).join("/")}`)));
  made.dataset.id = shown.id;
  return made;
}

function newest(found) {
  at("newest-empty").hidden = found.length > 0;
  // What is there stays: a picture that is drawn again would flicker.
  const there = new Map([...at("newest").children].map(item => [item.dataset.id, item]));
  at("newest").replaceChildren(...found.map(shown => there.get(shown.id) ?? sight(shown)));
}

function failures(found) {
  at("failures-section").hidden = found.length === 0;
  at("failures").replaceChildren(...found.map(({name, kind, message}) =>
    element("li", {}, element("strong", {}, kind), ` ${name}: ${message}`)));
}

let last = null;

function show(state) {
  last = state;
  document.title = state.title;
  at("title").textContent = state.title;
  const ended = {running: "live", starting: "starting", stopped: "stopped", failed: "failed"};
  status(state.query.state, [ended[state.query.state], state.query.message].filter(Boolean).join(": "));
  at("pictures").textContent = state.pictures.toLocaleString("en");
  at("detections").textContent = state.detections.toLocaleString("en");
  at("per-minute").textContent = state.per_minute.toLocaleString("en");
  at("failed").textContent = state.failed.toLocaleString("en");
  hours(folded(state));
  newest(state.newest);
  failures(state.failures);
}

const events = new EventSource("/events");
events.onmessage = event => show(JSON.parse(event.data));
// The browser tries again by itself, every second.
events.onerror = () => status("lost", "no connection, trying again");

let waiting = 0;
addEventListener("resize", () => {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(() => last && hours(folded(last)));
});
