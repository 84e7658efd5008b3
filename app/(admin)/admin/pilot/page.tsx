import type { Metadata } from "next";
import { oneOf } from "../../session/search-params.ts";
import type { PageWithSearch } from "../../session/search-params.ts";
import { requireWorld } from "../../session/world.ts";
import { addOrdersAction, changeModeAction, closeBatchAction, makeBatchAction, removeOrderAction, resumeAction, setExitRuleAction, stopAction, tickAction } from "./actions.ts";
import { LiveRefresh } from "@/components/admin/live-refresh.tsx";
import { Empty, PageHead, Panel, Tabs } from "@/components/admin/page-parts.tsx";
import { BatchesCard } from "@/components/admin/pilot/batches-card.tsx";
import { BoardTiles } from "@/components/admin/pilot/board-tiles.tsx";
import { ChecklistCard } from "@/components/admin/pilot/checklist-card.tsx";
import { ExitRuleForm } from "@/components/admin/pilot/exit-rule-form.tsx";
import { ExitCard } from "@/components/admin/pilot/exit-card.tsx";
import { ModeCard } from "@/components/admin/pilot/mode-card.tsx";
import { PilotOrders } from "@/components/admin/pilot/pilot-orders.tsx";
import { ShadowCard } from "@/components/admin/pilot/shadow-card.tsx";
import { StopCard } from "@/components/admin/pilot/stop-card.tsx";
import { can, scopeOf } from "@/lib/auth/permissions.ts";
import { localDate } from "@/lib/kit/time.ts";
import { lastExitChange, listBatches, listModeChanges, listOpenStops, listPilotOrders, listPilotStores, readBoard, readChecklist, readExitNumbers, readExitRule } from "@/lib/pilot/index.ts";
import { readShadow } from "@/lib/rehearsal/index.ts";
import { readSetting } from "@/lib/settings/index.ts";

export const metadata: Metadata = { title: "Пилот" };

export default async function PilotPage({ searchParams }: PageWithSearch) {
  const [{ ctx, staff, viewer, isTest }, query] = await Promise.all([requireWorld(), searchParams]);
  const stores = await listPilotStores(ctx, viewer);
  const store = stores.find((each) => each.storeId === oneOf(query["store"])) ?? stores[0];
  if (!store) {
    return (
      <>
        <PageHead title="Пилот" />
        <Panel>
          <Empty title="Магазина нет">{viewer.storeId ? "Вам не назначен магазин. Попросите директора назначить его." : "Магазин появится вместе с первым подключением."}</Empty>
        </Panel>
      </>
    );
  }
  const of = { storeId: store.storeId, isTest };
  const { sql } = ctx.database;
  const before = oneOf(query["before"]);
  const [changes, stops, board, rule, batches, checklist, orders, maxOrders, shadow, exitNumbers, exitChange] = await Promise.all([
    listModeChanges(ctx, store.storeId), listOpenStops(ctx, viewer), readBoard(ctx, of), readExitRule(ctx, sql, of), listBatches(ctx, of), readChecklist(ctx, of), listPilotOrders(ctx, viewer, of, before),
    readSetting(sql, "pilot.maxOrders"), store.mode === "shadow" ? readShadow(ctx, viewer, of) : null, readExitNumbers(sql), lastExitChange(ctx),
  ]);
  const now = ctx.now();
  const may = { change: can(staff.role, "pilot.change"), tick: can(staff.role, "pilot.tick"), stop: can(staff.role, "payments.stop"), resume: can(staff.role, "payments.resume") };
  const path = (storeId: string) => `/admin/pilot?store=${storeId}`;
  return (
    <>
      <LiveRefresh />
      <PageHead title="Пилот" note={`${store.sellerName}, ${store.name}`} />
      {stores.length > 1 ? <Tabs label="Магазины" current={store.storeId} tabs={stores.map((each) => ({ key: each.storeId, label: each.name, href: path(each.storeId) }))} /> : null}
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <ModeCard store={store} changes={changes} mayChange={may.change} change={changeModeAction} />
        <StopCard store={store} stops={stops} mayStop={may.stop} ownOnly={scopeOf(staff.role, "payments.stop") === "own"} mayResume={may.resume} stop={stopAction} resume={resumeAction} />
      </div>
      <BoardTiles board={board} />
      {shadow ? <ShadowCard rows={shadow.rows} counts={shadow.counts} /> : null}
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <ExitCard storeId={store.storeId} rule={rule} mayChange={may.change} isPilot={store.mode === "pilot"} change={changeModeAction}>
          <ExitRuleForm numbers={exitNumbers} change={exitChange} mayChange={may.change} save={setExitRuleAction} />
        </ExitCard>
        <ChecklistCard storeId={store.storeId} rows={checklist} mayTick={may.tick} tick={tickAction} />
      </div>
      <BatchesCard
        storeId={store.storeId} batches={batches} now={now} zone={ctx.zone} maxOrders={maxOrders} isPilot={store.mode === "pilot"} mayChange={may.change}
        make={makeBatchAction} add={addOrdersAction} remove={removeOrderAction} close={closeBatchAction}
      />
      <PilotOrders rows={orders.rows} today={localDate(now, ctx.zone)} nextHref={orders.next ? `${path(store.storeId)}&before=${orders.next}#orders` : null} />
    </>
  );
}
