/** The batch would have to take its locks out of their order (decision 0023): nothing is wrong with its documents, it is taken again. */
export class GaveWay extends Error {}
