import { ActionIcon } from "@mantine/core";
import { IconChartLine, IconTable } from "@tabler/icons-react";
import { lazy, memo, type ReactNode, Suspense, useId, useState } from "react";
import type { Tone } from "../thresholds.ts";
import { Figure } from "../ui/figure.tsx";
import { InfoButton } from "../ui/info-button.tsx";
import { ToneWord } from "../ui/tone-word.tsx";
import type { ChartData } from "./chart-data.ts";
import { ChartTable } from "./chart-table.tsx";
import { describeChart } from "./describe-chart.ts";
import { LineSwatch } from "./line-swatch.tsx";
import { type ChartLimit, highestOf } from "./lines.ts";
import type { ChartStyle } from "./time-chart.tsx";

const TimeChart = lazy(async () => ({ default: (await import("./time-chart.tsx")).TimeChart }));

export interface ChartFrameProps {
  readonly title: string;
  readonly unit: string;
  /** What the figures mean and when to worry, in one to three sentences. */
  readonly explanation: string;
  readonly style: ChartStyle;
  readonly data: ChartData;
  /** The figures of this moment, one for each line, in the lines' order; absent where they stand elsewhere. */
  readonly now?: readonly (number | null)[];
  readonly tone?: Tone;
  /** What the tone means, in a word or two. */
  readonly toneWord?: string;
  /** A short addition to the figures, such as a limit. */
  readonly detail?: ReactNode;
  readonly top?: number | undefined;
  readonly limits?: readonly ChartLimit[] | undefined;
  /** Whether it starts as a table. */
  readonly asTable: boolean;
}

/** A chart with its title, its figures of this moment, what it means, and the same as a table. */
export function ChartFrame(props: ChartFrameProps) {
  const { title, unit, explanation, style, data, now, tone = "calm", toneWord = "", detail, asTable } = props;
  const titleId = useId();
  // Only what differs from the page's choice is kept, so that the switch of the page moves every chart.
  const [chosen, setChosen] = useState<boolean | null>(null);
  const isTable = chosen ?? asTable;
  return (
    <section
      className={`panel chart chart--${style.height} tone-edge tone-edge--${tone}`}
      aria-labelledby={titleId}
    >
      <header className="chart__header">
        <h2 id={titleId} className="chart__title">
          {title} <span className="chart__unit">{unit}</span>
        </h2>
        <span className="chart__buttons">
          <InfoButton subject={title}>{explanation}</InfoButton>
          <ActionIcon
            size={24}
            variant="subtle"
            color="gray"
            aria-label={`${title}: show as ${isTable ? "chart" : "table"}`}
            onClick={() => setChosen(isTable === asTable ? !isTable : null)}
          >
            {isTable ? <IconChartLine size={15} aria-hidden /> : <IconTable size={15} aria-hidden />}
          </ActionIcon>
        </span>
      </header>
      <div className="chart__figures">
        <dl className={style.lines.length === 1 ? "chart__single" : "chart__legend"}>
          {style.lines.map((line, index) => (
            <div key={line.figure}>
              <dt className={style.lines.length === 1 ? "visually-hidden" : undefined}>
                <LineSwatch line={line} />
                {line.label}
              </dt>
              {now === undefined ? null : (
                <dd>
                  <Figure text={style.format(now[index] ?? null)} />
                </dd>
              )}
            </div>
          ))}
        </dl>
        <span className="chart__detail">
          <ToneWord tone={tone} word={toneWord} />
          {tone === "calm" ? detail : null}
        </span>
      </div>
      <div className="chart__plot">
        {isTable ? (
          <ChartTable title={title} unit={unit} data={data} lines={style.lines} format={style.format} />
        ) : (
          <Plot title={title} unit={unit} style={style} data={data} top={props.top} limits={props.limits} />
        )}
      </div>
    </section>
  );
}

type PlotProps = Pick<ChartFrameProps, "title" | "unit" | "style" | "data" | "top" | "limits">;

/** The drawing is one picture to a screen reader, described in words; the table has every figure. */
const Plot = memo(function Plot({ title, unit, style, data, top, limits }: PlotProps) {
  const { lines, format } = style;
  return (
    <div
      role="img"
      className="chart__picture"
      aria-label={describeChart({ title, unit, lines, format }, data.rows, data.marks)}
    >
      <Suspense fallback={null}>
        <TimeChart data={data} style={style} top={top} limits={limits} />
      </Suspense>
      {highestOf(data.rows, lines) === null ? (
        <span className="chart__none">Nothing measured yet</span>
      ) : null}
    </div>
  );
});
