/** Query of a page's address as Next gives it. */
export type SearchParams = Record<string, string | string[] | undefined>;
export type PageWithSearch = { searchParams: Promise<SearchParams> };

export const oneOf = (value: string | string[] | undefined): string | null => (Array.isArray(value) ? value[0] : value) || null;
