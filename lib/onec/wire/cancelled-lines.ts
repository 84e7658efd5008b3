/**
 * CML-18: lines that a manager cancelled stay in the file unmarked while the total leaves them out. Finds the one or two
 * lines whose sums make up the excess; null unless exactly one choice does. Two equal candidates are two choices: a guess
 * about goods is worse than a question to a person.
 */
export function leaveOutCancelled<Line extends { sumKopecks: bigint }>(lines: readonly Line[], excessKopecks: bigint): Line[] | null {
  if (excessKopecks <= 0n) return null;
  // Free lines would turn every answer into several; at least one paid line must remain.
  const paid = lines.filter((line) => line.sumKopecks > 0n);
  const choices: Line[][] = [];

  const earlier = new Map<bigint, Line[]>();
  for (const line of paid) {
    if (line.sumKopecks === excessKopecks) choices.push([line]);
    for (const other of (earlier.get(excessKopecks - line.sumKopecks) ?? []).slice(0, 2)) choices.push([other, line]);
    if (choices.length > 1) return null;
    earlier.set(line.sumKopecks, [...(earlier.get(line.sumKopecks) ?? []).slice(0, 1), line]);
  }
  const only = choices[0];
  return only && only.length < paid.length ? only : null;
}
