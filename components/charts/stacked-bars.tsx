import { layOut } from "./bar-geometry.ts";
import type { BarInput } from "./bar-geometry.ts";

type Props = {
  bars: readonly BarInput[];
  /** Text under each bar; null leaves it out where bars stand close. */
  labels: readonly (string | null)[];
  colors: Record<string, string>;
  /** Text of a line's sum. */
  lineLabel: (value: bigint) => string;
  /** Written above the last bar. */
  lastLabel: string | null;
  width: number;
  height: number;
};

/** Room for the sums of the lines. */
export const PLOT_LEFT = 44;
/** Half of the widest label: one that would leave the picture ends at its edge instead. */
const LABEL_HALF = 26;

/** Stacked bars as plain SVG from the server. The numbers stand in the table twin: readers of screens get that one. */
export function StackedBars({ bars, labels, colors, lineLabel, lastLabel, width, height }: Props) {
  const { lines, bars: drawn, baseline, plotLeft } = layOut(bars, { width, height, left: PLOT_LEFT, top: 24, bottom: 30 });
  const last = drawn.at(-1);
  return (
    <svg viewBox={`0 0 ${width} ${height}`} width="100%" aria-hidden="true" className="num block text-[12px]">
      {lines.map((line) => (
        <g key={line.y}>
          <line x1={plotLeft} x2={width} y1={line.y} y2={line.y} className="stroke-border" />
          <text x={plotLeft - 8} y={line.y + 4} textAnchor="end" className="fill-muted-foreground">
            {lineLabel(line.value)}
          </text>
        </g>
      ))}
      {drawn.map((bar) =>
        bar.rects.map((rect) => <rect key={`${bar.key}-${rect.key}`} x={rect.x} y={rect.y} width={rect.width} height={rect.height} rx={Math.min(2, rect.height / 2)} className={colors[rect.key]} />),
      )}
      {drawn.map((bar, i) =>
        labels[i] === null ? null : (
          <text key={bar.key} x={bar.centre + LABEL_HALF > width ? width : bar.centre} y={baseline + 20} textAnchor={bar.centre + LABEL_HALF > width ? "end" : "middle"} className="fill-muted-foreground">
            {labels[i]}
          </text>
        ),
      )}
      {last && lastLabel !== null ? (
        <text x={last.centre} y={last.top - 8} textAnchor="middle" className="fill-foreground font-medium">
          {lastLabel}
        </text>
      ) : null}
    </svg>
  );
}
