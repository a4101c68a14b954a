/** Colours that go together: the ground first, then what stands on it. */
export type Palette = readonly [string, string, string, string];

export const palettes: readonly Palette[] = [
  ["#14213d", "#fca311", "#e5e5e5", "#3d5a99"],
  ["#0b3d2e", "#f2c14e", "#f78154", "#5fad56"],
  ["#5f0f40", "#fb8b24", "#e36414", "#f7d6bf"],
  ["#f4d35e", "#0d3b66", "#ee964b", "#f95738"],
  ["#22223b", "#c9ada7", "#f2e9e4", "#9a5b6d"],
  ["#f25f5c", "#247ba0", "#ffe066", "#50314b"],
  ["#023047", "#219ebc", "#ffb703", "#fb8500"],
  ["#e9d8a6", "#005f73", "#ae2012", "#ee9b00"],
  ["#2d1e2f", "#f7b32b", "#a9e5bb", "#f72c25"],
  ["#cdd7d6", "#1b4965", "#e4572e", "#f3a712"],
  ["#3a0ca3", "#f72585", "#4cc9f0", "#fefae0"],
  ["#161616", "#ff5d3b", "#f4efe6", "#3f7cac"],
];
