/** One angle over the clip's time, with reps, holds or stages as bands; its cursor is the video's frame. */

import { el, put } from "./dom.js";
import { contextOf, fitCanvas } from "./overlay.js";
import { frameAt } from "./player.js";
import { secondsText } from "./text.js";
import { words } from "./words.js";

const STRIP = 44; // height of the band names: a finger's width
const LEFT = 36;
const BOTTOM = 20;
const TOP = 8;
const RIGHT = 8;

/**
 * The chart's node, with `cursor(index)`, `mark(bands)` and `close()`.
 *
 * data: overlay.json; bands: [{title, short, start_s, end_s, at_s}]; go(index) is called on tap, drag and keys.
 */
export function angleChart(data, bands, go) {
  const names = Object.keys(data.series ?? {}).filter((name) => data.series[name]?.some(Number.isFinite));
  const chart = el("section", { class: "chart", "aria-label": words.chart.angle });
  if (!names.length) {
    put(chart, el("p", { class: "quiet", text: words.chart.none }));
    return Object.assign(chart, { cursor() {}, mark() {}, close() {} });
  }
  let name = names.includes(data.main_angle) ? data.main_angle : names[0];
  const degrees = data.degrees !== false;
  let index = 0;
  const times = data.times_s;
  const canvas = el("canvas", {
    class: "chart-canvas",
    role: "slider",
    tabindex: "0",
    "aria-valuemin": "0",
    "aria-valuemax": String(times.length - 1),
    "aria-describedby": "chart-hint",
  });
  const picker = el(
    "select",
    {
      "aria-label": words.chart.angle,
      on: {
        change: () => {
          name = picker.value;
          draw();
        },
      },
    },
    names.map((one) => el("option", { value: one, text: words.angles[one] ?? one })),
  );
  picker.value = name;
  const readout = el("span", { class: "readout" });
  put(
    chart,
    el("div", { class: "chart-head" }, picker, readout),
    canvas,
    el("p", { class: "visually-hidden", id: "chart-hint", text: words.chart.hint }),
  );

  const x = (time) => LEFT + ((time - times[0]) / (times.at(-1) - times[0] || 1)) * (canvas.clientWidth - LEFT - RIGHT);

  function draw() {
    const scale = fitCanvas(canvas);
    const context = contextOf(canvas);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const style = getComputedStyle(chart);
    const colour = (one) => style.getPropertyValue(one).trim();
    const values = data.series[name];
    const strip = bands.length ? STRIP : TOP;
    const { low, high, ticks } = scaleOf(values);
    const y = (value) => strip + (1 - (value - low) / (high - low)) * (height - strip - BOTTOM);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = "12px system-ui, sans-serif";
    context.textBaseline = "middle";
    drawBands(context, bands, { x, colour, height: height - BOTTOM });
    context.strokeStyle = colour("--line");
    context.fillStyle = colour("--quiet");
    context.lineWidth = 1;
    for (const tick of ticks) {
      line(context, [
        [LEFT, y(tick)],
        [width - RIGHT, y(tick)],
      ]);
      context.textAlign = "right";
      if (degrees) context.fillText(`${tick}°`, LEFT - 5, y(tick));
    }
    for (const second of secondsOf(times, width)) {
      context.textAlign = second === 0 ? "left" : "center";
      context.fillText(`${second} s`, x(second + 0), height - BOTTOM / 2 + 2);
    }
    context.strokeStyle = colour("--series");
    context.lineWidth = 2.5;
    context.lineJoin = "round";
    for (const piece of piecesOf(values))
      line(
        context,
        piece.map((i) => [x(times[i]), y(values[i])]),
      );
    drawCursor(context, {
      at: x(times[index]),
      value: Number.isFinite(values[index]) ? y(values[index]) : null,
      from: bands.length ? STRIP - 6 : 0,
      height: height - BOTTOM,
      colour,
    });
    tell(values[index]);
  }

  function tell(value) {
    const time = secondsText(times[index], 2);
    readout.textContent = !Number.isFinite(value)
      ? words.chart.unknown(time)
      : degrees
        ? words.chart[data.rough ? "about" : "at"](Math.round(value), time)
        : words.chart.shape(time);
    canvas.setAttribute("aria-label", words.chart.name(words.angles[name] ?? name));
    canvas.setAttribute("aria-valuenow", String(index));
    canvas.setAttribute("aria-valuetext", readout.textContent);
  }

  const timeAt = (clientX) =>
    times[0] +
    ((clientX - canvas.getBoundingClientRect().left - LEFT) / (canvas.clientWidth - LEFT - RIGHT)) *
      (times.at(-1) - times[0]);
  const follow = (event) => go(frameAt(times, timeAt(event.clientX)));
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const down = event.clientY - canvas.getBoundingClientRect().top;
    const time = timeAt(event.clientX);
    const band = bands.length && down < STRIP && bands.find((one) => time >= one.start_s && time <= one.end_s);
    if (band) return void go(frameAt(times, band.at_s));
    canvas.setPointerCapture(event.pointerId);
    follow(event);
  });
  canvas.addEventListener("pointermove", (event) => canvas.hasPointerCapture(event.pointerId) && follow(event));
  canvas.addEventListener("keydown", (event) => {
    const to = {
      ArrowLeft: index - 1,
      ArrowRight: index + 1,
      ArrowDown: index - 1,
      ArrowUp: index + 1,
      PageDown: index - 10,
      PageUp: index + 10,
      Home: 0,
      End: times.length - 1,
    }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    go(to);
  });

  const resized = new ResizeObserver(draw);
  resized.observe(canvas);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", draw);
  return Object.assign(chart, {
    cursor(at) {
      if (at !== index) {
        index = at;
        draw();
      }
    },
    mark(others) {
      bands = others;
      draw();
    },
    close() {
      resized.disconnect();
      dark.removeEventListener("change", draw);
    },
  });
}

function drawBands(context, bands, { x, colour, height }) {
  bands.forEach((band, i) => {
    const [from, to] = [x(band.start_s), x(band.end_s)];
    context.fillStyle = colour(i % 2 ? "--band-b" : "--band-a");
    context.fillRect(from, 0, to - from, height);
    context.fillStyle = colour("--ink");
    context.textAlign = "center";
    const fits = [band.title, band.short].find((text) => context.measureText(text).width < to - from - 6);
    if (fits) context.fillText(fits, (from + to) / 2, STRIP / 2 - 2);
  });
}

function drawCursor(context, { at, value, from, height, colour }) {
  context.strokeStyle = colour("--ink");
  context.lineWidth = 1.5;
  line(context, [
    [at, from],
    [at, height],
  ]);
  if (value === null) return;
  context.beginPath();
  context.arc(at, value, 5, 0, 2 * Math.PI);
  context.fillStyle = colour("--series");
  context.fill();
  context.strokeStyle = colour("--card");
  context.lineWidth = 2;
  context.stroke();
}

function line(context, points) {
  context.beginPath();
  for (const [i, [x, y]] of points.entries()) {
    if (i) context.lineTo(x, y);
    else context.moveTo(x, y);
  }
  context.stroke();
}

/** Runs of frames where the angle is known. */
function piecesOf(values) {
  const pieces = [];
  values.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    if (i && Number.isFinite(values[i - 1])) pieces.at(-1).push(i);
    else pieces.push([i]);
  });
  return pieces;
}

/** Round ends and a few ticks that hold every value; at least 20 degrees, so that noise does not look large. */
export function scaleOf(values) {
  const seen = values.filter(Number.isFinite);
  let [low, high] = [Math.min(...seen), Math.max(...seen)];
  if (high - low < 20) [low, high] = [(low + high) / 2 - 10, (low + high) / 2 + 10];
  const step = [10, 20, 30, 45, 60, 90].find((one) => (high - low) / one <= 4) ?? 90;
  low = Math.floor(low / step) * step;
  high = Math.ceil(high / step) * step;
  const ticks = [];
  for (let tick = low; tick <= high; tick += step) ticks.push(tick);
  return { low, high, ticks };
}

function secondsOf(times, width) {
  const length = times.at(-1) - times[0];
  const step = [1, 2, 5, 10, 15, 30, 60, 120].find((one) => (length / one) * 44 <= width - LEFT) ?? 300;
  const ticks = [];
  for (
    let second = Math.ceil(times[0] / step) * step;
    second <= times.at(-1) - step * 0.2 || second === 0;
    second += step
  )
    ticks.push(second);
  return ticks;
}
