import type { World } from "../core/world.ts";
import { orangeApi, statusBody, type Orange } from "./api.ts";
import { postCallback } from "./callback.ts";
import { createKkt } from "./register.ts";
import type { OrangeState, StoredDocument } from "./state.ts";
import type { Call } from "../core/http.ts";

export type OrangeSide = Orange & {
  answer(call: Call, path: string, trusted: boolean): Promise<void>;
  touch(): void;
  /** Forgets documents; registers keep counting, as real ones do. */
  forget(): void;
};

/** Orange Data: API, queue, registers and callbacks over one state. */
export function createOrange(world: World, state: OrangeState, touch: () => void): OrangeSide {
  const kkt = createKkt(world, state, touch, (d) => void afterDone(d));
  const side: OrangeSide = {
    world,
    state,
    kkt,
    sendCallback: (d) => (d.callbackUrl ? postCallback(world, d.callbackUrl, statusBody(side, d)) : Promise.resolve()),
    answer: (call, path, trusted) => orangeApi(side, call, path, trusted),
    touch,
    forget() {
      for (const key of Object.keys(state.documents)) delete state.documents[key];
      for (const cash of Object.values(state.registers)) cash.freeAt = 0;
      touch();
    },
  };
  async function afterDone(d: StoredDocument): Promise<void> {
    if (!d.callbackUrl || world.faults.take("orange", "callback_never")) return;
    await side.sendCallback(d);
    if (world.faults.take("orange", "callback_twice")) await side.sendCallback(d);
  }
  return side;
}
