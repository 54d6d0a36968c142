/** Chart of one angle over time, with reps, holds or stages as bands and the current video frame as its cursor. */

import { announce, el, setChildren } from "../core/dom.js";
import { formatNumber, formatSeconds, getAngleTitle } from "../core/vocabulary.js";
import { messages } from "../text/messages.js";
import { findFrame } from "./frame_player.js";
import { fitCanvasToScreen, getContext2d } from "./overlay_drawing.js";

const BAND_TITLE_HEIGHT_PX = 44; // of the titles of the bands: a finger's width
const LEFT_PX = 36;
const BOTTOM_PX = 20;
const TOP_PX = 8;
const RIGHT_PX = 8;

/**
 * Create the chart. The returned node has `setCursor(index)`, `setBands(bands)`, `showAngle(name)` and `close()`.
 * @param {any} data overlay.json
 * @param {import("./movement_events.js").MovementEvent[]} bands
 * @param {(index: number) => void} onSeek called with a frame on tap, drag and keys
 */
export function createAngleChart(data, bands, onSeek) {
  const names = Object.keys(data.series ?? {}).filter((name) => data.series[name]?.some(Number.isFinite));
  const chart = el("section", { class: "chart", "aria-label": messages.chart.angle });
  if (!names.length) {
    setChildren(chart, el("p", { class: "quiet", text: messages.chart.none }));
    return Object.assign(chart, { setCursor() {}, setBands() {}, showAngle() {}, close() {} });
  }
  const mainAngle = names.includes(data.main_angle) ? data.main_angle : names[0];
  let name = mainAngle;
  const isInDegrees = data.degrees !== false;
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
      "aria-label": messages.chart.angle,
      on: {
        change: () => {
          name = picker.value;
          draw();
        },
      },
    },
    names.map((series) => el("option", { value: series, text: getAngleTitle(series) })),
  );
  picker.value = name;
  const readout = el("span", { class: "readout" });
  setChildren(
    chart,
    el("div", { class: "chart-head" }, picker, readout),
    canvas,
    el("p", { class: "visually-hidden", id: "chart-hint", text: messages.chart.hint }),
  );

  const x = (time) =>
    LEFT_PX + ((time - times[0]) / (times.at(-1) - times[0] || 1)) * (canvas.clientWidth - LEFT_PX - RIGHT_PX);

  function draw() {
    const pixelRatio = fitCanvasToScreen(canvas);
    const context = getContext2d(canvas);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const style = getComputedStyle(chart);
    const colour = (property) => style.getPropertyValue(property).trim();
    const values = data.series[name];
    const top = bands.length ? BAND_TITLE_HEIGHT_PX : TOP_PX;
    const { low, high, ticks } = computeScale(values);
    const y = (value) => top + (1 - (value - low) / (high - low)) * (height - top - BOTTOM_PX);
    context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = "12px system-ui, sans-serif";
    context.textBaseline = "middle";
    drawBands(context, bands, { x, colour, height: height - BOTTOM_PX });
    context.strokeStyle = colour("--line");
    context.fillStyle = colour("--quiet");
    context.lineWidth = 1;
    for (const tick of ticks) {
      drawLine(context, [
        [LEFT_PX, y(tick)],
        [width - RIGHT_PX, y(tick)],
      ]);
      context.textAlign = "right";
      if (isInDegrees) context.fillText(formatNumber(tick, "deg"), LEFT_PX - 5, y(tick));
    }
    for (const second of computeTimeTicks(times, width)) {
      context.textAlign = second === 0 ? "left" : "center";
      context.fillText(formatSeconds(second, 0), x(second), height - BOTTOM_PX / 2 + 2);
    }
    context.strokeStyle = colour("--series");
    context.lineWidth = 2.5;
    context.lineJoin = "round";
    for (const run of splitAtGaps(values))
      drawLine(
        context,
        run.map((i) => [x(times[i]), y(values[i])]),
      );
    drawCursor(context, {
      x: x(times[index]),
      y: Number.isFinite(values[index]) ? y(values[index]) : null,
      top: bands.length ? BAND_TITLE_HEIGHT_PX - 6 : 0,
      bottom: height - BOTTOM_PX,
      colour,
    });
    updateReadout(values[index]);
  }

  function updateReadout(value) {
    const time = formatSeconds(times[index], 2);
    readout.textContent = !Number.isFinite(value)
      ? messages.chart.unknown(time)
      : isInDegrees
        ? messages.chart[data.rough ? "about" : "at"](formatNumber(value, "deg"), time)
        : messages.chart.shape(time);
    canvas.setAttribute("aria-label", messages.chart.name(getAngleTitle(name)));
    canvas.setAttribute("aria-valuenow", String(index));
    canvas.setAttribute("aria-valuetext", readout.textContent);
  }

  const timeAt = (clientX) =>
    times[0] +
    ((clientX - canvas.getBoundingClientRect().left - LEFT_PX) / (canvas.clientWidth - LEFT_PX - RIGHT_PX)) *
      (times.at(-1) - times[0]);
  const seekToPointer = (event) => onSeek(findFrame(times, timeAt(event.clientX)));
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const y = event.clientY - canvas.getBoundingClientRect().top;
    const time = timeAt(event.clientX);
    const band =
      bands.length && y < BAND_TITLE_HEIGHT_PX && bands.find(({ start_s, end_s }) => time >= start_s && time <= end_s);
    if (band) return void onSeek(findFrame(times, band.at_s));
    canvas.setPointerCapture(event.pointerId);
    seekToPointer(event);
  });
  canvas.addEventListener("pointermove", (event) => canvas.hasPointerCapture(event.pointerId) && seekToPointer(event));
  canvas.addEventListener("keydown", (event) => {
    const target = {
      ArrowLeft: index - 1,
      ArrowRight: index + 1,
      ArrowDown: index - 1,
      ArrowUp: index + 1,
      PageDown: index - 10,
      PageUp: index + 10,
      Home: 0,
      End: times.length - 1,
    }[event.key];
    if (target === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    onSeek(target);
  });

  const resizeObserver = new ResizeObserver(draw);
  resizeObserver.observe(canvas);
  const darkMode = window.matchMedia("(prefers-color-scheme: dark)");
  darkMode.addEventListener("change", draw);
  return Object.assign(chart, {
    setCursor(frame) {
      if (frame !== index) {
        index = frame;
        draw();
      }
    },
    setBands(newBands) {
      bands = newBands;
      draw();
    },
    /** Show an angle; the main one for null or an angle that is not known. */
    showAngle(angle) {
      name = names.includes(angle) ? angle : mainAngle;
      picker.value = name;
      draw();
      announce(messages.chart.name(getAngleTitle(name)));
    },
    close() {
      resizeObserver.disconnect();
      darkMode.removeEventListener("change", draw);
    },
  });
}

function drawBands(context, bands, { x, colour, height }) {
  bands.forEach((band, i) => {
    const [left, right] = [x(band.start_s), x(band.end_s)];
    context.fillStyle = colour(i % 2 ? "--band-b" : "--band-a");
    context.fillRect(left, 0, right - left, height);
    context.fillStyle = colour("--ink");
    context.textAlign = "center";
    const label = [band.title, band.short].find((text) => context.measureText(text).width < right - left - 6);
    if (label) context.fillText(label, (left + right) / 2, BAND_TITLE_HEIGHT_PX / 2 - 2);
  });
}

function drawCursor(context, { x, y, top, bottom, colour }) {
  context.strokeStyle = colour("--ink");
  context.lineWidth = 1.5;
  drawLine(context, [
    [x, top],
    [x, bottom],
  ]);
  if (y === null) return;
  context.beginPath();
  context.arc(x, y, 5, 0, 2 * Math.PI);
  context.fillStyle = colour("--series");
  context.fill();
  context.strokeStyle = colour("--card");
  context.lineWidth = 2;
  context.stroke();
}

function drawLine(context, points) {
  context.beginPath();
  for (const [i, [x, y]] of points.entries()) {
    if (i) context.lineTo(x, y);
    else context.moveTo(x, y);
  }
  context.stroke();
}

/** Split a series into runs of frames where the angle is known. */
function splitAtGaps(values) {
  const runs = [];
  values.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    if (i && Number.isFinite(values[i - 1])) runs.at(-1).push(i);
    else runs.push([i]);
  });
  return runs;
}

/** Compute a scale with round ends and a few ticks. It spans at least 20 degrees, so that noise does not look large. */
export function computeScale(values) {
  const known = values.filter(Number.isFinite);
  let [low, high] = [Math.min(...known), Math.max(...known)];
  if (high - low < 20) [low, high] = [(low + high) / 2 - 10, (low + high) / 2 + 10];
  const step = [10, 20, 30, 45, 60, 90].find((size) => (high - low) / size <= 4) ?? 90;
  low = Math.floor(low / step) * step;
  high = Math.ceil(high / step) * step;
  const ticks = [];
  for (let tick = low; tick <= high; tick += step) ticks.push(tick);
  return { low, high, ticks };
}

function computeTimeTicks(times, width) {
  const length = times.at(-1) - times[0];
  const step = [1, 2, 5, 10, 15, 30, 60, 120].find((size) => (length / size) * 44 <= width - LEFT_PX) ?? 300;
  const ticks = [];
  for (
    let second = Math.ceil(times[0] / step) * step;
    second <= times.at(-1) - step * 0.2 || second === 0;
    second += step
  )
    ticks.push(second);
  return ticks;
}
