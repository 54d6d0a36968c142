/** Icons, as strokes on a 24 by 24 grid. */

import { svg } from "./dom.js";

const SHAPES = {
  film: ["M3 7.5a2 2 0 0 1 2-2h9a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z", "M16 10.5 21 7v10l-5-3.5"],
  folder: [
    "M3 6.5a1.5 1.5 0 0 1 1.5-1.5H9l2 2.5h8.5A1.5 1.5 0 0 1 21 9v8.5a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5z",
  ],
  add: ["M12 4v16", "M4 12h16"],
  clips: ["M4 5h16v14H4z", "M10 9.2v5.6l4.8-2.8z"],
  people: [
    "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z",
    "M2.8 20a6.2 6.2 0 0 1 12.4 0",
    "M16 5a3.3 3.3 0 0 1 0 6.3",
    "M17.5 14.4A6 6 0 0 1 21.2 20",
  ],
  batch: ["M4 8h16v11H4z", "M6 5h12", "M8 2.5h8"],
  me: ["M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M4.5 20.5a7.5 7.5 0 0 1 15 0"],
  down: ["M6 9l6 6 6-6"],
  back: ["M14.5 5 7.5 12l7 7"],
  close: ["M6 6l12 12", "M18 6 6 18"],
  play: ["M8 5.2v13.6L19 12z"],
  pause: ["M8 5v14", "M16 5v14"],
  stepBack: ["M17 6v12l-8-6z", "M6 6v12"],
  stepForward: ["M7 6v12l8-6z", "M18 6v12"],
  share: ["M12 15V4", "M8 7.500 12 3.500l4 4", "M5 12v7.500h14V12"],
  compare: ["M4 5h7v14H4z", "M13 5h7v14h-7z"],
  report: ["M6 3h8l4 4v14H6z", "M9 12h6", "M9 16h6"],
  change: ["M4.500 19.500l1-4.500L16.500 4l3.500 3.500L9 18.500z", "M14 6.500l3.500 3.500"],
  bin: ["M5 7h14", "M9 7V4h6v3", "M7 7l1 13h8l1-13"],
  download: ["M12 4v11", "M8 11.500l4 4 4-4", "M5 20h14"],
  check: ["M5 12.500l4.500 4.500L19 7.500"],
  easier: ["M12 4.500v14", "M6 12.500l6 6 6-6"],
  steps: [
    "M4 6.500l1.500 1.500L8 5",
    "M11.500 7H20",
    "M4 12.500l1.500 1.500L8 11",
    "M11.500 13H20",
    "M4.500 19H7",
    "M11.500 19H20",
  ],
  print: ["M7 9V4h10v5", "M7 17H4V9h16v8h-3", "M7 14h10v6H7z"],
  ask: ["M8.500 9a3.500 3.500 0 1 1 5 3.200c-1 .500-1.500 1.100-1.500 2.300", "M12 18.200v.100"],
};

/** Create an icon. It is decoration only: its meaning is in the text beside it or in the button's label. */
export function icon(name, className = "icon") {
  return svg(
    "svg",
    { class: className, viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
    SHAPES[name].map((d) => svg("path", { d })),
  );
}
