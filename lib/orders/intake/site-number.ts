/** Numbers of orders that were born on the site, as an exchange file gives them to 1C (commerceml.md 7, point 3). Pure. */

/** Width of the column by which УТ 11.5 finds an order: a longer number is never found again. */
const WIDTH = 11;

/** The order's own number, or a short one of ours in place of a longer one; the order comes back under it. */
export const siteNumber = ({ no, number }: { no: bigint; number: string }): string => (number.length <= WIDTH ? number : `K-${no}`);

/** Our counter in such a short number; null: it is none. */
export const noInSiteNumber = (number: string): string | null => /^K-([1-9]\d{0,8})$/.exec(number)?.[1] ?? null;
