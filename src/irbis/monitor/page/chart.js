// Bars of detections by hour, stacked by label: plain SVG.

const SVG = "http://www.w3.org/2000/svg";
const COLOURS = 8;

export function colour(at) {
  return `var(--c${Math.min(at, COLOURS - 1)})`;
}

export function svg(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// The smallest of 1, 2, 5, 10, 20, ... that is enough for four steps.
function step(most) {
  for (let unit = 1; ; unit *= 10) {
    for (const factor of [1, 2, 5]) if (unit * factor * 4 >= most) return unit * factor;
  }
}

export function chart(hours, labels, width) {
  const height = 224, left = 34, bottom = 34, top = 8;
  const totals = hours.map(({counts}) => Object.values(counts).reduce((a, b) => a + b, 0));
  const unit = step(Math.max(1, ...totals)), most = unit * 4;
  const up = value => top + (height - bottom - top) * (1 - value / most);
  const slot = (width - left - 4) / hours.length;
  const sum = totals.reduce((a, b) => a + b, 0);
  const made = svg("svg", {
    viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": `${sum} detections in ${hours.length} hours; the table below has the numbers`,
  });
  for (let value = 0; value <= most; value += unit) {
    made.append(svg("line", {x1: left, x2: width, y1: up(value), y2: up(value)}));
    made.append(svg("text", {x: left - 6, y: up(value) + 4, "text-anchor": "end"}, `${value}`));
  }
  const every = Math.max(1, Math.ceil(46 / slot));
  hours.forEach(({hour, counts}, at) => {
    const x = left + slot * at;
    const middle = Math.min(x + slot / 2, width - 18); // the last name stays whole on a phone
    let below = 0;
    labels.forEach((label, number) => {
      const count = counts[label] ?? 0;
      if (!count) return;
      const bar = svg("rect", {
        x: x + slot * 0.12, width: slot * 0.76, y: up(below + count),
        height: up(below) - up(below + count), fill: colour(number),
      }, svg("title", {}, `${label}: ${count}, ${clock(hour)}`));
      bar.dataset.label = label;
      made.append(bar);
      below += count;
    });
    // From the newest back, so that the last hour always has its name.
    if ((hours.length - 1 - at) % every === 0) {
      made.append(svg("text", {x: middle, y: height - 18, "text-anchor": "middle"}, hour.slice(11, 16)));
      if (at === hours.length - 1 || Number(hour.slice(11, 13)) < every) {
        made.append(svg("text", {x: middle, y: height - 4, "text-anchor": "middle"}, hour.slice(5, 10)));
      }
    }
  });
  return made;
}

export function clock(hour) {
  return `${hour.slice(0, 10)} ${hour.slice(11, 16)}`;
}
