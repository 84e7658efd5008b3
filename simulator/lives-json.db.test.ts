/** 1 800 orders on fixed seeds in a world of faults; money goes back to 1C by JSON (odd seeds). */
import { liveThrough } from "./live-through.ts";

liveThrough([11, 13, 15]);
