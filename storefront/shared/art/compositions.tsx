import type { ReactNode } from "react";
import type { Palette } from "./palettes.ts";

/** Draws on a ground of 400 by 300. @param random gives numbers from 0 to below 1 */
type Composition = (palette: Palette, random: () => number) => ReactNode;

const width = 400;
const height = 300;

const pick = (palette: Palette, random: () => number): string =>
  palette[1 + Math.floor(random() * 3)] ?? palette[1];
const count = (length: number): number[] => Array.from({ length }, (_each, index) => index);

function drawRings(palette: Palette, random: () => number): ReactNode {
  const [x, y] = [random() < 0.5 ? 60 + random() * 60 : 280 + random() * 60, 90 + random() * 150];
  const gap = 26 + random() * 16;
  return count(9)
    .reverse()
    .map((index) => <circle key={index} cx={x} cy={y} r={gap * (index + 1)} fill={palette[index % 4]} />);
}

function drawTiles(palette: Palette, random: () => number): ReactNode {
  const side = 100;
  const quarters = [
    "M0 0h100a100 100 0 0 1-100 100z",
    "M100 0v100a100 100 0 0 1-100-100z",
    "M100 100h-100a100 100 0 0 1 100-100z",
    "M0 100v-100a100 100 0 0 1 100 100z",
    "M50 0a50 50 0 1 0 0 100a50 50 0 1 0 0-100z",
    "M0 0h100L0 100z",
  ];
  return count(12).map((index) => {
    const [x, y] = [(index % 4) * side, Math.floor(index / 4) * side];
    return (
      <g key={index} transform={`translate(${x} ${y})`}>
        <rect width={side} height={side} fill={random() < 0.35 ? pick(palette, random) : palette[0]} />
        <path d={quarters[Math.floor(random() * quarters.length)]} fill={pick(palette, random)} />
      </g>
    );
  });
}

function drawBars(palette: Palette, random: () => number): ReactNode {
  const bars = 9 + Math.floor(random() * 4);
  const step = width / bars;
  return count(bars).map((index) => {
    const tall = 60 + random() * 210;
    return (
      <rect
        key={index}
        x={index * step + step * 0.14}
        y={height - tall}
        width={step * 0.72}
        height={tall + step}
        rx={step * 0.36}
        fill={pick(palette, random)}
      />
    );
  });
}

function drawWaves(palette: Palette, random: () => number): ReactNode {
  return count(5).map((index) => {
    const top = 60 + index * 48 + random() * 14;
    const [first, second] = [20 + random() * 60, 20 + random() * 60];
    const line = `M-10 ${top}C90 ${top - first * 1.6} 150 ${top + second * 1.6} 230 ${top}S350 ${top - first} 420 ${top}V310H-10z`;
    return <path key={index} d={line} fill={palette[1 + ((index + 2) % 3)]} opacity={0.55 + index * 0.1} />;
  });
}

function drawSun(palette: Palette, random: () => number): ReactNode {
  const [x, y] = [120 + random() * 160, 150 + random() * 110];
  const rays = 14;
  return (
    <>
      {count(rays).map((index) => {
        const [from, to] = [(index * 2 * Math.PI) / rays, ((index + 0.5) * 2 * Math.PI) / rays];
        const corner = (angle: number) => `${x + 520 * Math.cos(angle)} ${y + 520 * Math.sin(angle)}`;
        return <path key={index} d={`M${x} ${y}L${corner(from)}L${corner(to)}z`} fill={palette[3]} />;
      })}
      <circle cx={x} cy={y} r={74 + random() * 30} fill={palette[1]} />
      <circle cx={x} cy={y} r={34 + random() * 14} fill={palette[2]} />
    </>
  );
}

function drawOrbs(palette: Palette, random: () => number): ReactNode {
  return (
    <>
      <circle cx={110 + random() * 50} cy={120 + random() * 50} r={92 + random() * 24} fill={palette[1]} />
      <circle
        cx={250 + random() * 50}
        cy={150 + random() * 60}
        r={84 + random() * 30}
        fill={palette[2]}
        opacity="0.85"
      />
      <rect x={-20} y={214 + random() * 30} width={440} height={26 + random() * 30} fill={palette[3]} />
    </>
  );
}

export const compositions: readonly Composition[] = [
  drawRings,
  drawTiles,
  drawBars,
  drawWaves,
  drawSun,
  drawOrbs,
];
