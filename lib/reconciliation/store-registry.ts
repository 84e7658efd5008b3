import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import type { Tx } from "@/db/index.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import { actorText } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { storableText } from "@/lib/kit/storable-text.ts";
import type { RegistryLine, RegistryOperation, RegistryProblem } from "./registry-file/index.ts";

export type TakenRegistry = { registryId: string; lineCount: number; newCount: number; knownCount: number; problemCount: number; dayFrom: string; dayTo: string };
/** `days`: the period that was asked for; null = the days of the lines themselves. */
export type RegistrySource = { source: "api" | "file"; fileName: string | null; fileSha256: string | null; days: { from: string; to: string } | null };

const PROBLEMS_KEPT_MAX = 10_000;

/**
 * Stores one delivery of an acquirer's registry in the caller's transaction: all of it or, when a line cannot even be read, nothing.
 * What an earlier delivery brought is known and adds nothing; what repeats inside this one is set aside. Null when it holds no
 * operation and no period. Each operation's key holds its sum, payout and whether a fee is named, so that a later delivery that
 * says more (fees, payouts) stands beside the first and never changes it.
 */
export async function storeRegistry(ctx: Ctx, tx: Tx, connection: OpenConnection, about: RegistrySource, lines: AsyncIterable<NonNullable<RegistryLine>> | Iterable<NonNullable<RegistryLine>>): Promise<TakenRegistry | null> {
  // One delivery of a connection at a time: the counts below are exact.
  await tx`select pg_advisory_xact_lock(72055, hashtext(${connection.id}))`;
  await tx`
    create temp table incoming (line_no int not null, kind text not null, payment_id text not null, operation_id text, reference text, amount bigint not null, fee bigint, fee_vat bigint,
      occurred_at timestamptz not null, business_date date not null, payout_id text, payout_date date, instrument text, raw text) on commit drop`;
  const problems: RegistryProblem[] = [];
  let [lineCount, problemCount] = [0, 0];
  const target = await tx`copy incoming from stdin`.writable();
  await pipeline(
    Readable.from(
      (async function* () {
        for await (const { operation, problem } of lines) {
          lineCount += 1;
          if (operation) yield copyLine(operation);
          else if (++problemCount <= PROBLEMS_KEPT_MAX) problems.push(problem);
        }
      })(),
    ),
    target,
  );
  await tx`create index on incoming (payment_id)`;
  await tx`analyze incoming`;
  const repeated = await setRepeatedAside(tx);
  problemCount += repeated.length;
  problems.push(...repeated.slice(0, PROBLEMS_KEPT_MAX));
  const closed = await linesOfClosedDays(tx, connection);
  problemCount += closed.length;
  problems.push(...closed.slice(0, PROBLEMS_KEPT_MAX));
  const [span] = await tx<{ dayFrom: string | null; dayTo: string | null }[]>`select min(business_date)::text as day_from, max(business_date)::text as day_to from incoming`;
  const [dayFrom, dayTo] = [about.days?.from ?? span!.dayFrom, about.days?.to ?? span!.dayTo];
  if (dayFrom === null || dayTo === null) return null;
  const registryId = newId();
  const [known] = await tx<{ count: number }[]>`
    select count(*)::int as count from incoming i join registry_entries e on e.connection_id = ${connection.id} and e.kind = i.kind and e.entry_key = ${entryKey(tx)}`;
  const [total] = await tx<{ count: number }[]>`select count(*)::int as count from incoming`;
  const newCount = total!.count - known!.count;
  await tx`
    insert into registries (id, connection_id, source, file_name, file_sha256, day_from, day_to, line_count, new_count, known_count, problem_count, received_by, received_at, is_test)
    values (${registryId}, ${connection.id}, ${about.source}, ${about.fileName}, ${about.fileSha256}, ${dayFrom}, ${dayTo}, ${lineCount}, ${newCount}, ${known!.count}, ${problemCount},
      ${actorText(ctx.actor)}, ${ctx.now()}, ${connection.environment === "test"})`;
  await tx`
    insert into registry_entries (id, registry_id, connection_id, line_no, kind, entry_key, provider_payment_id, provider_operation_id, reference, amount_kopecks, fee_kopecks, fee_vat_kopecks,
      occurred_at, business_date, payout_id, payout_date, instrument, raw, is_test)
    select gen_random_uuid(), ${registryId}::uuid, ${connection.id}::uuid, i.line_no, i.kind, ${entryKey(tx)}, i.payment_id, i.operation_id, i.reference, i.amount, i.fee, i.fee_vat,
           i.occurred_at, i.business_date, i.payout_id, i.payout_date, i.instrument, to_jsonb(i.raw), ${connection.environment === "test"}
      from incoming i on conflict (connection_id, kind, entry_key) do nothing`;
  const kept = problems.slice(0, PROBLEMS_KEPT_MAX).map((problem) => ({ line_no: problem.lineNo, code: problem.code, text: storableText(problem.text), raw: storableText(problem.raw) }));
  await tx`
    insert into registry_problems (registry_id, line_no, code, text, raw)
    select ${registryId}::uuid, p.line_no, p.code, p.text, p.raw from jsonb_to_recordset(${JSON.stringify(kept)}::text::jsonb) as p(line_no int, code text, text text, raw text)`;
  await ctx.announce(ctx, tx, { type: "registry.stored", registryId });
  return { registryId, lineCount, newCount, knownCount: known!.count, problemCount, dayFrom, dayTo };
}

const entryKey = (tx: Tx) => tx`coalesce(i.operation_id, i.payment_id) || '|' || i.amount || '|' || coalesce(i.payout_id, case when i.fee is null then '' else 'fee' end)`;

/** The first line of an operation counts. An equal one is noise; one with another sum is a question for a person. */
async function setRepeatedAside(tx: Tx): Promise<RegistryProblem[]> {
  return tx<RegistryProblem[]>`
    with ranked as (
      select ctid as row_at, line_no, first_value(line_no) over w as first_line, first_value(amount) over w as first_amount, amount, fee, payout_id,
             first_value(fee) over w as first_fee, first_value(payout_id) over w as first_payout, row_number() over w as no,
             coalesce(operation_id, payment_id) as name, raw
        from incoming window w as (partition by kind, payment_id, coalesce(operation_id, '') order by line_no)),
    -- Paid out twice is no noise: both lines stay and the difference is shown.
    bad as (select * from ranked where no > 1 and (amount <> first_amount or payout_id is not distinct from first_payout)),
    gone as (delete from incoming using bad where incoming.ctid = bad.row_at)
    select line_no, case when amount = first_amount then 'DUPLICATE_IDENTICAL' else 'DUPLICATE_OTHER_SUM' end as code,
           case when amount = first_amount then 'Операция ' || left(name, 60) || ' уже есть в строке ' || first_line || ': вторая не учтена'
                else 'Операция ' || left(name, 60) || ' стоит в строке ' || first_line || ' с другой суммой' end as text, left(coalesce(raw, ''), 1000) as raw
      from bad order by line_no`;
}

/** REC-10: what is new of a closed day is kept as evidence and shown; the figures of the day do not change. */
async function linesOfClosedDays(tx: Tx, connection: OpenConnection): Promise<RegistryProblem[]> {
  return tx<RegistryProblem[]>`
    select i.line_no, 'CLOSED_DAY' as code, 'День ' || to_char(i.business_date, 'DD.MM.YYYY') || ' закрыт: строка сохранена и показана как расхождение' as text, left(coalesce(i.raw, ''), 1000) as raw
      from incoming i join closed_days c on c.day = i.business_date and c.is_test = ${connection.environment === "test"} and c.reopened_at is null
     where not exists (select 1 from registry_entries e where e.connection_id = ${connection.id} and e.kind = i.kind and e.entry_key = ${entryKey(tx)}) order by i.line_no`;
}

/** One row of COPY's text format. */
function copyLine(line: RegistryOperation): string {
  const cells = [
    String(line.lineNo), line.kind, line.providerPaymentId, line.providerOperationId, line.reference, line.amountKopecks.toString(), line.feeKopecks?.toString() ?? null, line.feeVatKopecks?.toString() ?? null,
    line.occurredAt.toISOString(), line.businessDate, line.payoutId, line.payoutDate, line.instrument, line.raw,
  ];
  return `${cells.map((cell) => (cell === null ? "\\N" : storableText(cell).replace(/[\\\n\r\t]/g, escaped))).join("\t")}\n`;
}

const escapes: Record<string, string> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const escaped = (sign: string): string => escapes[sign]!;
