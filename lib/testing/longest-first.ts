import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";

const isLong = ({ moduleId }: TestSpecification): number => (moduleId.includes("/simulator/") ? 0 : 1);

/** The lives of the simulator take as long as half of the rest: begun last, they would run alone on one of two processors. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => isLong(a) - isLong(b));
  }
}
