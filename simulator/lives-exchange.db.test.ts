/** 1 200 orders on fixed seeds in a world of faults; money goes back to 1C by the stock exchange (even seeds). */
import { liveThrough } from "./live-through.ts";

liveThrough([12, 14]);
